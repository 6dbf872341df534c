"""Labelled items and what two models make of them: frozen records of plain values.

An answer is `right` when nothing of it is wrong: the label, the choice, the first word for [MASK],
the exact span, every name with its kind and no name more. Finer scores are in the tally.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LabelledRow = dict[str, Any]  # one line of labelled data, in the schema of its head


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled row."""

    number: int  # of its row in the set, from 1
    row: LabelledRow  # checked against the schema of its head
    slice: str = ""  # what makes it worth asking; "" when the set does not say


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Labelled rows of one head."""

    head: str
    name: str
    origin: str  # where the rows come from, a sentence
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One model's answer to one item, held against the right one."""

    answer: str  # in words
    right: bool
    probability: float | None  # 0..1, of the answer; None where it is of several names
    loss: float | None  # nats for the right answer (of NER a word); None for questions
    tally: tuple[float, ...]  # parallel to `explain.evaluation.metrics.COLUMNS` of the head
    cells: tuple[tuple[str, str], ...]  # (row, column) of the confusion table it counts in
    unread: int = 0  # word pieces beyond what the model can read, of a very long text


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item with both models' answers."""

    item: Item  # with the word that was masked, where it had none
    text: str  # the item in words
    expected: str  # the right answer in words; several are joined by " / "
    teacher: ScoredAnswer
    student: ScoredAnswer
    agree: bool  # whether both give the same answer, right or wrong


@dataclass(frozen=True, slots=True)
class EvaluationProgress:
    """How far an evaluation has come."""

    total: int  # items
    scored: tuple[ScoredItem, ...]  # those done, in the order of the set


def prompt(row: LabelledRow) -> str:
    """What stands before the choices."""
    return " ".join(part for part in (row["context"], row["question"]) if part)
