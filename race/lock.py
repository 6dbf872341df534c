"""One race at a time in the process: two at once would time each other. Its owner may stop it.

Long work that may run beside predictions (an evaluation, explanations of a set) does not take the
course; it says what it is by `doing`, so that whoever queues behind it can be told.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PREDICTION = "a prediction"  # takes the course for a moment; nobody is told of it

_course = threading.Lock()  # a plain lock: a generator may let go in another thread than it took
_told = threading.Lock()  # of the two below
_running: list[tuple[str, str]] = []  # what, owner; empty or one
_stopped = threading.Event()
_long: list[str] = []  # work that others queue behind, the latest last


def enter(what: str, patience: float, owner: str = "") -> bool:
    """Take the course for the race called `what`; False if it is still taken after `patience` s."""
    if not _course.acquire(timeout=patience):
        return False
    with _told:
        _running[:] = [(what, owner)]
        _stopped.clear()
    return True


def leave() -> None:
    """Let the next race start."""
    with _told:
        _running.clear()
    _course.release()


def running() -> str:
    """What is being raced now; "" for nothing."""
    with _told:
        return _running[0][0] if _running else ""


def ahead() -> str:
    """What whoever presses Start now has to wait for; "" for nothing that takes long."""
    with _told:
        races = [what for what, _ in _running if what != PREDICTION]
        return next(iter([*races, *_long]), "")


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Name the work inside for as long as it takes."""
    with _told:
        _long.append(what)
    try:
        yield
    finally:
        with _told:
            _long.remove(what)


def stop(owner: str) -> None:
    """Ask the race that is on to end before its next pass, if it is the owner's."""
    with _told:
        if _running and _running[0][1] == owner:
            _stopped.set()


def stopped() -> bool:
    """Whether the race that is on has been asked to end."""
    return _stopped.is_set()
