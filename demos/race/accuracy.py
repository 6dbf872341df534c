"""The accuracy half of the race: both models of a pair on a labelled set, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos.answers import names
from demos.common import MODEL, QUIET, visitor_errors
from demos.downloads import offered
from demos.jobs import HIDDEN, Job
from demos.prose import prose
from demos.race.explanations import build as build_explained
from demos.race.files import chosen_set
from demos.race.files import row as files_row
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
from explain.render import accuracy as render
from explain.render import items, notices
from explain.render.heads import evaluation_words

SOURCES = (("Our own set", OURS), ("Official split", OFFICIAL), ("Your file", FILE))
ITEMS = (20, MOST_ITEMS)
CANCELLED = render.cancelled()
READING = "Loading the set and both models."
INTRO = (
    "### Who is right more often?\n\nBoth models answer every item of a labelled set. The score "
    "grows batch by batch, with its interval; in the end you see whether the difference is more "
    "than chance, and on which items they differ."
)


class View(NamedTuple):
    """Everything that the page shows of an evaluation, in the order of the outputs."""

    status: str
    score: str = ""
    tables: Any = ""
    differences: Any = ""
    csv: Any = HIDDEN
    json: Any = HIDDEN
    files: Any = HIDDEN  # the row of the buttons


def steps(
    is_cancelled: Callable[[], bool],
    head: str,
    source: str,
    file: str | None,
    limit: float,
    pair: str,
) -> Generator[tuple[Any, ...], None, None]:
    """The evaluation, drawn as it goes on."""
    yield View(notices.starting("", READING))
    data = chosen_set(head, source, file, 0 if source == OURS else limit)  # the limit is hidden
    teacher, student = (load(head, role, pair) for role in ROLES)
    states = evaluate(data.items, teacher, student)
    with lock.announce_job(_title(data)) as job, closing(states):
        for state in states:
            job.note_progress(len(state.scored) / state.total)
            if is_cancelled():
                yield JOB.with_status(CANCELLED)
                return
            view = View(render.headline(state, data), render.score(state, data))
            yield view
    result = report(data, state.scored)
    document = _document(result, state.scored, pair)
    csv, json = offered({
        "items.csv": export.with_mark(export.evaluation_csv(state.scored)),
        "evaluation.json": export.as_json(document),
    })  # fmt: skip
    yield view._replace(
        tables=render.tables(result), differences=items.differences(result, pair),
        csv=csv, json=json, files=gr.update(visible=True),
    )  # fmt: skip


JOB = Job("accuracy", View, steps, partial(notices.starting, text=READING), CANCELLED)


@visitor_errors
def checked(head: str, source: str, file: str | None) -> tuple[Any, Any, str]:
    """After a field has changed: the file's box, the limit, and what is wrong with the file."""
    sets.require_choice(head, 0)
    columns = evaluation_words(head).columns
    note = f"CSV or JSON Lines, at most {upload.MOST_ROWS:,} rows: {columns}."
    if source == OFFICIAL:
        split = heads.of(head).official
        note = f"{split.name}, the validation split of {split.repository} on the Hugging Face Hub."
    if source == FILE and file:
        try:
            data = upload.read_file(Path(file), head)
            note = f"{len(data.items):,} {HEADS[head].items} are ready."
        except InputError as error:
            return gr.update(visible=True), gr.update(visible=True), notices.refusal(str(error))
    return (
        gr.update(visible=source == FILE),
        gr.update(visible=source != OURS),
        render.format_note(note) if source != OURS else "",
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


def _document(result: Report, scored: Sequence[ScoredItem], pair: str) -> dict[str, Any]:
    models = dict(zip(ROLES, names(result.data.head, pair), strict=True))
    return export.evaluation(result, scored, models, pair, circumstances())


def build(pair: gr.components.Component) -> None:
    """Lay the section out inside the Race tab, below the latency part."""
    prose(INTRO)
    head, source, file, limit, note = _fields()
    buttons = JOB.buttons()
    shown = [
        gr.HTML(render.invitation() if name == "verdict" else "",
                elem_id=f"accuracy-{name}", elem_classes="sx-flush")
        for name in ("verdict", "score", "tables", "differences")
    ]  # fmt: skip
    files, row = files_row("accuracy", "Items")
    fields = [head, source, file]
    gr.on([head.change, source.change, file.change], checked, fields, [file, limit, note], **QUIET)
    JOB.wire(buttons, [*fields, limit, pair], [*shown, *files, row], pair)
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
