"""Multiple choice on the page: a bar per choice, both compared, words for its evaluation."""

from __future__ import annotations

from explain.evaluation.items import LabelledRow, prompt
from explain.records import MultipleChoiceResult
from explain.render.comparison import different_answers, same_answer, times_of_one_run
from explain.render.heads import EvaluationWords
from explain.render.templates import draw

EVALUATION = EvaluationWords(
    right="the right choice is taken",
    columns="context, question, choices (separated by |) and label: 0 for the first choice",
    metrics={"accuracy": "accuracy, %", "points_above_chance": "points above chance"},
    table="Right choice against answer",
    table_note="Rows: the number of the right choice. Columns: the choice that was taken.",
)


def panel(result: MultipleChoiceResult, role: str, name: str, right: int | None = None) -> str:
    """One bar per choice, the logits, and the loss for the choice named right."""
    return draw("heads/multiple_choice.html", "panel", result, role, name, right)


def compare(teacher: MultipleChoiceResult, student: MultipleChoiceResult) -> str:
    """Whether the two choices agree."""
    first, second = teacher.probabilities[teacher.best], student.probabilities[student.best]
    if teacher.best == student.best:
        answers = same_answer(f"Both choose {_named(teacher)}", first, second)
    else:
        choices = f"{teacher.best + 1}", f"{student.best + 1}"
        answers = different_answers(choices[0], first, choices[1], second, verb="chooses")
    return f"{answers} {times_of_one_run(teacher, student)}"


def _named(result: MultipleChoiceResult) -> str:
    """The number of the choice that is taken, and of those that read the same to the model."""
    alike = [
        str(number)
        for number, logit in enumerate(result.logits, start=1)
        if logit == result.logits[result.best]
    ]
    tie = f" (a tie: {', '.join(alike[1:])} reads the same)" if len(alike) > 1 else ""
    return f"{alike[0]}{tie}"


def fields(row: LabelledRow) -> dict[str, str]:
    """Field of the tab to its value for one labelled row."""
    choices = "\n".join(" ".join(choice.split()) for choice in row["choices"])
    return {"prompt": prompt(row), "choices": choices, "right": str(row["label"] + 1)}
