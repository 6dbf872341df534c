"""What may be said of two models on the same items: scores, the pair, slices, kinds, differences.

A score of all items is a ratio of tallies (`explain.evaluation.metrics`). Shares of right items
have Wilson intervals; whether one model is right more often is McNemar's exact test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.evaluation.items import EvaluationSet, ScoredAnswer, ScoredItem
from explain.evaluation.metrics import METRICS, MetricEstimate, estimates, kept
from explain.statistics import mcnemar_exact, wilson

DOUBT = 0.05  # a difference that chance brings about more often than this is not called one
COLUMNS = {  # of the table of kinds, in their order; choices are counted from the items
    "fill_mask": ("first", "2nd to 5th", "6th to 100th", "later"),
    "sentiment": ("negative", "positive"),
    "ner": ("found", "other kind", "cut otherwise", "missed", "made up"),
    "question_answering": ("exactly", "in part", "not at all"),
}


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

    name: str  # as in `explain.evaluation.metrics.METRICS`
    gain: bool  # False where less is better
    teacher: MetricEstimate
    student: MetricEstimate
    kept: (
        MetricEstimate | None
    )  # the student's share of the teacher's; None where it makes no sense


@dataclass(frozen=True, slots=True)
class Slice:
    """The items of one slice."""

    name: str
    comparison: PairedComparison


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """How often each kind of item met each outcome."""

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
    differing: tuple[
        ScoredItem, ...
    ]  # items with two answers, those that one alone has right first


def report(data: EvaluationSet, judged: Sequence[ScoredItem]) -> Report:
    """The tables of the items judged, at least one."""
    slices = dict.fromkeys(one.item.slice for one in judged)
    differing = sorted(
        (one for one in judged if not one.agree),
        key=lambda one: one.teacher.right == one.student.right,
    )
    return Report(
        data=data,
        comparison=paired_comparison(judged),
        scores=scores(data.head, judged),
        slices=tuple(
            Slice(name, paired_comparison([one for one in judged if one.item.slice == name]))
            for name in slices
            if name
        ),
        confusion=confusion_table(data.head, judged),
        differing=tuple(differing),
    )


def paired_comparison(judged: Sequence[ScoredItem]) -> PairedComparison:
    """Who is right how often, and whether the difference is more than chance."""
    met = Counter((one.teacher.right, one.student.right) for one in judged)
    both, neither = met[True, True], met[False, False]
    first, second = met[True, False], met[False, True]
    p = mcnemar_exact(first, second)
    better = "teacher" if first > second else "student"
    return PairedComparison(
        teacher=share(both + first, len(judged)),
        student=share(both + second, len(judged)),
        both=both,
        only_teacher=first,
        only_student=second,
        neither=neither,
        agree=sum(one.agree for one in judged),
        p=p,
        verdict=better if p < DOUBT else "inconclusive",
    )


def share(count: int, total: int) -> Share:
    """A share with its interval."""
    return Share(count, total, *wilson(count, total))


def scores(head: str, judged: Sequence[ScoredItem]) -> tuple[Score, ...]:
    """Every metric of the head, with intervals of 95 %."""
    tallies = [
        np.array([side.tally for side in sides], float)
        for sides in ([one.teacher for one in judged], [one.student for one in judged])
    ]
    teacher, student = (estimates(head, tally) for tally in tallies)
    shares = kept(head, *tallies)
    return tuple(
        Score(one.name, one.gain, teacher[one.name], student[one.name], shares.get(one.name))
        for one in METRICS[head]
    )


def confusion_table(head: str, judged: Sequence[ScoredItem]) -> ConfusionTable:
    """Label against answer, choice against choice, names by type, ranks, exactness of answers."""
    first = _counted([one.teacher for one in judged])
    second = _counted([one.student for one in judged])
    seen = first.keys() | second.keys()
    rows = tuple(sorted({row for row, _ in seen}))
    columns = COLUMNS.get(head) or tuple(sorted({column for _, column in seen} | set(rows)))
    table = [
        tuple(tuple(counts[row, column] for column in columns) for row in rows)
        for counts in (first, second)
    ]
    return ConfusionTable(rows, columns, *table)


def _counted(judgements: Sequence[ScoredAnswer]) -> Counter[tuple[str, str]]:
    return Counter(outcome for one in judgements for outcome in one.cells)
