"""Evaluations to HTML: the running score and the tables."""

from __future__ import annotations

from explain.evaluation.items import EvaluationProgress, EvaluationSet
from explain.evaluation.metrics import MetricEstimate
from explain.evaluation.tables import Report, Score, paired_comparison
from explain.heads.registry import HEADS
from explain.records import ROLES
from explain.render import accuracy_words as words
from explain.render.heads import evaluation_words
from explain.render.notices import announcement
from explain.render.templates import draw

MOST_SLICES = 40  # on the page
WIDE = 3  # columns; a confusion table of more takes the whole width


def invitation() -> str:
    """Before the first evaluation."""
    return announcement(
        "Which model is right more often?", "Press Start: both models answer the whole set."
    )


def cancelled() -> str:
    """After Cancel; what was drawn stays."""
    return announcement("Cancelled", "No verdict: the score is that of the items answered.")


def format_note(sentence: str) -> str:
    """What a visitor's file must hold, or that it does."""
    return draw("accuracy.html", "format_note", sentence)


def headline(progress: EvaluationProgress, data: EvaluationSet) -> str:
    """The verdict, or how far the evaluation has come."""
    done, counts = len(progress.scored), paired_comparison(progress.scored)
    if done == progress.total:
        return announcement(words.verdict(counts), words.evidence(counts), 0.0, "rx-done")
    items = HEADS[data.head].items
    text = f"{done:,} of {progress.total:,} {items} of {data.name}"
    return announcement("Counting …", text, done / progress.total, "rx-running")


def score(progress: EvaluationProgress, data: EvaluationSet) -> str:
    """How often each model is right so far, with Wilson's intervals."""
    counts = paired_comparison(progress.scored)
    parts = (
        f"Right means that {evaluation_words(data.head).right}.",
        data.origin,
        words.truncated(progress.scored),
        words.left_out(progress),
        "Computed now; 0 to 100 %, with Wilson’s intervals of 95 %.",
    )
    note = " ".join(part for part in parts if part)
    return draw("accuracy.html", "score", counts.teacher, counts.student, note)


def tables(report: Report) -> str:
    """Scores, slices, and the confusion table."""
    head = report.data.head
    scores = [
        (words.metric_name(head, score.metric.name), *(_estimate(score, role) for role in ROLES))
        for score in report.scores
    ]
    more = len(report.slices) - MOST_SLICES
    counted = "more slices are" if more > 1 else "more slice is"
    note = "0 to 100 % right. Few items each, so the intervals are wide."
    note += f" {more:,} {counted} in the files." if more > 0 else ""
    return draw(
        "accuracy.html", "tables", scores=scores, retained=words.retained(report),
        slices=report.slices[:MOST_SLICES] if len(report.slices) > 1 else (), slices_note=note,
        confusion=report.confusion, wide=len(report.confusion.columns) > WIDE,
        words=evaluation_words(head),
    )  # fmt: skip


def _estimate(score: Score, role: str) -> tuple[str, str]:
    """The value of a metric, and its interval in words; "–" where it is undefined."""
    estimate: MetricEstimate | None = getattr(score, role)
    if estimate is None:
        return "–", "nothing to find"
    value = score.metric.shown(estimate.value)
    if estimate.low is None or estimate.high is None:
        return value, "the same in every item"
    return value, f"{score.metric.shown(estimate.low)} to {score.metric.shown(estimate.high)}"
