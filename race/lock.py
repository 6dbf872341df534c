"""One race at a time in the process: two at once would time each other. Its owner may stop it."""

from __future__ import annotations

import threading

_course = threading.Lock()  # a plain lock: a generator may let go in another thread than it took
_told = threading.Lock()  # of the two below
_running: list[tuple[str, str]] = []  # what, owner; empty or one
_stopped = threading.Event()


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


def stop(owner: str) -> None:
    """Ask the race that is on to end before its next pass, if it is the owner's."""
    with _told:
        if _running and _running[0][1] == owner:
            _stopped.set()


def stopped() -> bool:
    """Whether the race that is on has been asked to end."""
    return _stopped.is_set()
