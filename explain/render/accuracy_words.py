"""An evaluation in sentences: who is right more often, and what the student retains."""

from __future__ import annotations

from collections.abc import Sequence

from explain.evaluation.items import ScoredItem
from explain.evaluation.tables import SIGNIFICANCE, PairedComparison, Report
from explain.heads.registry import HEADS
from explain.render.formats import interval, p_value, percent
from explain.render.heads import evaluation_words


def metric_name(head: str, metric: str) -> str:
    """A metric's name and unit."""
    return "loss, nats" if metric == "loss" else evaluation_words(head).metrics[metric]


def verdict(comparison: PairedComparison) -> str:
    """Which model is right more often, as far as these items can tell."""
    if comparison.verdict == "inconclusive":
        return "Inconclusive: too close to call"
    other = "student" if comparison.verdict == "teacher" else "teacher"
    return f"The {comparison.verdict} is right more often than the {other}"


def evidence(comparison: PairedComparison) -> str:
    """What the verdict rests on."""
    sides = (
        f"Only the teacher is right on {comparison.only_teacher}, only the student on "
        f"{comparison.only_student}"
    )
    test = f"McNemar’s exact test, {p_value(comparison.p)}"
    if comparison.verdict == "inconclusive":
        return f"{sides}: the difference may be chance ({test}, not below {SIGNIFICANCE})."
    return f"{sides}: more than chance explains ({test}, below {SIGNIFICANCE})."


def truncated(items: Sequence[ScoredItem]) -> str:
    """How many items were too long to be read whole; "" for none."""
    count = sum(max(item.teacher.unread, item.student.unread) > 0 for item in items)
    return f"{count:,} too long for the models were read in part." if count else ""


def retained(report: Report) -> str:
    """The student's share of the teacher's score, with its interval; "" where it has none."""
    head = report.data.head
    main = HEADS[head].metric
    score = next(score for score in report.scores if score.metric.name == main)
    if score.kept is None:
        return ""
    share, name = score.kept, metric_name(head, main).removesuffix(", %")
    return (
        f"The student retains {percent(share.value)} ({interval(share.low, share.high)}) of the "
        f"teacher’s {name}. The quoted 97 % is for the GLUE tasks."
    )
