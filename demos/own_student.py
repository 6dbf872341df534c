"""The student that a visitor has trained: asked in its head's tab and raced, by that visitor alone.

It is kept in memory, the latest few of all visitors, and is forgotten when the app ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gradio.context import LocalContext

from demos.answers import alone
from explain.models import Loaded
from explain.records import InputError
from explain.render import notices

KEPT = 8  # students, 25 to 75 MB each; the oldest one goes first
ROLE = "own"

_lock = threading.Lock()
_students: dict[str, OwnStudent] = {}  # by visitor


@dataclass(frozen=True, slots=True)
class OwnStudent:
    """A trained student, and whether its visitor has put it into the tabs."""

    loaded: Loaded
    in_tabs: bool = False


def keep(visitor: str, loaded: Loaded) -> None:
    """Keep a student that has just been trained, in place of the visitor's last one."""
    with _lock:
        _students.pop(visitor, None)
        _students[visitor] = OwnStudent(loaded)
        if len(_students) > KEPT:
            del _students[next(iter(_students))]


def switch(visitor: str) -> OwnStudent:
    """Put the visitor's student into the tabs, or take it out; what it is then."""
    with _lock:
        if visitor not in _students:
            raise InputError("Your student is no longer kept: train it again.")
        student = _students[visitor]
        _students[visitor] = replace(student, in_tabs=not student.in_tabs)
        return _students[visitor]


def student_of_visitor() -> Loaded | None:
    """The student that the visitor of the current request has put into the tabs."""
    visitor = getattr(LocalContext.request.get(None), "session_hash", None)
    with _lock:
        student = _students.get(visitor) if visitor else None
    return student.loaded if student and student.in_tabs else None


def panel(head: str, ask: Callable[..., Any], draw: Callable[..., str]) -> Callable[..., str]:
    """What draws the answer of the visitor's student to the fields of a tab; "" without one.

    `ask` is called with the student and the fields, `draw` with its answer, a role and a name.
    """

    def answer(*fields: Any) -> str:
        student = student_of_visitor()
        if student is None or student.head != head:
            return ""
        try:
            result = alone(student, lambda loaded: ask(loaded, *fields))
        except InputError as error:  # its window is shorter than that of the base pair
            return notices.status(f"Your student does not answer: {error}")
        return draw(result, ROLE, student.name)

    return answer
