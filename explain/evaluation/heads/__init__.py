"""What evaluation knows about each head: one file per head, each with a record `HEAD`.

A file holds everything that differs from head to head: how a row is checked, read from a
spreadsheet and from the Hub, put in words and scored, and which metrics its tallies give. How it is
drawn is in `explain.render.heads`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explain.evaluation.items import Item, LabelledRow, ScoredAnswer
from explain.heads import registry

if TYPE_CHECKING:
    from explain.attribution import HeadInput, NerTarget
    from explain.evaluation.metrics import Metric
    from explain.models import Loaded

Cell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class HubSet:
    """A data set of the Hugging Face Hub."""

    name: str
    repository: str
    configuration: str | None


def no_fault(row: LabelledRow) -> str | None:
    """Accept every row."""
    return None


def as_given(item: Item, loaded: Loaded) -> Item:
    """The item as it is."""
    return item


def nothing_more(of: Mapping[str, Any]) -> dict[str, Any]:
    """Add nothing to a report."""
    return {}


def unchecked(row: LabelledRow, loaded: Loaded) -> object:
    """Take every row for one that can be read."""
    return row


def same_words(first: ScoredAnswer, second: ScoredAnswer) -> bool:
    """Whether two answers are the same, word for word."""
    return first.answer == second.answer


@dataclass(frozen=True, slots=True)
class EvaluationHead:
    """How labelled rows of one head are checked, read and scored."""

    official: HubSet  # its validation split is an official set
    unit: str  # what is counted, to follow "n counts"
    columns: tuple[str, ...]  # of a tally
    metrics: tuple[Metric, ...]

    fault: Callable[[LabelledRow], str | None]  # of a row that has all its keys
    from_hub: Callable[[dict[str, Any]], LabelledRow]  # a row of `official`; may be faulty
    text: Callable[[LabelledRow], str]  # an item in words
    expected: Callable[[LabelledRow], str]  # its right answer in words
    score: Callable[[list[LabelledRow], Loaded], Sequence[ScoredAnswer]]
    explained: Callable[[LabelledRow], tuple[HeadInput, NerTarget | None] | None]
    """What is explained of a row, and the target (None: the model's own answer)."""

    encoded: Callable[[LabelledRow, Loaded], object] = unchecked
    """What a model is given for a row; `InputError` for one that it cannot read."""
    outcomes: tuple[str, ...] = ()  # columns of the confusion table; () for those of the items
    cells: Mapping[str, Cell] = field(
        default_factory=dict
    )  # column of a table -> what its cells mean
    visitor_fault: Callable[[LabelledRow], str | None] = no_fault  # of a visitor's row besides
    prepared: Callable[[Item, Loaded], Item] = as_given
    agree: Callable[[ScoredAnswer, ScoredAnswer], bool] = same_words
    counted: tuple[str, str] | None = None  # (name, column) of what is counted besides rows
    details: Callable[[Mapping[str, Sequence[ScoredAnswer]]], dict[str, Any]] = nothing_more
    """Further parts of a report, from the answers of each role."""
    probes: Callable[[Mapping[str, Loaded]], dict[str, Any]] = nothing_more
    """Further parts of a report, from the models of each role."""

    def metric(self, name: str) -> Metric:
        """One of the metrics, by name."""
        return next(metric for metric in self.metrics if metric.name == name)


def of(head: str) -> EvaluationHead:
    """The record of one head, by its name in the registry."""
    record: EvaluationHead = registry.module("explain.evaluation.heads", head).HEAD
    return record
