"""One live training at a time in a process, in the order of arrival; who waits knows for how long.

A paused training leaves its place to the next and lines up again when it goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SecondsLeft = Callable[[], float]

_lock = threading.Lock()
_line: list[Ticket] = []  # the first one trains


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in the line."""

    title: str  # what is trained, in a few words
    seconds_left: SecondsLeft  # of its training

    def line_up(self) -> None:
        """Take a place at the end of the line, unless it has one."""
        with _lock:
            if self not in _line:
                _line.append(self)

    def leave(self) -> None:
        """Give the place up."""
        with _lock:
            if self in _line:
                _line.remove(self)

    def is_first(self) -> bool:
        """Whether it may train now."""
        with _lock:
            return bool(_line) and _line[0] is self

    def ahead(self) -> str:
        """What it waits for, and how long at most; "" for nothing."""
        with _lock:
            before = _line[: _line.index(self)] if self in _line else []
        if not before:
            return ""
        seconds = sum(ticket.seconds_left() for ticket in before)
        others = f" and {len(before) - 1} more" if len(before) > 1 else ""
        return f"{before[0].title}{others}; about {seconds:.0f} s are left"


@contextmanager
def ticket(title: str, seconds_left: SecondsLeft) -> Iterator[Ticket]:
    """A place in the line for as long as the work inside lasts."""
    own = Ticket(title, seconds_left)
    own.line_up()
    try:
        yield own
    finally:
        own.leave()


def waiting() -> str:
    """What a training that is started now would wait for; "" for nothing."""
    with _lock:
        tickets = list(_line)
    if not tickets:
        return ""
    seconds = sum(entry.seconds_left() for entry in tickets)
    return f"{tickets[0].title}; about {seconds:.0f} s are left"
