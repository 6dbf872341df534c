"""Parts of the sentences that compare two models' answers; each head puts its own together.

Plain text, not yet escaped. Times are of one run: the race is where time is measured.
"""

from __future__ import annotations

from typing import Any

from explain.render.formats import milliseconds, percent

CLOSE = 0.005  # probabilities nearer than half a point count as equal


def same_answer(statement: str, teacher: float, student: float) -> str:
    """Both models answer alike, with these probabilities."""
    return f"{statement}; {confidence(teacher, student)}."


def different_answers(
    teacher: str,
    teacher_probability: float,
    student: str,
    student_probability: float,
    verb: str = "says",
    how: str = "They differ",
) -> str:
    """Each model's own answer with its probability."""
    return (
        f"{how}: the teacher {verb} {teacher} ({percent(teacher_probability)}), the student "
        f"{student} ({percent(student_probability)})."
    )


def confidence(teacher: float, student: float) -> str:
    """By how many points the student is more or less sure of the same answer."""
    if abs(teacher - student) < CLOSE:
        return "they are equally sure"
    more = "more" if student > teacher else "less"
    points = 100 * abs(teacher - student)
    return f"the student is {points:.1f} points {more} sure"


def times_of_one_run(teacher: Any, student: Any) -> str:
    """The times of two results, without a ratio: one run of each cannot tell which is faster."""
    first, second = (milliseconds(x.timing.tokenise + x.timing.forward) for x in (teacher, student))
    return (
        f"Time of this one run: teacher {first} ms, student {second} ms; the Race tab measures "
        "which model is faster."
    )
