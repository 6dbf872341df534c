"""Sentiment on the page: two bars, both labels compared, words for its evaluation."""

from __future__ import annotations

from explain.evaluation.items import LabelledRow
from explain.records import SentimentResult
from explain.render.comparison import different_answers, pace, same_answer
from explain.render.heads import EvaluationWords
from explain.render.templates import draw

EVALUATION = EvaluationWords(
    right="the label is right",
    columns="text and label: 1 or positive, 0 or negative",
    metrics={"accuracy": "accuracy, %"},
    table="Right label against answer",
    table_note="Rows: the right label. Columns: the answer.",
)


def panel(result: SentimentResult, role: str, name: str) -> str:
    """Two bars, the logits, and the loss for the label the visitor gave."""
    return draw("heads/sentiment.html", "panel", result, role, name)


def compare(teacher: SentimentResult, student: SentimentResult) -> str:
    """Whether the two labels agree."""
    first, second = max(teacher.probabilities), max(student.probabilities)
    if teacher.label == student.label:
        answers = same_answer(f"Both say {teacher.label}", first, second)
    else:
        answers = different_answers(teacher.label, first, student.label, second)
    return f"{answers} {pace(teacher, student)}"


def fields(row: LabelledRow) -> dict[str, str]:
    """Field of the tab to its value for one labelled row."""
    return {"text": row["text"], "label": "positive" if row["label"] else "negative"}
