"""Labelled items and what two models answer to them: frozen records of plain values.

An answer is `right` when nothing in it is wrong: the label, the choice, the first word for [MASK],
the exact span, or every name with its type and no other name. Finer scores are in the tally.
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
    slice: str = ""  # the phenomenon it tests; "" when the set does not say
    file: str = ""  # where the row stands; "" for our own sets and a visitor's rows

    @property
    def place(self) -> str:
        """Where an error message says the row is."""
        return f"{self.file}, line {self.number}" if self.file else f"Row {self.number}"


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Labelled rows of one head."""

    head: str
    name: str
    origin: str  # where the rows come from, a sentence
    items: tuple[Item, ...]


def prompt(row: LabelledRow) -> str:
    """What stands before the choices of a multiple-choice row."""
    return " ".join(part for part in (row["context"], row["question"]) if part)


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One model's answer to one item, compared with the right one."""

    answer: str  # in words
    right: bool
    probability: float | None  # 0..1, of the answer; None where it consists of several names
    loss: float | None  # nats for the right answer (for NER per word); None for questions
    tally: tuple[float, ...]  # parallel to the columns of the head's `EvaluationHead`
    cells: tuple[tuple[str, str], ...]  # (row, column) of the confusion table it counts in
    unread: int = 0  # word pieces beyond the model's window, for a very long text
    decisions: tuple[tuple[float, bool], ...] = ()  # (probability, right) of each label decided
    places: tuple[tuple[str, int, int], ...] = ()  # type, first and last word of each name, for NER


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
    left_out: tuple[str, ...] = ()  # why items could not be read, each after its place
