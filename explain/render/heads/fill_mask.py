"""Fill-mask on the page: candidates as bars, both lists compared, words for its evaluation."""

from __future__ import annotations

from explain.evaluation.items import LabelledRow
from explain.records import FillMaskResult
from explain.render.comparison import different_answers, same_answer, times_of_one_run
from explain.render.heads import EvaluationWords
from explain.render.templates import draw

EVALUATION = EvaluationWords(
    right="the right word comes first",
    columns="text with one [MASK] and answer; without either, a word is masked",
    metrics={
        "top1": "top-1 accuracy, %",
        "top5": "top-5 accuracy, %",
        "loss": "loss, nats",
    },
    table="Rank of the right word",
    table_note="Among all entries of the vocabulary.",
)


def panel(result: FillMaskResult, role: str, name: str) -> str:
    """Candidates as bars, and the named word's probability, rank and loss."""
    return draw("heads/fill_mask.html", "panel", result, role, name)


def compare(teacher: FillMaskResult, student: FillMaskResult) -> str:
    """How far the two lists of candidates agree."""
    first, second = teacher.candidates[0], student.candidates[0]
    student_ids = {candidate.token_id for candidate in student.candidates}
    common = sum(candidate.token_id in student_ids for candidate in teacher.candidates)
    shared = f"{common} of {len(teacher.candidates)} candidates are in both lists"
    if first.token_id == second.token_id:
        statement = f"Both put “{first.word}” first"
        answers = same_answer(statement, first.probability, second.probability)
    else:
        answers = different_answers(
            f"“{first.word}”", first.probability, f"“{second.word}”", second.probability
        )
    return f"{answers} {shared}. {times_of_one_run(teacher, student)}"


def fields(row: LabelledRow) -> dict[str, str]:
    """Field of the tab to its value for one labelled row."""
    return {"text": row["text"], "answer": row["answer"]}
