"""Verdicts: every text gets the teacher's two probabilities; its own decision is the hard label."""

from __future__ import annotations

import random
from collections.abc import Sequence

from distill.batches import Example
from explain.distillation.records import Outcomes
from explain.evaluation.items import LabelledRow
from explain.heads.sentiment import classify, encode
from explain.models import Loaded

SCORE = "accuracy"
HARD = "L_hard, against the teacher’s decisions"
FILES = ("opinions",)
WATCHED = "The plot is thin, but the acting makes up for it."


def example(text: str, loaded: Loaded) -> Example:
    """Ids of one text; the label is put in when the teacher has decided."""
    return {"ids": [list(encode(text, loaded).rows[0].ids)], "labels": [0]}


def prepared(example: Example, loaded: Loaded, draw: random.Random) -> Example:
    """The example as it is."""
    return example


def held_out(row: LabelledRow, loaded: Loaded) -> Example:
    """A labelled text."""
    return example(row["text"], loaded) | {"labels": [row["label"]]}


def tally(predicted: Sequence[Sequence[int]], expected: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Rows with the same label, and rows."""
    return sum(p == e for p, e in zip(predicted, expected, strict=True)), len(expected)


def answer(text: str, loaded: Loaded) -> Outcomes:
    """Both labels."""
    result = classify(text, loaded)
    return tuple(zip(result.labels, result.probabilities, strict=True))
