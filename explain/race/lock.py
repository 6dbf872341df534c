"""The benchmark lock: timed work runs alone in the process. And who has cancelled what.

Two races at once would time each other, and a prediction beside a race would slow it; each holds
the lock while it computes. Long work that may run beside predictions (an evaluation, explanations
of a set) does not hold it, but names itself (`announce_job`), so that the page can say to the next
visitor what is running. Work that notes its progress is named with the time that it has left, from
the time that it took so far.

A visitor's Cancel is remembered here, and checked by the work itself between two of its steps. It
ends the work of every earlier Start, running or still queued, and no work started later.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PREDICTION = "a prediction"  # holds the lock for a moment: never named to a visitor who waits
OWNERS_KEPT = 1_000  # owners whose last press is remembered


@dataclass(eq=False, slots=True)
class RunningJob:
    """Work that others wait for."""

    title: str
    began: tuple[float, float] | None = None  # when it was first noted, and the share done then
    ends: float | None = None  # when it will probably end

    def note_progress(self, done: float) -> None:
        """Record the share of the work that is done, 0..1; the time left follows from two."""
        now = time.monotonic()
        first, share = self.began = self.began or (now, done)
        if done > share:
            self.ends = now + (now - first) * (1 - done) / (done - share)

    def expect(self, seconds: float) -> None:
        """Record how long the work will take from now on."""
        self.ends = time.monotonic() + seconds

    def described(self) -> str:
        """The title, and about how many seconds are left if that is known."""
        if self.ends is None:
            return self.title
        return f"{self.title}; about {max(1.0, self.ends - time.monotonic()):.0f} s are left"


_benchmark = threading.Lock()  # a plain lock: a generator may release it in another thread
_tables = threading.Lock()  # guards everything below
_holder: list[RunningJob] = []  # what holds the benchmark lock; empty or one job
_announced: list[RunningJob] = []  # jobs that others queue behind, the latest last
_presses = itertools.count(1)  # every press of a button gets a number
_started: dict[str, int] = {}  # owner -> last press of Start, until its work begins
_cancelled: dict[str, int] = {}  # owner -> last press of Cancel
_discarded: dict[str, int] = {}  # owner -> last press that made the results useless


def acquire(title: str, patience: float) -> bool:
    """Acquire the lock for the work called `title`; False if not free within `patience` s."""
    if not _benchmark.acquire(timeout=patience):
        return False
    with _tables:
        _holder[:] = [RunningJob(title)]
    return True


def note_progress(done: float) -> None:
    """Record the share of the work that is done, 0..1, of the work that holds the lock."""
    with _tables:
        for job in _holder:
            job.note_progress(done)


def release() -> None:
    """Release the lock for whatever waits for it."""
    with _tables:
        _holder.clear()
    _benchmark.release()


def current_job() -> str:
    """The work that holds the lock, with the time left; "" for none."""
    with _tables:
        return next((job.described() for job in _holder), "")


def blocking_job() -> str:
    """What a job started now would wait for, with the time left; "" for nothing that takes long."""
    with _tables:
        races = [job for job in _holder if job.title != PREDICTION]
        return next((job.described() for job in (*races, *_announced)), "")


@contextmanager
def announce_job(title: str) -> Iterator[RunningJob]:
    """Name the work inside for as long as it takes, without holding the lock."""
    job = RunningJob(title)
    with _tables:
        _announced.append(job)
    try:
        yield job
    finally:
        with _tables:
            _announced.remove(job)


@dataclass(frozen=True, slots=True)
class Press:
    """One press of Start: what its owner has pressed since."""

    owner: str
    number: int

    def is_cancelled(self) -> bool:
        """Has the owner pressed Cancel, or discarded the work, since?"""
        return self._is_before(_cancelled) or self.is_discarded()

    def is_discarded(self) -> bool:
        """Has the owner made the work useless since, as by choosing another pair?"""
        return self._is_before(_discarded)

    def _is_before(self, table: dict[str, int]) -> bool:
        with _tables:
            return table.get(self.owner, 0) > self.number


def note_start(owner: str) -> None:
    """Record that the owner has pressed Start; the work calls `begin` when it begins."""
    _note(_started, owner)


def note_cancel(owner: str) -> None:
    """Record that the owner has pressed Cancel."""
    _note(_cancelled, owner)


def note_discard(owner: str) -> None:
    """Record that the owner's work is to end unseen."""
    _note(_discarded, owner)


def begin(owner: str) -> Press:
    """The press of Start whose work begins now."""
    with _tables:
        return Press(owner, _started.pop(owner, 0) or next(_presses))


def never() -> bool:
    """The `is_cancelled` of work that has no Cancel button."""
    return False


def _note(table: dict[str, int], owner: str) -> None:
    with _tables:
        table.pop(owner, None)
        table[owner] = next(_presses)
        if len(table) > OWNERS_KEPT:
            del table[next(iter(table))]
