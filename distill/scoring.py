"""What every row adds to the score of one model, head by head.

Rows go through the very functions that a visitor's text goes through (`explain.heads`), in batches.
Only paragraphs to be masked at random do not: 15 % of their word pieces are masked at once, where
the fill-mask head wants exactly one mask.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from distill.labelled import Line, row_of
from distill.sources import Row
from explain import encoding
from explain.evaluation.metrics import answer_f1, entities, exact_match
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import Loaded
from explain.records import InputError

LONGEST_PARAGRAPH = 128  # word pieces with special tokens; the rest is not read
MASKED_SHARE = 0.15
TOP = 5


@dataclass(frozen=True, slots=True)
class RowScore:
    """What one row adds to the score of one model."""

    tally: tuple[float, ...]  # parallel to metrics.COLUMNS of the head
    calls: tuple[tuple[float, bool], ...] = ()  # (probability of what was answered, right)


def score_lines(lines: Sequence[Line], head: str, loaded: Loaded) -> list[RowScore]:
    """One score a line; a row that the model cannot read is named by file and line."""
    rows = [row_of(line, head) for line in lines]
    try:
        return SCORE[head](rows, loaded)
    except InputError:
        for line, row in zip(lines, rows, strict=True):
            try:
                SCORE[head]([row], loaded)
            except InputError as error:
                raise InputError(f"{line}: {error}") from error
        raise


def score_sentiment(rows: list[Row], loaded: Loaded) -> list[RowScore]:
    """Tally: row, right, loss."""
    names = [sentiment.LABELS[row["label"]] for row in rows]
    results = sentiment.classify([row["text"] for row in rows], loaded, names)
    scores = []
    for result, name in zip(results, names, strict=True):
        right, loss = result.label == name, result.loss
        assert loss is not None
        scores.append(RowScore((1, right, loss), ((max(result.probabilities), right),)))
    return scores


def score_ner(rows: list[Row], loaded: Loaded) -> list[RowScore]:
    """Tally: entities found, predicted, named; words, loss. A call is one word's tag."""
    tags = [row["tags"] for row in rows]
    scores = []
    for result, given in zip(
        ner.tag_words([row["tokens"] for row in rows], loaded, tags), tags, strict=True
    ):
        assert result.loss is not None
        predicted, named = entities([word.tag for word in result.words]), entities(given)
        tally = len(predicted & named), len(predicted), len(named), len(given)
        calls = tuple(
            (word.probability, word.tag == tag)
            for word, tag in zip(result.words, given, strict=True)
        )
        scores.append(RowScore((*tally, result.loss * len(given)), calls))
    return scores


def score_multiple_choice(rows: list[Row], loaded: Loaded) -> list[RowScore]:
    """Tally: row, right, chance of a blind guess, loss."""
    prompts = [" ".join(part for part in (r["context"], r["question"]) if part) for r in rows]
    labels = [row["label"] for row in rows]
    results = multiple_choice.choose(prompts, [row["choices"] for row in rows], loaded, labels)
    scores = []
    for result, label in zip(results, labels, strict=True):
        right, loss = result.best == label, result.loss
        assert loss is not None
        tally = 1, right, 1 / len(result.choices), loss
        scores.append(RowScore(tally, ((max(result.probabilities), right),)))
    return scores


def score_question_answering(rows: list[Row], loaded: Loaded) -> list[RowScore]:
    """Tally: row, exact match, F1."""
    results = question_answering.answer(
        [row["question"] for row in rows], [row["context"] for row in rows], loaded, top=1
    )
    scores = []
    for result, row in zip(results, rows, strict=True):
        best, wanted = result.spans[0].text, row["answers"]["text"]
        scores.append(RowScore((1, exact_match(best, wanted), answer_f1(best, wanted))))
    return scores


def score_fill_mask(rows: list[Row], loaded: Loaded) -> list[RowScore]:
    """Tally: masks, right first, right among five, loss. A word of several pieces has no rank."""
    named = [row for row in rows if "answer" in row]
    plain = [row["text"] for row in rows if "answer" not in row]
    answered = iter(_score_answers(named, loaded) if named else [])
    masked = iter(_score_paragraphs(plain, loaded) if plain else [])
    return [next(answered if "answer" in row else masked) for row in rows]


def _score_answers(rows: list[Row], loaded: Loaded) -> list[RowScore]:
    texts, answers = [row["text"] for row in rows], [row["answer"] for row in rows]
    scores = []
    for result in fill_mask.fill(texts, loaded, top=1, answer=answers):
        assert result.answer is not None
        rank = result.answer.rank or TOP + 1
        scores.append(RowScore((1, rank == 1, rank <= TOP, result.answer.loss)))
    return scores


def _score_paragraphs(texts: list[str], loaded: Loaded) -> list[RowScore]:
    masked = [masked_paragraph(text, loaded) for text in texts]
    rows = [
        replace(encoding.row(loaded, ids), masks=tuple(place + 1 for place in hidden))
        for ids, hidden in masked
    ]
    wanted = {
        row: torch.tensor([*hidden.values()]) for row, (_, hidden) in zip(rows, masked, strict=True)
    }

    def score(
        loaded: Loaded, inputs: encoding.Inputs, rows: Sequence[encoding.Row]
    ) -> list[torch.Tensor]:
        found = fill_mask.forward(loaded, inputs, rows)
        return [_facts(logits, wanted[row]) for row, logits in zip(rows, found, strict=True)]

    return [RowScore(tuple(tally.tolist())) for tally in encoding.run(loaded, rows, score)[0]]


def _facts(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    right = logits.gather(1, wanted[:, None])
    loss = logits.logsumexp(-1) - right[:, 0]
    above = (logits > right).sum(-1)
    return torch.stack([torch.ones_like(loss), above < 1, above < TOP, loss], 1).sum(0)


def masked_paragraph(text: str, loaded: Loaded) -> tuple[list[int], dict[int, int]]:
    """The first pieces of a text, 15 % of them masked, and the masked pieces by position.

    What is masked depends on the text alone, so every model of one vocabulary sees the same.
    """
    encoding.require_text(text)
    ids = list(encoding.pieces(loaded, text).ids[: LONGEST_PARAGRAPH - 2])
    count = max(1, round(MASKED_SHARE * len(ids)))
    chosen = sorted(random.Random(text).sample(range(len(ids)), count))
    hidden = {position: ids[position] for position in chosen}
    for position in chosen:
        ids[position] = loaded.tokenizer.mask_token_id
    return ids, hidden


SCORE: dict[str, Callable[[list[Row], Loaded], list[RowScore]]] = {
    "fill_mask": score_fill_mask,
    "sentiment": score_sentiment,
    "ner": score_ner,
    "multiple_choice": score_multiple_choice,
    "question_answering": score_question_answering,
}
