"""Parts of the sentences that compare two models' answers; each head puts its own together.

Plain text, not yet escaped. Times are of one run: the race is where time is measured.
"""

from __future__ import annotations

from typing import Any

from explain.render.formats import percent

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


def pace(teacher: Any, student: Any) -> str:
    """The ratio of the times of two results."""
    first, second = teacher.timing, student.timing
    ratio = (first.tokenise + first.forward) / (second.tokenise + second.forward)
    if ratio >= 1:
        return f"The student was {ratio:.1f} times as fast in this one run."
    return f"The student took {1 / ratio:.1f} times as long in this one run."
