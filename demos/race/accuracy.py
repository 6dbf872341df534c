"""The accuracy half of the race: both models of a pair on a labelled set, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from demos.common import FOLLOWED, MODEL, QUIET, buttons, names, offered, visitor_errors
from demos.race.explanations import build as build_explained
from explain.environment import circumstances
from explain.evaluation import export, heads, sets, upload
from explain.evaluation.items import EvaluationSet, ScoredItem
from explain.evaluation.scoring import evaluate
from explain.evaluation.sets import FILE, MOST_ITEMS, OFFICIAL, OURS
from explain.evaluation.tables import Report, report
from explain.heads.registry import HEADS
from explain.models import ROLES, load
from explain.race import lock
from explain.records import InputError
from explain.render import accuracy as render_accuracy
from explain.render import items as render_items
from explain.render.heads import evaluation_words
from explain.render.notices import refusal, starting

SOURCES = (("Our own set", OURS), ("Official split", OFFICIAL), ("Your file", FILE))
ITEMS = (20, MOST_ITEMS)
CANCELLED = render_accuracy.cancelled()
READING = "The set is read, and both models."
INTRO = (
    "### Who is right more often?\n\nBoth models answer every item of a labelled set. The score "
    "grows batch by batch, with its interval; at the end stands whether the difference is more "
    "than chance, and on which items they differ."
)


def announce(request: gr.Request) -> tuple[Any, ...]:
    """Said at once, before the evaluation has its turn."""
    lock.note_start(_owner(request))
    return starting(lock.blocking_job(), READING), "", "", "", *_ends(running=True)


def start(
    head: str, source: str, file: str | None, limit: float, pair: str, request: gr.Request
) -> Iterator[tuple[Any, ...]]:
    """The evaluation, drawn as it goes on."""
    with lock.cancellation(_owner(request)) as given_up:
        yield from _drawn(head, source, file, limit, pair, given_up)


def _drawn(
    head: str,
    source: str,
    file: str | None,
    limit: float,
    pair: str,
    given_up: Callable[[], bool],
) -> Iterator[tuple[Any, ...]]:
    try:
        yield starting("", READING), "", "", "", *_ends(running=True)
        data = sets.choose(
            head, source, file, 0 if source == OURS else limit
        )  # no limit is shown then
        teacher, student = (load(head, role, pair) for role in ROLES)
        steps = evaluate(data.items, teacher, student)
        with lock.announce_job(_title(data)), closing(steps):
            for step in steps:
                if given_up():
                    yield CANCELLED, *[gr.skip()] * 3, *_ends(running=False)
                    return
                shown = render_accuracy.headline(step, data), render_accuracy.score(step, data)
                yield *shown, gr.skip(), gr.skip(), *_ends(running=True)
        found = report(data, step.scored)
        tables = render_accuracy.tables(found), render_items.differences(found, pair)
        yield *shown, *tables, *_ends(False, _files(found, step.scored, pair))
    except InputError as error:
        yield refusal(str(error)), "", "", "", *_ends(running=False)


def cancelled(request: gr.Request) -> tuple[Any, ...]:
    """The visitor's evaluation ends before its next batch: the score stays, without a verdict."""
    lock.note_cancel(_owner(request))
    return CANCELLED, *_ends(running=False)


def _owner(request: gr.Request) -> str:
    return f"{request.session_hash}/accuracy"


def checked(head: str, source: str, file: str | None) -> tuple[Any, Any, str]:
    """What the fields now ask for: the file's box, the limit, and what is wrong with the file."""
    said = (
        f"CSV or JSON Lines, at most {upload.MOST_ROWS:,} rows: {evaluation_words(head).columns}."
    )
    if source == OFFICIAL:
        split = heads.of(head).official
        said = f"{split.name}, the validation split of {split.repository} on the Hugging Face Hub."
    if source == FILE and file:
        try:
            data = upload.read_file(Path(file), head)
            said = f"{len(data.items):,} {HEADS[head].items} are ready."
        except InputError as error:
            return gr.update(visible=True), gr.update(visible=True), refusal(str(error))
    return (
        gr.update(visible=source == FILE),
        gr.update(visible=source != OURS),
        render_accuracy.format_note(said) if source != OURS else "",
    )


@visitor_errors
def answer(
    head: str = "sentiment",
    source: str = OURS,
    rows: list[dict[str, Any]] | None = None,
    limit: int = 0,
    pair: str = "pocket",
) -> dict[str, Any]:
    """Both models on a labelled set: scores with intervals, McNemar's test, slices, every answer.

    `source` is ours or official (the Hub's validation split); `rows`, in the schema of the head,
    are scored instead of either. `limit` items are drawn with a fixed seed; 0 means all.
    """
    if rows is None:
        data = sets.choose(head, source, None, limit)
    else:
        sets.require_choice(head, limit)
        data = sets.sample(upload.from_rows(rows, head), int(limit))
    teacher, student = (load(head, role, pair) for role in ROLES)
    with lock.announce_job(_title(data)):
        *_, last = evaluate(data.items, teacher, student)
    return _document(report(data, last.scored), last.scored, pair)


def _title(data: EvaluationSet) -> str:
    return f"an evaluation of {len(data.items):,} {HEADS[data.head].items}"


def _document(found: Report, judged: tuple[ScoredItem, ...], pair: str) -> dict[str, Any]:
    named = dict(zip(ROLES, names(found.data.head, pair), strict=True))
    return export.evaluation(found, judged, named, pair, circumstances())


def _files(found: Report, judged: tuple[ScoredItem, ...], pair: str) -> list[Any]:
    table = "\ufeff" + export.evaluation_csv(judged)  # the mark tells spreadsheets that it is UTF-8
    whole = export.as_json(_document(found, judged, pair))
    return offered({"items.csv": table, "evaluation.json": whole})


def _ends(running: bool, files: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """The two files, Start and Cancel."""
    return *(files or [gr.update(visible=False)] * 2), *buttons(running)


def build(pair: gr.components.Component) -> None:
    """Lay the section out inside the Race tab, below the latency part."""
    gr.Markdown(INTRO)
    head, source, file, limit, note = _fields()
    with gr.Row(elem_classes="rx-buttons"):
        go = gr.Button("Start", variant="primary", elem_id="accuracy-start", min_width=160, scale=0)
        stop = gr.Button("Cancel", elem_id="accuracy-cancel", interactive=False, min_width=120,
                         scale=0)  # fmt: skip
    shown = [
        gr.HTML(render_accuracy.invitation() if name == "verdict" else "",
                elem_id=f"accuracy-{name}", elem_classes="sx-flush")
        for name in ("verdict", "score", "tables", "differences")
    ]  # fmt: skip
    with gr.Row(elem_classes="rx-buttons"):
        files = [
            gr.DownloadButton(label, size="sm", elem_id=f"accuracy-{name}", visible=False, scale=0,
                              min_width=150)
            for label, name in (("Items as CSV", "csv"), ("Everything as JSON", "json"))
        ]  # fmt: skip
    ends = [*files, go, stop]
    fields = [head, source, file]
    gr.on([head.change, source.change, file.change], checked, fields, [file, limit, note], **QUIET)
    go.click(announce, None, [*shown, *ends], queue=False, **QUIET).then(
        start, [*fields, limit, pair], [*shown, *ends], **FOLLOWED
    )
    stop.click(cancelled, None, [shown[0], *ends], queue=False, **QUIET)
    gr.api(answer, api_name="evaluate", **MODEL)
    build_explained(fields, pair)


def _fields() -> tuple[gr.Radio, gr.Radio, gr.File, gr.Slider, gr.HTML]:
    with gr.Row(elem_classes="rx-fields"):
        head = gr.Radio(
            [(entry.title, key) for key, entry in HEADS.items()],
            value="sentiment",
            label="Task",
            elem_id="accuracy-head",
            min_width=300,
            scale=3,
        )
        source = gr.Radio(list(SOURCES), value=OURS, label="Items", elem_id="accuracy-source",
                          min_width=260, scale=2)  # fmt: skip
    limit = gr.Slider(*ITEMS, value=500, step=20, label="Items at most", visible=False,
                      info="Drawn with a fixed seed", elem_id="accuracy-limit")  # fmt: skip
    file = gr.File(label="CSV or JSON Lines", file_types=list(upload.SUFFIXES), visible=False,
                   height=120, elem_id="accuracy-file")  # fmt: skip
    note = gr.HTML(elem_id="accuracy-note", elem_classes="sx-flush")
    return head, source, file, limit, note
