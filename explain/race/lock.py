"""One race at a time in the process: two at once would time each other. And who gave up what.

Long work that may run beside predictions (an evaluation, explanations of a set) does not take the
course; it says what it is by `doing`, so that whoever queues behind it can be told.

A visitor's Cancel is remembered here and heeded by the work itself, between two of its steps. So it
ends what Start was pressed for before it, begun or still in the queue, and nothing pressed after.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PREDICTION = "a prediction"  # takes the course for a moment; nobody is told of it
REMEMBERED = 1_000  # owners whose last press is known

_course = threading.Lock()  # a plain lock: a generator may let go in another thread than it took
_told = threading.Lock()  # of all below
_running: list[str] = []  # what; empty or one
_long: list[str] = []  # work that others queue behind, the latest last
_stamps = itertools.count(1)  # every press has its number
_started: dict[str, int] = {}  # owner to the last press of Start, until its work begins
_stopped: dict[str, int] = {}  # owner to the last press of Cancel


def enter(what: str, patience: float) -> bool:
    """Take the course for the race called `what`; False if it is still taken after `patience` s."""
    if not _course.acquire(timeout=patience):
        return False
    with _told:
        _running[:] = [what]
    return True


def leave() -> None:
    """Let the next race start."""
    with _told:
        _running.clear()
    _course.release()


def running() -> str:
    """What is being raced now; "" for nothing."""
    with _told:
        return next(iter(_running), "")


def ahead() -> str:
    """What whoever presses Start now has to wait for; "" for nothing that takes long."""
    with _told:
        races = [what for what in _running if what != PREDICTION]
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


def start(owner: str) -> None:
    """The owner has pressed Start: `work_of` comes when it is its turn."""
    _press(_started, owner)


def stop(owner: str) -> None:
    """The owner has pressed Cancel."""
    _press(_stopped, owner)


@contextmanager
def work_of(owner: str) -> Iterator[Callable[[], bool]]:
    """Gives what says whether the owner has pressed Cancel since the Start that the work is of."""
    with _told:
        began = _started.pop(owner, 0) or next(_stamps)

    def given_up() -> bool:
        with _told:
            return _stopped.get(owner, 0) > began

    yield given_up


def never() -> bool:
    """Nobody can give it up."""
    return False


def _press(table: dict[str, int], owner: str) -> None:
    with _told:
        table.pop(owner, None)
        table[owner] = next(_stamps)
        if len(table) > REMEMBERED:
            del table[next(iter(table))]
