"""Do both models rely on the same words? Explanations over a whole set, below the accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import gradio as gr

from demos.common import FOLLOWED, QUIET, buttons, names, offered
from demos.race.files import row as files_row
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.environment import circumstances
from explain.evaluation import export, sets
from explain.evaluation.explanations import explain
from explain.evaluation.items import EvaluationSet
from explain.evaluation.reasons import ExplanationSummary
from explain.heads.registry import HEADS
from explain.models import ROLES, load
from explain.race import lock
from explain.records import InputError
from explain.render import explanations as render_explained
from explain.render import items as render_items
from explain.render.notices import announcement, refusal, starting

ITEMS = (10, 200)
CANCELLED = announcement("Cancelled", "The shares below are of the items explained until then.")
READING = "The set is read, and both models."
INTRO = (
    "### The same answer for the same reasons?\n\nBoth models explain their answers to the items "
    "chosen above: how often is the word that counts most the same, against how often the answer "
    "is the same?"
)


def announce(request: gr.Request) -> tuple[Any, ...]:
    """Said at once, before the explanations have their turn."""
    lock.note_start(_owner(request))
    return starting(lock.blocking_job(), READING), "", "", *_ends(running=True)


def start(
    head: str,
    source: str,
    file: str | None,
    method: str,
    limit: float,
    pair: str,
    request: gr.Request,
) -> Iterator[tuple[Any, ...]]:
    """The shares, drawn as they grow."""
    with lock.cancellation(_owner(request)) as given_up:
        yield from _drawn(head, source, file, method, limit, pair, given_up)


def _drawn(
    head: str,
    source: str,
    file: str | None,
    method: str,
    limit: float,
    pair: str,
    given_up: Callable[[], bool],
) -> Iterator[tuple[Any, ...]]:
    try:
        yield starting("", READING), "", "", *_ends(running=True)
        data = sets.choose(head, source, file, limit)
        teacher, student = (load(head, role, pair) for role in ROLES)
        title = f"explanations of {len(data.items):,} {HEADS[head].items}"
        steps = explain(data.items, teacher, student, method)
        with lock.announce_job(title), closing(steps):
            for found in steps:
                if given_up():
                    yield CANCELLED, *[gr.skip()] * 2, *_ends(running=False)
                    return
                shown = (
                    render_explained.headline(found, data),
                    render_explained.shares(found, data),
                )
                yield *shown, "", *_ends(running=True)
        files = _files(found, data, pair, method)
        yield *shown, render_items.surprises(found, pair, head), *_ends(False, files)
    except InputError as error:
        yield refusal(str(error)), "", "", *_ends(running=False)


def cancelled(request: gr.Request) -> tuple[Any, ...]:
    """The visitor's explanations end before the next one: the shares stay."""
    lock.note_cancel(_owner(request))
    return CANCELLED, *_ends(running=False)


def _owner(request: gr.Request) -> str:
    return f"{request.session_hash}/explained"


def _files(found: ExplanationSummary, data: EvaluationSet, pair: str, method: str) -> list[Any]:
    models = dict(zip(ROLES, names(data.head, pair), strict=True))
    whole = export.explanations(found, data, models, method, circumstances())
    table = "\ufeff" + export.explanations_csv(found)  # the mark says that it is UTF-8
    return offered({"explained.csv": table, "explained.json": export.as_json(whole)})


def _ends(running: bool, files: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """The two files, their row, Explain and Cancel."""
    updates = files or [gr.update(visible=False)] * 2
    return *updates, gr.update(visible=bool(files)), *buttons(running)


def build(fields: Sequence[gr.components.Component], pair: gr.components.Component) -> None:
    """Lay the section out; `fields` are those of the accuracy: task, items, file."""
    gr.Markdown(INTRO)
    with gr.Row(elem_classes="rx-fields"):
        offered = {key: each for key, each in METHODS.items() if each.offered_for_sets}
        method = gr.Radio(
            [(each.name, key) for key, each in offered.items()], value=DEFAULT_METHOD,
            label="Method", info=" ".join(each.summary for each in offered.values()),
            elem_id="explained-method", min_width=300,
        )  # fmt: skip
        limit = gr.Slider(*ITEMS, value=40, step=10, label="Items at most", min_width=200,
                          info="Drawn with a fixed seed", elem_id="explained-limit")  # fmt: skip
    with gr.Row(elem_classes="rx-buttons"):
        go = gr.Button("Explain", variant="primary", elem_id="explained-start", min_width=160,
                       scale=0)  # fmt: skip
        stop = gr.Button("Cancel", elem_id="explained-cancel", interactive=False, min_width=120,
                         scale=0)  # fmt: skip
    shown = [
        gr.HTML(elem_id=f"explained-{name}", elem_classes="sx-flush")
        for name in ("verdict", "shares", "surprises")
    ]
    files, row = files_row("explained", "Items")
    ends = [*files, row, go, stop]
    go.click(announce, None, [*shown, *ends], queue=False, **QUIET).then(
        start, [*fields, method, limit, pair], [*shown, *ends], **FOLLOWED
    )
    stop.click(cancelled, None, [shown[0], *ends], queue=False, **QUIET)
