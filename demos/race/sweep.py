"""The race's sweep: latency against sentence length and batch, and where the time goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import gradio as gr

from demos.common import FOLLOWED, QUIET, buttons, offered
from demos.race.files import row as files_row
from explain.environment import circumstances
from explain.figures import sweep as drawing
from explain.race import export, lock
from explain.race.records import Survey
from explain.race.run import settings_of
from explain.race.sweeps import survey
from explain.records import InputError
from explain.render import notices
from explain.render import race as render

LAPS = 10  # any number that may be raced: a sweep has its own
CANCELLED = notices.status("Cancelled: as far as it came.")
PLOTS = ("length", "batch", "throughput", "parts")
INTRO = (
    "### How does it grow?\n\nThe same contestants with sentences of 8 to 512 word pieces, then "
    "part by part (embeddings, layers, head), then in batches of 1 to 32."
)


def announce(request: gr.Request) -> tuple[Any, ...]:
    """Said at once, before the sweep has its turn."""
    lock.start(_owner(request))
    ahead = lock.ahead()
    said = f"Waiting for its turn. Running now: {ahead}." if ahead else "Getting ready …"
    return notices.status(said), *buttons(running=True)


def start(
    contestants: Sequence[str],
    length: Any,
    batch: Any,
    threads: Any,
    pair: str,
    request: gr.Request,
) -> Iterator[tuple[Any, ...]]:
    """The sweep, drawn as it goes."""
    settings = settings_of(contestants, length, batch, LAPS, threads, pair)
    try:
        with (
            lock.work_of(_owner(request)) as given_up,
            closing(survey(settings, given_up)) as shots,
        ):
            for shot in shots:
                yield _shown(shot)
            if not shot.done:
                yield CANCELLED, *[gr.skip()] * 7, *buttons(running=False)
    except InputError as error:
        yield notices.refusal(str(error)), *[gr.skip()] * 7, *buttons(running=False)


def cancelled(request: gr.Request) -> tuple[Any, ...]:
    """The visitor's sweep ends before its next pass; what was timed stays."""
    lock.stop(_owner(request))
    return CANCELLED, *buttons(running=False)


def _owner(request: gr.Request) -> str:
    return f"{request.session_hash}/sweep"


def _shown(shot: Survey) -> tuple[Any, ...]:
    pictures = [gr.update(visible=False)] * 4  # a row is drawn whole, so that widths are right
    if shot.points:
        pictures[:2] = [
            gr.update(value=drawing.sweep(shot.points, what), visible=True)
            for what in ("length", "batch")
        ]
    if any(point.what == "batch" for point in shot.points):
        drawn = drawing.throughput(shot.points), drawing.shares(shot.shares)
        pictures[2:] = [gr.update(value=figure, visible=True) for figure in drawn]
    files = _files(shot) if shot.done else [gr.update(visible=False)] * 2
    ends = *files, gr.update(visible=shot.done), *buttons(running=not shot.done)
    return render.survey(shot), *pictures, *ends


def _files(shot: Survey) -> list[Any]:
    here = circumstances()
    table, whole = export.sweep_to_csv(shot, here), export.sweep_to_json(shot, here)
    return offered({"sweep.csv": table, "sweep.json": whole})


def build(inputs: Sequence[gr.components.Component]) -> None:
    """Lay the section out; `inputs` are those of `start`."""
    gr.Markdown(INTRO)
    with gr.Row(elem_classes="rx-buttons"):
        go = gr.Button("Sweep", variant="primary", elem_id="sweep-start", min_width=160, scale=0)
        stop = gr.Button(
            "Cancel", elem_id="sweep-cancel", interactive=False, min_width=120, scale=0
        )
    said = gr.HTML(notices.status("Some 40 seconds for the pocket pair."), elem_id="sweep-status",
                   elem_classes="sx-flush")  # fmt: skip
    plots = []
    for pair in (PLOTS[:2], PLOTS[2:]):
        with gr.Row():
            plots += [
                gr.Plot(show_label=False, elem_id=f"sweep-{name}", elem_classes="sx-plot",
                        min_width=300, visible=False)
                for name in pair
            ]  # fmt: skip
    files, row = files_row("sweep", "Sweep", [f"sweep-{name}" for name in PLOTS])
    outputs = [said, *plots, *files, row, go, stop]
    ends = [said, go, stop]
    go.click(announce, None, ends, queue=False, **QUIET).then(
        start, list(inputs), outputs, **FOLLOWED
    )
    stop.click(cancelled, None, ends, queue=False, **QUIET)
