"""Technical terms of the page, each with an explanation that is shown on hover, focus or press."""

from __future__ import annotations

import re

TERMS = {
    "logit": (
        "The number that a model computes for each possible answer before softmax turns all of "
        "them into probabilities. One logit more makes an answer 2.7 times as likely, compared "
        "with each of the others."
    ),
    "nats": (
        "The unit of a loss that is taken with the natural logarithm. 0.69 nats stand for a "
        "probability of one half, 2.30 nats for one tenth."
    ),
    "loss": (
        "How unexpected the right answer is to the model: minus the logarithm of its probability. "
        "0 is certainty; lower is better."
    ),
    "KL": (
        "The Kullback–Leibler divergence, how far the student’s probabilities q are from the "
        "teacher’s p: the sum of p · log(p / q) over all outcomes. 0 if they are the same."
    ),
    "cosine": (
        "Of the angle between two vectors: 1 for the same direction, 0 at a right angle, −1 for "
        "opposite directions."
    ),
    "F1": (
        "The harmonic mean of precision (the share of what was found that is right) and recall "
        "(the share of what is right that was found)."
    ),
    "GLUE": (
        "A benchmark of nine English tasks on sentences and pairs of sentences (Wang et al., "
        "2018). Its score is the mean over the tasks."
    ),
    "integrated gradients": (
        "The gradient of the explained logit, averaged on the way from a text whose words are all "
        "replaced to the text itself, times the distance: what each word adds (Sundararajan et "
        "al., 2017)."
    ),
    "completeness": (
        "The scores of all words add up to the logit of the text minus the logit of the text with "
        "every word replaced. Nothing is left over."
    ),
    "comprehensiveness": (
        "How far the explained number falls, on average, as the words with the highest scores are "
        "replaced first: 0 for the worst order that a search found, 1 for the best. Higher is "
        "better."
    ),
    "sufficiency": (
        "How far the explained number falls short, on average, as the words with the highest "
        "scores are kept to the last, on the same scale of 0 to 1. Lower is better."
    ),
    "agreement with leaving out": (
        "Kendall’s tau, −1 to 1, between the scores and how far the explained number falls when "
        "each word alone is replaced. 1: both rank the words alike."
    ),
    "rank correlation": (
        "Spearman’s: 1 if both rank the words alike, 0 if their orders have nothing in common, −1 "
        "if one order is the reverse of the other."
    ),
}

_FORMS = {"logit": "logits?", "loss": "loss(?:es)?"}  # how else a term is written
_PATTERN = re.compile(
    "|".join(
        ["“[^”]*”", "`[^`]*`", r"\]\([^)]*\)"]  # what is quoted, code, addresses: as they are
        + [
            rf"(?P<{name.replace(' ', '_')}>\b{_FORMS.get(name, name)}\b)"
            for name in ("logit", "nats", "loss", "KL", "cosine", "F1", "GLUE",
                         "integrated gradients", "completeness")
        ]
    ),
    re.IGNORECASE,
)  # fmt: skip


def parts(text: str, seen: list[str]) -> list[tuple[str, str]]:
    """A sentence or heading of the page in parts, each with the term it is; "" for plain words.

    Only the first mention of a term counts: those in `seen` are plain, and new ones are added.
    """
    found: list[tuple[str, str]] = []
    end = 0
    for match in _PATTERN.finditer(text):
        name = (match.lastgroup or "").replace("_", " ")
        if name and name not in seen:
            seen.append(name)
            found += [(text[end : match.start()], ""), (match.group(), name)]
            end = match.end()
    return [part for part in (*found, (text[end:], "")) if part[0]]
