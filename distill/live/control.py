"""What a visitor can do to the training that is theirs: pause it, go on, stop it, start anew."""

from __future__ import annotations

import threading

KEPT = 1_000  # visitors; one who leaves before a training begins would stay for ever

_lock = threading.Lock()
_controls: dict[str, Control] = {}  # by visitor, until their training has ended


class Control:
    """The switches of one training."""

    def __init__(self) -> None:
        """Neither paused, nor stopped, nor left."""
        self.paused, self.stopped = threading.Event(), threading.Event()
        self.left = threading.Event()  # the visitor has left: no final result is sent
        self.taken = False  # by the work that they control

    def leave(self) -> None:
        """End the training before its next step, without a conclusion."""
        self.left.set()
        self.stopped.set()


def begin(visitor: str) -> Control:
    """Switches for a new training; an earlier one of the same visitor ends."""
    with _lock:
        if earlier := _controls.pop(visitor, None):
            earlier.leave()
        control = _controls[visitor] = Control()
        if len(_controls) > KEPT:
            del _controls[next(iter(_controls))]
        return control


def take(visitor: str) -> Control | None:
    """The switches for work that begins now; None when other work has taken them.

    Two quick presses of Train begin two works, of which the first gets the switches.
    """
    with _lock:
        control = _controls.setdefault(visitor, Control())
        if control.taken:
            return None
        control.taken = True
        return control


def find(visitor: str) -> Control | None:
    """The switches of the visitor's training; None when there is none."""
    with _lock:
        return _controls.get(visitor)


def end(visitor: str, control: Control) -> None:
    """Forget the switches of a training that has ended."""
    with _lock:
        if _controls.get(visitor) is control:
            del _controls[visitor]
