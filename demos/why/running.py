"""How a question about an explanation runs: shown at once, step by step, stopped, or refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import gradio as gr

from explain.attribution.results import PairAttribution
from explain.race import lock
from explain.records import InputError
from explain.render import notices

OFTEN = 0.2  # seconds between two pictures; between two of them, work can be stopped

ESTIMATED_AFTER = 1.0  # seconds of work; before, the time left is a guess

Steps = Iterator[tuple[Any, ...]]  # each has a status, as a sentence, and the outputs


def started(kinds: Sequence[str]) -> tuple[Any, ...]:
    """Shown at once, where the result will stand: that it runs, or what runs before it."""
    cleared = ("" if kind == "html" else gr.update(value=None, visible=False) for kind in kinds)
    return notices.queued(lock.blocking_job(), "Working …"), *cleared, gr.update(visible=True)


def running(handler: Callable[..., Steps], count: int) -> Callable[..., Steps]:
    """The steps of a handler for one of the targets: status, its `count` outputs, the stop button.

    Between two of them it can be stopped. The last one has everything, for the page may drop a step
    that another follows at once. An `InputError` is shown as the status.
    """

    def steps(attributions: PairAttribution | None, about: int | None, *values: Any) -> Steps:
        outputs: tuple[Any, ...] = (gr.skip(),) * count
        shown = time.monotonic()
        try:
            with lock.announce_job("a question about an explanation"):
                for status, *results in handler(select_target(attributions, about), *values):
                    outputs = tuple(results)
                    if time.monotonic() - shown > OFTEN:
                        shown = time.monotonic()
                        yield notices.status(status), *map(copy, outputs), gr.update(visible=True)
            yield "", *outputs, gr.update(visible=False)
        except InputError as error:
            skipped = (gr.skip(),) * count
            yield notices.refusal(str(error)), *skipped, gr.update(visible=False)

    return steps


class Remaining:
    """How long the rest of some work will take, from the share that is done."""

    def __init__(self) -> None:
        """The work begins now."""
        self._began = time.monotonic()

    def after(self, share: float, about: str = "about") -> str:
        """Words for the end of a status; "" while the share, 0..1, says nothing yet."""
        spent = time.monotonic() - self._began
        if spent < ESTIMATED_AFTER or not 0 < share < 1:
            return ""
        return f", {about} {max(1.0, spent * (1 - share) / share):.0f} s left"


def select_target(attributions: PairAttribution | None, number: object) -> PairAttribution:
    """The attributions of one of the targets alone."""
    if not isinstance(attributions, PairAttribution):
        raise InputError("There is no explanation yet: press Why? first.")
    first = require_index(number or 0, len(attributions.teacher), "Choose one of the answers.")
    chosen = slice(first, first + 1)
    return replace(
        attributions,
        teacher=attributions.teacher[chosen],
        student=attributions.student[chosen],
        agreement=attributions.agreement[chosen],
    )


def require_index(number: object, count: int, sentence: str) -> int:
    """A number from 0 to `count` - 1, maybe written as text; else an `InputError`."""
    text = str(number) if isinstance(number, int | str) else ""
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) < count):
        raise InputError(sentence)
    return int(text)
