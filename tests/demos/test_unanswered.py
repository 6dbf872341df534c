"""A question that its context does not answer, with the pocket pair and its stored thresholds."""

from __future__ import annotations

import pytest

from demos import question_answering, sentiment

DOUBT = "Probably not answered here"
UNANSWERED = (
    ("What is the capital of Peru?", question_answering.EXAMPLES[4][2]),
    ("Who painted the ceiling?", "The bakery on the corner opens at six. It sells rye bread."),
    ("How many bones has a hand?", "Rain fell on Sunday, so the market was moved into the hall."),
)
ARTICLE = "from Verma’s article"  # its text hardly says who Jim Henson was: doubted, and rightly
ANSWERED = [(row[1], row[2]) for row in question_answering.EXAMPLES if row[0] != ARTICLE]


@pytest.mark.parametrize(("question", "context"), UNANSWERED)
def test_a_question_that_the_context_does_not_answer_is_doubted(
    question: str, context: str
) -> None:
    teacher, student, _ = question_answering.compare(question, context, "", "pocket")
    for panel in (teacher, student):
        assert DOUBT in panel and "questions put to another paragraph" in panel


@pytest.mark.parametrize(("question", "context"), ANSWERED)
def test_the_examples_are_answered_without_a_doubt(question: str, context: str) -> None:
    teacher, student, _ = question_answering.compare(question, context, "", "pocket")
    for panel in (teacher, student):
        assert DOUBT not in panel and "The best span scores" in panel


@pytest.mark.parametrize("text", [sentiment.EXAMPLES[0][1], "Dull, loud and far too long."])
def test_a_clear_opinion_is_not_called_neutral(text: str) -> None:
    assert not [p for p in sentiment.compare(text, "", "pocket") if "Neither label" in p]


def test_without_stored_thresholds_nothing_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_answering, "thresholds", lambda head, pair: {})
    teacher, student, _ = question_answering.compare(*UNANSWERED[0], "", "pocket")
    assert "threshold" not in teacher + student
