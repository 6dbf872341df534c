"""An evaluation in sentences: who is right more often, and what the student retains."""

from __future__ import annotations

from collections.abc import Sequence

from explain.evaluation.items import EvaluationProgress, ScoredItem
from explain.evaluation.tables import SIGNIFICANCE, PairedComparison, Report
from explain.heads.registry import HEADS
from explain.render.formats import interval, p_value, percent
from explain.render.heads import evaluation_words


def metric_name(head: str, metric: str) -> str:
    """A metric's name and unit."""
    return "loss, nats" if metric == "loss" else evaluation_words(head).metrics[metric]


FEWEST_DIFFERING = 6
"""Items that only one model has right. With fewer, all on one side, p is 0.06 or more."""


def verdict(comparison: PairedComparison) -> str:
    """Which model is right more often, as far as these items can tell."""
    if comparison.verdict != "inconclusive":
        other = "student" if comparison.verdict == "teacher" else "teacher"
        return f"The {comparison.verdict} is right more often than the {other}"
    total, differing = comparison.teacher.total, comparison.only_teacher + comparison.only_student
    if differing:
        few = differing < FEWEST_DIFFERING
        return (
            "Too few differences to tell them apart" if few else "Inconclusive: too close to call"
        )
    if comparison.neither == total:
        return f"Neither is right on any of {total:,}" if total > 1 else "Neither is right"
    if comparison.both == total:
        return f"Both are right on all {total:,}" if total > 1 else "Both are right"
    return f"Both are right on the same {comparison.both:,} of {total:,}"


def evidence(comparison: PairedComparison) -> str:
    """What the verdict rests on."""
    if not comparison.only_teacher + comparison.only_student:
        return "No item is right for one model alone, so this set cannot tell which is better."
    counts = (("teacher", comparison.only_teacher), ("student", comparison.only_student))
    named = [f"only the {role} is right on {count:,}" for role, count in counts if count]
    sides = " and ".join(named)
    sides = sides[0].upper() + sides[1:]
    test = f"McNemar’s exact test, {p_value(comparison.p)}"
    if comparison.only_teacher + comparison.only_student < FEWEST_DIFFERING:
        least = f"even all on one side could be chance with fewer than {FEWEST_DIFFERING}"
        return f"{sides}: {least} ({test})."
    if comparison.verdict == "inconclusive":
        return f"{sides}: the difference may be chance ({test}, not below {SIGNIFICANCE})."
    return f"{sides}: more than chance explains ({test}, below {SIGNIFICANCE})."


def truncated(items: Sequence[ScoredItem]) -> str:
    """How many items were too long to be read whole; "" for none."""
    count = sum(max(item.teacher.unread, item.student.unread) > 0 for item in items)
    return f"{count:,} too long for the models were read in part." if count else ""


def left_out(progress: EvaluationProgress) -> str:
    """How many items could not be read, and why the first could not; "" for none."""
    count = len(progress.left_out)
    return f"{count:,} left out: {progress.left_out[0]}" if count else ""


def retained(report: Report) -> str:
    """The student's share of the teacher's score, with its interval; "" where it has none."""
    head = report.data.head
    main = HEADS[head].metric
    score = next(score for score in report.scores if score.metric.name == main)
    if score.kept is None:
        return ""
    share, name = score.kept, metric_name(head, main).removesuffix(", %")
    if share.low is None or share.high is None:
        items = f"{report.comparison.teacher.total:,} {HEADS[head].items}"
        return (
            f"The student retains {percent(share.value)} of the teacher’s {name} on these {items}, "
            "and the same on every part of them: there is no interval to give."
        )
    return (
        f"The student retains {percent(share.value)} ({interval(share.low, share.high)}) of the "
        f"teacher’s {name}. The quoted 97 % is for the GLUE tasks."
    )
