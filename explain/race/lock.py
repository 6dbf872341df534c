"""The benchmark lock: timed work runs alone in the process. And who has cancelled what.

Two races at once would time each other, and a prediction beside a race would slow it; each holds
the lock while it computes. Long work that may run beside predictions (an evaluation, explanations
of a set) does not hold it, but names itself (`announce_job`), so that the page can say to the next
visitor what is running.

A visitor's Cancel is remembered here, and checked by the work itself between two of its steps. It
ends the work of every earlier Start, running or still queued, and no work started later.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PREDICTION = "a prediction"  # holds the lock for a moment: never named to a visitor who waits
OWNERS_KEPT = 1_000  # owners whose last press is remembered

_benchmark = threading.Lock()  # a plain lock: a generator may release it in another thread
_tables = threading.Lock()  # guards everything below
_holder: list[str] = []  # what holds the benchmark lock; empty or one title
_announced: list[str] = []  # titles of jobs that others queue behind, the latest last
_presses = itertools.count(1)  # every press of a button gets a number
_started: dict[str, int] = {}  # owner -> last press of Start, until its work begins
_cancelled: dict[str, int] = {}  # owner -> last press of Cancel


def acquire(title: str, patience: float) -> bool:
    """Acquire the lock for the work called `title`; False if not free within `patience` s."""
    if not _benchmark.acquire(timeout=patience):
        return False
    with _tables:
        _holder[:] = [title]
    return True


def release() -> None:
    """Release the lock for whatever waits for it."""
    with _tables:
        _holder.clear()
    _benchmark.release()


def current_job() -> str:
    """Title of the work that holds the lock; "" for none."""
    with _tables:
        return next(iter(_holder), "")


def blocking_job() -> str:
    """Title of the work that a job started now would wait for; "" for nothing that takes long."""
    with _tables:
        races = [title for title in _holder if title != PREDICTION]
        return next(iter([*races, *_announced]), "")


@contextmanager
def announce_job(title: str) -> Iterator[None]:
    """Name the work inside for as long as it takes, without holding the lock."""
    with _tables:
        _announced.append(title)
    try:
        yield
    finally:
        with _tables:
            _announced.remove(title)


def note_start(owner: str) -> None:
    """Record that the owner has pressed Start; the work enters `cancellation` when it begins."""
    _note(_started, owner)


def note_cancel(owner: str) -> None:
    """Record that the owner has pressed Cancel."""
    _note(_cancelled, owner)


@contextmanager
def cancellation(owner: str) -> Iterator[Callable[[], bool]]:
    """Gives a function: has the owner pressed Cancel since the Start of this work?"""
    with _tables:
        started = _started.pop(owner, 0) or next(_presses)

    def is_cancelled() -> bool:
        with _tables:
            return _cancelled.get(owner, 0) > started

    yield is_cancelled


def never() -> bool:
    """The `is_cancelled` of work that has no Cancel button."""
    return False


def _note(table: dict[str, int], owner: str) -> None:
    with _tables:
        table.pop(owner, None)
        table[owner] = next(_presses)
        if len(table) > OWNERS_KEPT:
            del table[next(iter(table))]
