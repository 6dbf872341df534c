"""The race's sweep: latency against sentence length and batch, and where the time goes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import gradio as gr

from demos.downloads import offered
from demos.jobs import HIDDEN, Job
from demos.own_student import student_of_visitor
from demos.race.files import row as files_row
from explain.environment import circumstances
from explain.figures import sweep as drawing
from explain.race import export
from explain.race.records import SweepState
from explain.race.run import settings_of
from explain.race.sweeps import sweep
from explain.render import notices
from explain.render import race as render

LAPS = 10  # any valid number: a sweep sets its own
CANCELLED = notices.status("Cancelled; what was timed before stays.")
PLOTS = ("length", "batch", "throughput", "parts")
INTRO = (
    "### How does latency grow?\n\nThe same contestants with sentences of 8 to 512 word pieces, "
    "then part by part (embeddings, layers, head), then in batches of 1 to 32."
)


class View(NamedTuple):
    """Everything that the page shows of a sweep, in the order of the outputs."""

    status: str
    length: Any = HIDDEN
    batch: Any = HIDDEN
    throughput: Any = HIDDEN
    parts: Any = HIDDEN
    csv: Any = HIDDEN
    json: Any = HIDDEN
    files: Any = HIDDEN  # the row of the buttons


def steps(
    is_cancelled: Callable[[], bool],
    contestants: Sequence[str],
    length: Any,
    batch: Any,
    threads: Any,
    pair: str,
) -> Generator[tuple[Any, ...], None, None]:
    """The sweep, drawn as it runs."""
    settings = settings_of(contestants, length, batch, LAPS, threads, pair)
    with closing(sweep(settings, is_cancelled, student_of_visitor())) as states:
        for state in states:
            yield view_of(state)
    if not state.done:
        yield JOB.with_status(CANCELLED)


def view_of(state: SweepState) -> View:
    """The page's view of one state of a sweep; a row of figures is drawn whole, for its widths."""
    here = circumstances()
    view = View(render.sweep(state, here))
    if state.points:
        view = view._replace(
            length=_figure(drawing.sweep(state.points, "length")),
            batch=_figure(drawing.sweep(state.points, "batch")),
        )
    if any(point.what == "batch" for point in state.points):
        view = view._replace(
            throughput=_figure(drawing.throughput(state.points)),
            parts=_figure(drawing.shares(state.shares)),
        )
    if state.done:
        table, document = export.sweep_to_csv(state, here), export.sweep_to_json(state, here)
        csv, json = offered({"sweep.csv": table, "sweep.json": document})
        view = view._replace(csv=csv, json=json, files=gr.update(visible=True))
    return view


def _figure(figure: Any) -> Any:
    return gr.update(value=figure, visible=True)


JOB = Job("sweep", View, steps, notices.queued, CANCELLED)


def build(inputs: Sequence[gr.components.Component]) -> None:
    """Lay the section out; `inputs` are those of `steps`."""
    gr.Markdown(INTRO)
    buttons = JOB.buttons("Sweep")
    hint = notices.status("About 40 seconds for the pocket pair.")
    status = gr.HTML(hint, elem_id="sweep-status", elem_classes="sx-flush")
    plots = []
    for names in (PLOTS[:2], PLOTS[2:]):
        with gr.Row():
            plots += [
                gr.Plot(show_label=False, elem_id=f"sweep-{name}", elem_classes="sx-plot",
                        min_width=300, visible=False)
                for name in names
            ]  # fmt: skip
    files, row = files_row("sweep", "Sweep", [f"sweep-{name}" for name in PLOTS])
    JOB.wire(buttons, inputs, [status, *plots, *files, row], inputs[-1])
