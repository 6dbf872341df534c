"""Race: two or more models, timed lap by lap, with the interval of their ratio."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from demos.common import MODEL, visitor_errors
from demos.downloads import offered
from demos.jobs import HIDDEN, Job
from demos.own_student import student_of_visitor
from demos.prose import prose
from demos.race.accuracy import build as build_accuracy
from demos.race.claims import build as build_claims
from demos.race.files import row as files_row
from demos.race.sweep import build as build_sweep
from explain.environment import cores
from explain.figures import race as figures
from explain.race import export
from explain.race.records import CONTESTANTS, Result, Snapshot
from explain.race.run import BATCHES, LAPS, LENGTHS, follow, settings_of
from explain.records import InputError
from explain.render import notices
from explain.render import race as render

TITLE = "Race"
EXAMPLES = ()
INTRO = (
    "Who answers faster? In every lap all contestants read the same texts, in one order and then "
    "in reverse; the ratio is computed lap by lap, with its interval."
)


class View(NamedTuple):
    """Everything that the page shows of a race, in the order of the outputs."""

    status: str
    laps: Any = HIDDEN
    ratio: Any = HIDDEN
    table: str = ""
    sizes: str = ""
    csv: Any = HIDDEN
    json: Any = HIDDEN
    files: Any = HIDDEN  # the row of the buttons
    result: Result | None = None


def steps(
    is_cancelled: Callable[[], bool],
    contestants: list[str],
    length: Any,
    batch: Any,
    laps: Any,
    threads: Any,
    pair: str,
) -> Generator[View, None, None]:
    """The race, drawn as it runs."""
    settings = settings_of(contestants, length, batch, laps, threads, pair)
    with closing(follow(settings, is_cancelled, student_of_visitor())) as snapshots:
        for snapshot in snapshots:
            yield view_of(snapshot)


@visitor_errors
def race(
    contestants: list[str] | None = None,
    length: int = 64,
    batch: int = 1,
    laps: int = 60,
    threads: int = 1,
    pair: str = "pocket",
) -> dict[str, Any]:
    """A race to its end: verdict in words, standings, duels with intervals, sizes, every pass.

    Contestants are `teacher`, `student`, each with `-bfloat16` or `-int8` behind it, and
    `full-teacher`, `full-student`: untrained models of full size; and on the page `own-student`,
    which the visitor has trained.
    """
    keys = contestants if contestants is not None else ["teacher", "student"]
    if not isinstance(keys, list):
        raise InputError("Give the contestants as a list of their names.")
    *_, last = follow(settings_of(keys, length, batch, laps, threads, pair))
    assert last.result is not None
    return {"pair": pair, **export.to_plain(last.result)}


def view_of(snapshot: Snapshot) -> View:
    """The page's view of one state of a race."""
    settings, duel, result = snapshot.settings, snapshot.duel, snapshot.result
    view = View(
        render.verdict(snapshot),
        gr.update(value=figures.laps(settings, snapshot.passes), visible=snapshot.laps > 0),
    )
    if duel:
        title = f"times as fast as {CONTESTANTS[duel.first].name}"
        figure = figures.ratio(settings, snapshot.trail, title)
        view = view._replace(ratio=gr.update(value=figure, visible=bool(snapshot.trail)))
    if result is None:
        return view
    csv, json = offered({"race.csv": export.to_csv(result), "race.json": export.to_json(result)})
    return view._replace(
        table=render.table(result), sizes=render.sizes(result.sizes), csv=csv, json=json,
        files=gr.update(visible=True), result=result,
    )  # fmt: skip


JOB = Job(
    "race",
    View,
    steps,
    partial(notices.starting, text="Predictions in progress are finished first."),
    notices.announcement("Cancelled", "No verdict; laps that were run stay below."),
)


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    prose(INTRO)
    contestants, length, batch, _, threads = fields = _fields()
    buttons = JOB.buttons()
    status = gr.HTML(
        notices.announcement("Ready", "Press Start."), elem_id="race-verdict",
        elem_classes="sx-flush",
    )  # fmt: skip
    result = gr.State(None)
    JOB.wire(buttons, [*fields, pair], [status, *_pictures(), result], pair)
    gr.api(race, api_name="race", **MODEL)
    build_sweep([contestants, length, batch, threads, pair])
    build_claims(pair, result)
    build_accuracy(pair)


def _fields() -> list[gr.components.Component]:
    names = [(entry.name, key) for key, entry in CONTESTANTS.items()]
    most = cores()
    counts = sorted({1, most, *(number for number in (2, 4, 8, 16) if number < most)})
    contestants = gr.CheckboxGroup(
        names, value=["teacher", "student"], label="Contestants", elem_id="race-contestants",
        info="int8: linear layers in 8 bits. Base size: the full architectures with untrained "
        "weights, for latency and size alone. Your student: one for sentiment, from the Distil tab",
    )  # fmt: skip
    with gr.Row(elem_classes="rx-fields"):
        return [
            contestants,
            gr.Slider(*LENGTHS, value=64, step=1, label="Pieces per text", min_width=200,
                      elem_id="race-length"),
            gr.Slider(*BATCHES, value=1, step=1, label="Texts per pass", min_width=200,
                      elem_id="race-batch"),
            gr.Slider(*LAPS, value=60, step=10, label="Laps", min_width=200, elem_id="race-laps"),
            gr.Radio(counts, value=1, label="Threads", min_width=120, elem_id="race-threads"),
        ]  # fmt: skip


def _pictures() -> list[Any]:
    with gr.Row():
        plots = [
            gr.Plot(show_label=False, elem_id=f"race-{name}", elem_classes="sx-plot",
                    min_width=300, visible=False)
            for name in ("marks", "ratio")
        ]  # fmt: skip
    table = gr.HTML(elem_id="race-table", elem_classes="sx-flush")
    sizes = gr.HTML(elem_id="race-sizes", elem_classes="sx-flush")
    files, row = files_row("race", "Laps", ("race-marks", "race-ratio", "race-picture"))
    return [*plots, table, sizes, *files, row]
