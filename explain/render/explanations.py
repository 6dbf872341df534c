"""How far answers and their explanations agree over a set, as HTML."""

from __future__ import annotations

from explain.evaluation.items import EvaluationSet
from explain.evaluation.reasons import ExplanationSummary
from explain.evaluation.tables import Share
from explain.heads.registry import HEADS
from explain.render.formats import percent, signed
from explain.render.notices import announcement
from explain.render.templates import draw

FEW = 5  # items of a group below which no sentence is written about it


def headline(summary: ExplanationSummary, data: EvaluationSet) -> str:
    """Both shares in one sentence, or how far the explanations have come."""
    items = HEADS[data.head].items
    if summary.done < summary.total:
        text = f"{summary.done} of {summary.total} {items} of {data.name}"
        return announcement("Explaining …", text, summary.done / summary.total, "rx-running")
    if not summary.total:
        return announcement("Nothing to explain", "No item has a name in it.", 0.0, "rx-done")
    same_word = summary.everything.same_word.value
    return announcement(
        f"Same answer {percent(summary.same_answer.value)}, same main word {percent(same_word)}",
        f"of {summary.done} {items}. {_by_answer(summary)}",
        0.0,
        "rx-done",
    )


def shares(summary: ExplanationSummary, data: EvaluationSet) -> str:
    """Agreement of answers and of main words on one scale, with intervals and chance levels."""
    if not summary.done:
        return ""
    reasons = summary.everything
    rows: list[tuple[str, Share, float | None]] = [
        ("same answer", summary.same_answer, None),
        ("same main word", reasons.same_word, reasons.chance_level),
    ]
    for name, group in (
        ("… answers agree", summary.when_same),
        ("… answers differ", summary.when_other),
    ):
        if group.count:
            rows.append((name, group.same_word, group.chance_level))
    count = summary.left_out
    left_out = f"{count} left out: without a name, or not to be read." if count else ""
    parts = (
        "The main word is the one that contributes most to the explained logits; each model "
        "explains its own answer. ┊ is the chance level. Of the three highest-scoring words "
        f"{percent(reasons.shared)} are in common (chance level "
        f"{percent(reasons.shared_chance_level)}); rank correlation of all words "
        f"{signed(reasons.spearman)} on average.",
        data.origin,
        left_out,
        "Computed now; 0 to 100 %, with Wilson’s intervals of 95 %.",
    )
    return draw("accuracy.html", "shares", rows, " ".join(part for part in parts if part))


def _by_answer(summary: ExplanationSummary) -> str:
    same, other = summary.when_same, summary.when_other
    if min(same.count, other.count) < FEW:
        return ""
    return (
        f"Where the answers are the same, so is the main word in {percent(same.same_word.value)}; "
        f"where they differ, in {percent(other.same_word.value)}."
    )
