"""Sentiment on the page: two bars, both labels compared, words for its evaluation."""

from __future__ import annotations

from collections.abc import Mapping

from explain.article.stored import Threshold
from explain.evaluation.items import LabelledRow
from explain.records import SentimentResult
from explain.render.comparison import different_answers, same_answer, times_of_one_run
from explain.render.heads import EvaluationWords
from explain.render.templates import draw

EVALUATION = EvaluationWords(
    right="the label is right",
    columns="text and label: 1 or positive, 0 or negative",
    metrics={"accuracy": "accuracy, %"},
    table="Right label against answer",
    table_note="Rows: the right label. Columns: the answer.",
)


def panel(
    result: SentimentResult, role: str, name: str, thresholds: Mapping[str, Threshold] | None = None
) -> str:
    """Two bars, the logits, and the loss for the label the visitor gave."""
    return draw("heads/sentiment.html", "panel", result, role, name, (thresholds or {}).get(role))


def compare(teacher: SentimentResult, student: SentimentResult) -> str:
    """Whether the two labels agree."""
    first, second = max(teacher.probabilities), max(student.probabilities)
    if teacher.label == student.label:
        answers = same_answer(f"Both say {teacher.label}", first, second)
    else:
        answers = different_answers(teacher.label, first, student.label, second)
    return f"{answers} {times_of_one_run(teacher, student)}"


def fields(row: LabelledRow) -> dict[str, str]:
    """Field of the tab to its value for one labelled row."""
    return {"text": row["text"], "label": "positive" if row["label"] else "negative"}
