"""Questions on the page: the best span marked, both compared, words for its evaluation."""

from __future__ import annotations

from collections.abc import Mapping

from explain.article.stored import Threshold
from explain.evaluation.items import LabelledRow
from explain.records import QuestionAnsweringResult
from explain.render.comparison import different_answers, same_answer, times_of_one_run
from explain.render.heads import EvaluationWords
from explain.render.templates import draw
from explain.words import find

MOST_PIECES = 400  # rows of the table of logits
EVALUATION = EvaluationWords(
    right="the answer is one of those accepted, word for word",
    columns="context, question and answers, the accepted ones separated by |",
    metrics={"exact_match": "exact match, %", "f1": "F1 of words, %"},
    table="How exact",
    table_note="In part: some words are those of an accepted answer.",
)


def panel(
    result: QuestionAnsweringResult,
    role: str,
    name: str,
    thresholds: Mapping[str, Threshold] | None = None,
) -> str:
    """The context with the best span marked, the next best as bars, logits on request."""
    threshold = (thresholds or {}).get(role)
    template = "heads/question_answering.html"
    return draw(template, "panel", result, role, name, MOST_PIECES, threshold)


def compare(teacher: QuestionAnsweringResult, student: QuestionAnsweringResult) -> str:
    """Whether the two best spans agree, overlap or differ."""
    first, second = teacher.spans[0], student.spans[0]
    if (first.start, first.end) == (second.start, second.end):
        statement = f"Both answer “{first.text}”"
        answers = same_answer(statement, first.probability, second.probability)
    else:
        overlap = first.start < second.end and second.start < first.end
        answers = different_answers(
            f"“{first.text}”", first.probability, f"“{second.text}”", second.probability,
            how="Their answers overlap" if overlap else "They differ",
        )  # fmt: skip
    return f"{answers} {times_of_one_run(teacher, student)}"


def fields(row: LabelledRow) -> dict[str, str]:
    """Field of the tab to its value for one labelled row."""
    answers = (text for text in row["answers"]["text"] if find(row["context"], text))
    return {
        "question": row["question"],
        "context": row["context"],
        "answer": next(answers, ""),
    }
