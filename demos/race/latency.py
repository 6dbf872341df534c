"""Race: two models, or more, timed lap by lap, and what may be said of the result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from demos.common import FOLLOWED, MODEL, QUIET, buttons, offered, visitor_errors
from demos.race.accuracy import build as build_accuracy
from demos.race.evidence import build as build_evidence
from demos.race.files import row as files_row
from demos.race.sweep import build as build_sweep
from explain.environment import cores
from explain.figures import race as figures
from explain.race import export, lock
from explain.race.live import follow
from explain.race.records import CONTESTANTS, Result, Snapshot
from explain.race.run import BATCHES, LAPS, LENGTHS, settings_of
from explain.records import InputError
from explain.render import notices
from explain.render import race as render

TITLE = "Race"
EXAMPLES = ()
INTRO = (
    "Who answers faster? Every lap, all contestants read the same texts, out in one order and back "
    "in the reverse; the ratio is taken lap by lap, with its interval."
)


def announce(request: gr.Request) -> tuple[Any, ...]:
    """Said at once, before the race has its turn."""
    lock.start(_owner(request))
    said = notices.starting(lock.ahead(), "Predictions in progress are finished first.")
    return said, *buttons(running=True)


def start(
    who: list[str], length: Any, batch: Any, laps: Any, threads: Any, pair: str, request: gr.Request
) -> Iterator[tuple[Any, ...]]:
    """The race, drawn as it runs."""
    try:
        settings = settings_of(who, length, batch, laps, threads, pair)
        with (
            lock.work_of(_owner(request)) as given_up,
            closing(follow(settings, given_up)) as shots,
        ):
            for shot in shots:
                yield _shown(shot)
    except InputError as error:
        yield notices.refusal(str(error)), *[gr.skip()] * 8, *buttons(running=False)


def cancelled(request: gr.Request) -> tuple[Any, ...]:
    """The visitor's race ends before its next pass; the marks stay, a verdict is not given."""
    lock.stop(_owner(request))
    said = notices.announcement("Cancelled", "No verdict; laps that were run stay below.")
    return said, *buttons(running=False)


def _owner(request: gr.Request) -> str:
    return f"{request.session_hash}/race"


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
    `full-teacher`, `full-student`: untrained models of full size.
    """
    keys = contestants if contestants is not None else ["teacher", "student"]
    if not isinstance(keys, list):
        raise InputError("Give the contestants as a list of their names.")
    *_, last = follow(settings_of(keys, length, batch, laps, threads, pair))
    assert last.result is not None
    return {"pair": pair, **export.to_plain(last.result)}


def _shown(shot: Snapshot) -> tuple[Any, ...]:
    """Everything that the page shows of one state, in the order of its outputs."""
    duel, found = shot.duel, shot.result
    picture: Any = gr.update(visible=False)
    if duel:
        name = f"times as fast as {CONTESTANTS[duel.first].name}"
        picture = gr.update(
            value=figures.ratio(shot.settings, shot.trail, name), visible=bool(shot.trail)
        )
    end = _files(found) if found else [gr.update(visible=False)] * 2
    return (
        render.verdict(shot),
        gr.update(value=figures.laps(shot.settings, shot.passes), visible=shot.laps > 0),
        picture,
        render.table(found) if found else "",
        render.sizes(found.sizes) if found else "",
        *end,
        gr.update(visible=found is not None),
        found,
        *buttons(running=found is None),
    )


def _files(found: Result) -> list[Any]:
    return offered({"race.csv": export.to_csv(found), "race.json": export.to_json(found)})


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown(INTRO)
    fields = _fields()
    with gr.Row(elem_classes="rx-buttons"):
        go = gr.Button("Start", variant="primary", elem_id="race-start", min_width=160, scale=0)
        stop = gr.Button("Cancel", elem_id="race-cancel", interactive=False, min_width=120, scale=0)
    said = gr.HTML(
        notices.announcement("Ready", "Press Start."), elem_id="race-verdict",
        elem_classes="sx-flush",
    )  # fmt: skip
    found = gr.State(None)
    outputs = [said, *_pictures(), found, go, stop]
    ends = [said, go, stop]
    go.click(announce, None, ends, queue=False, **QUIET).then(
        start, [*fields, pair], outputs, **FOLLOWED
    )
    stop.click(cancelled, None, ends, queue=False, **QUIET)
    gr.api(race, api_name="race", **MODEL)
    who, length, batch, _, threads = fields
    build_sweep([who, length, batch, threads, pair])
    build_evidence(pair, found)
    build_accuracy(pair)


def _fields() -> list[gr.components.Component]:
    names = [(entry.name, key) for key, entry in CONTESTANTS.items()]
    most = cores()
    counts = sorted({1, most, *(number for number in (2, 4, 8, 16) if number < most)})
    who = gr.CheckboxGroup(
        names, value=["teacher", "student"], label="Contestants", elem_id="race-contestants",
        info="int8: linear layers in 8 bits. Base size: the full architectures with untrained "
        "weights, for latency and size alone",
    )  # fmt: skip
    with gr.Row(elem_classes="rx-fields"):
        return [
            who,
            gr.Slider(*LENGTHS, value=64, step=1, label="Word pieces a text", min_width=200,
                      elem_id="race-length"),
            gr.Slider(*BATCHES, value=1, step=1, label="Texts a pass", min_width=200,
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
