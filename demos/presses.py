"""Which press of a button is the newest one of its visitor."""

from __future__ import annotations

import itertools
import threading
from typing import NamedTuple

from gradio.context import LocalContext

VISITORS_KEPT = 5_000  # whose last press is remembered


class Press(NamedTuple):
    """One press: of which button, by whom (None where there is no session), and its number."""

    button: str
    visitor: str | None
    number: int


class Presses:
    """The newest press of each button by each visitor.

    Two presses in quick succession are answered side by side, and the first may be ready last: its
    answer is not shown, since the input that it belongs to has been replaced.
    """

    def __init__(self, kept: int = VISITORS_KEPT) -> None:
        """No press yet; the `kept` latest are remembered."""
        self._kept = kept
        self._newest: dict[tuple[str, str | None], int] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def begun(self, button: str) -> Press:
        """A press of this button by the visitor of the current request."""
        visitor = getattr(LocalContext.request.get(None), "session_hash", None)
        press = Press(button, visitor, next(self._numbers))
        with self._lock:
            self._newest.pop(press[:2], None)
            self._newest[press[:2]] = press.number
            if len(self._newest) > self._kept:
                del self._newest[next(iter(self._newest))]
        return press

    def is_newest(self, press: Press) -> bool:
        """Whether the same visitor has not pressed the same button since."""
        if press.visitor is None:
            return True
        with self._lock:
            return self._newest.get(press[:2], press.number) == press.number
