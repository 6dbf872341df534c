"""Two models on the same items: scores, paired comparison, slices, confusion table, differences.

A score of all items is a ratio of tallies (`explain.evaluation.metrics`). Shares of right items
have Wilson intervals; McNemar's exact test tells whether one model is right more often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.evaluation import heads
from explain.evaluation.items import EvaluationSet, ScoredAnswer, ScoredItem
from explain.evaluation.metrics import Metric, MetricEstimate, estimates, kept
from explain.statistics import mcnemar_exact, wilson

SIGNIFICANCE = 0.05  # p-values above it leave a difference inconclusive


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some items."""

    count: int
    total: int
    low: float  # 0..1, Wilson's interval of 95 %
    high: float

    @property
    def value(self) -> float:
        """0..1; of nothing, 0."""
        return self.count / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Two models on the same items."""

    teacher: Share  # items right
    student: Share
    both: int
    only_teacher: int
    only_student: int
    neither: int
    agree: int  # items with the same answer, right or wrong
    p: float  # McNemar's exact test, two-sided
    verdict: str  # teacher, student or inconclusive: who is right more often


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of both models."""

    metric: Metric
    teacher: MetricEstimate | None  # None where undefined: F1 where there is nothing to find
    student: MetricEstimate | None
    kept: MetricEstimate | None  # the student's share of the teacher's; None where undefined


@dataclass(frozen=True, slots=True)
class Slice:
    """The items of one slice."""

    name: str
    comparison: PairedComparison


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """How often each label or type (row) met each answer or outcome (column)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    teacher: tuple[tuple[int, ...], ...]  # rows x columns
    student: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All tables of one evaluation."""

    data: EvaluationSet
    comparison: PairedComparison
    scores: tuple[Score, ...]
    slices: tuple[Slice, ...]  # () when the set has none
    confusion: ConfusionTable
    differing: tuple[ScoredItem, ...]  # two answers; first those that only one has right


def report(data: EvaluationSet, scored: Sequence[ScoredItem]) -> Report:
    """The tables of scored items, at least one."""
    slices = dict.fromkeys(item.item.slice for item in scored)
    differing = sorted(
        (item for item in scored if not item.agree),
        key=lambda item: item.teacher.right == item.student.right,
    )
    return Report(
        data=data,
        comparison=paired_comparison(scored),
        scores=scores(data.head, scored),
        slices=tuple(
            Slice(name, paired_comparison([item for item in scored if item.item.slice == name]))
            for name in slices
            if name
        ),
        confusion=confusion_table(data.head, scored),
        differing=tuple(differing),
    )


def paired_comparison(scored: Sequence[ScoredItem]) -> PairedComparison:
    """Who is right how often, and whether the difference is more than chance."""
    counts = Counter((item.teacher.right, item.student.right) for item in scored)
    both, neither = counts[True, True], counts[False, False]
    first, second = counts[True, False], counts[False, True]
    p = mcnemar_exact(first, second)
    better = "teacher" if first > second else "student"
    return PairedComparison(
        teacher=share(both + first, len(scored)),
        student=share(both + second, len(scored)),
        both=both,
        only_teacher=first,
        only_student=second,
        neither=neither,
        agree=sum(item.agree for item in scored),
        p=p,
        verdict=better if p < SIGNIFICANCE else "inconclusive",
    )


def share(count: int, total: int) -> Share:
    """A share with its interval."""
    return Share(count, total, *wilson(count, total))


def scores(head: str, scored: Sequence[ScoredItem]) -> tuple[Score, ...]:
    """Every metric of the head, with intervals of 95 %."""
    tallies = [
        np.array([side.tally for side in sides], float)
        for sides in ([item.teacher for item in scored], [item.student for item in scored])
    ]
    teacher, student = (estimates(head, tally) for tally in tallies)
    shares = kept(head, *tallies)
    return tuple(
        Score(metric, teacher.get(metric.name), student.get(metric.name), shares.get(metric.name))
        for metric in heads.of(head).metrics
    )


def confusion_table(head: str, scored: Sequence[ScoredItem]) -> ConfusionTable:
    """Label against answer, choice against choice, names by type, ranks, exactness of answers."""
    first = _counted([item.teacher for item in scored])
    second = _counted([item.student for item in scored])
    cells = first.keys() | second.keys()
    rows = tuple(sorted({row for row, _ in cells}))
    labels = {column for _, column in cells} | set(rows)
    columns = heads.of(head).outcomes or tuple(sorted(labels))
    table = [
        tuple(tuple(counts[row, column] for column in columns) for row in rows)
        for counts in (first, second)
    ]
    return ConfusionTable(rows, columns, *table)


def _counted(answers: Sequence[ScoredAnswer]) -> Counter[tuple[str, str]]:
    return Counter(cell for answer in answers for cell in answer.cells)
