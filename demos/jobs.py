"""Work that a visitor starts, watches and may cancel: races, sweeps, evaluations, trainings."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.common import MODEL, QUIET
from explain.race import lock
from explain.records import InputError
from explain.render.notices import pair_changed, refusal

HIDDEN: Any = gr.update(visible=False)
UNCHANGED: Any = gr.skip()
STEPS: dict[str, Any] = {**QUIET, **MODEL, "trigger_mode": "multiple"}
"""A job checks by itself whether it was cancelled (`explain.race.lock`), so a new one may be
requested before the last step of the old one ends."""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work with a Start and a Cancel button; each visitor has one of each kind.

    `view` is a NamedTuple of everything the work shows, in the order of the outputs: its first
    field is `status` (HTML), and the defaults of the others clear the page. `steps` is a
    generator of views. It is called with `is_cancelled`, then the values of the inputs; when
    `is_cancelled()` becomes true it ends soon, and its last view says so. An `InputError` of it is
    shown as the status.
    """

    name: str  # `NAME-start`, `NAME-cancel`: ids of the buttons
    view: Callable[..., tuple[Any, ...]]
    steps: Callable[..., Generator[tuple[Any, ...], None, None]]
    starting: Callable[[str], str]  # status after Start; called with what runs before it, or ""
    cancelled: str  # status after Cancel

    def start(self, request: gr.Request) -> tuple[Any, ...]:
        """What the page shows at once after Start; the first view of the work clears the rest."""
        lock.note_start(self._owner(request))
        return *self.with_status(self.starting(lock.blocking_job())), *_buttons(running=True)

    def run(self, request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Every view of the work, with the states of the two buttons.

        The last view comes once more, with Start enabled again: the page may drop an update that
        another follows at once, so the last one holds everything. Gradio takes the value out of an
        update that it sends, so each is sent as a copy. After Cancel it says so, also where the
        work ended before it noticed; after another pair was chosen nothing more is shown.
        """
        last: tuple[Any, ...] = self.with_status(UNCHANGED)
        press = lock.begin(self._owner(request))
        try:
            with closing(self.steps(press.is_cancelled, *values)) as views:
                for last in views:
                    if press.is_discarded():
                        return
                    yield *_copied(last), *_buttons(running=not press.is_cancelled())
        except InputError as error:
            last = self.with_status(refusal(str(error)))
        if press.is_discarded():
            return
        if press.is_cancelled():
            last = (self.cancelled, *last[1:])
        yield *_copied(last), *_buttons(running=False)

    def cancel(self, request: gr.Request) -> tuple[Any, ...]:
        """The visitor's work ends before its next step; what it has shown stays."""
        lock.note_cancel(self._owner(request))
        return *self.with_status(self.cancelled), *_buttons(running=False)

    def change_pair(self, button: str, request: gr.Request) -> tuple[Any, ...]:
        """The work ends, and its results of the other pair go; `button` gets new ones."""
        lock.note_discard(self._owner(request))
        return *_copied(self.view(pair_changed(button))), *_buttons(running=False)

    def with_status(self, status: str) -> tuple[Any, ...]:
        """A view that changes nothing but the status."""
        empty = self.view("")
        return status, *[UNCHANGED] * (len(empty) - 1)

    def buttons(self, label: str = "Start") -> tuple[gr.Button, gr.Button]:
        """Lay out the two buttons, Start called `label`, in a row of their own."""
        with gr.Row(elem_classes="rx-buttons"):
            return (
                gr.Button(label, variant="primary", elem_id=f"{self.name}-start", min_width=160,
                          scale=0),
                gr.Button("Cancel", elem_id=f"{self.name}-cancel", interactive=False,
                          min_width=120, scale=0),
            )  # fmt: skip

    def wire(
        self,
        buttons: tuple[gr.Button, gr.Button],
        inputs: Sequence[gr.components.Component],
        outputs: Sequence[gr.blocks.Block],
        pair: Any = None,
    ) -> None:
        """Connect the two buttons; `outputs` are in the order of the fields of `view`.

        Choosing another `pair` ends the work and takes away what was found with the other one.
        """
        start, cancel = buttons
        shown: list[Any] = [*outputs, start, cancel]
        start.click(self.start, None, shown, queue=False, **QUIET).then(
            self.run, list(inputs), shown, **STEPS
        )
        cancel.click(self.cancel, None, shown, queue=False, **QUIET)
        if pair is not None:

            def clear(request: gr.Request) -> tuple[Any, ...]:
                return self.change_pair(str(start.value), request)

            pair.input(clear, None, shown, queue=False, **QUIET)

    def _owner(self, request: gr.Request) -> str:
        return f"{request.session_hash}/{self.name}"


def _copied(view: tuple[Any, ...]) -> list[Any]:
    return [dict(value) if isinstance(value, dict) else value for value in view]


def _buttons(running: bool) -> tuple[Any, Any]:
    """The states of Start and Cancel."""
    return gr.update(interactive=not running), gr.update(interactive=running)
