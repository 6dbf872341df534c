"""Do both models rely on the same words? Explanations over a whole set, below the accuracy."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from demos.answers import names
from demos.downloads import offered
from demos.jobs import HIDDEN, Job
from demos.prose import prose
from demos.race.files import chosen_set
from demos.race.files import row as files_row
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.environment import circumstances
from explain.evaluation import export
from explain.evaluation.explanations import explain
from explain.heads.registry import HEADS
from explain.models import ROLES, load
from explain.race import lock
from explain.render import explanations as render
from explain.render import items, notices

ITEMS = (10, 200)
CANCELLED = notices.announcement(
    "Cancelled", "The shares below are of the items explained until then."
)
READING = "Loading the set and both models."
INTRO = (
    "### The same answer for the same reasons?\n\nBoth models explain their answers to the items "
    "chosen above. How often is the main word the same, compared with how often the answer is the "
    "same?"
)


class View(NamedTuple):
    """Everything that the page shows of the explanations, in the order of the outputs."""

    status: str
    shares: str = ""
    surprises: Any = ""
    csv: Any = HIDDEN
    json: Any = HIDDEN
    files: Any = HIDDEN  # the row of the buttons


def steps(
    is_cancelled: Callable[[], bool],
    head: str,
    source: str,
    file: str | None,
    method: str,
    limit: float,
    pair: str,
) -> Generator[tuple[Any, ...], None, None]:
    """The shares, drawn as they grow."""
    yield View(notices.starting("", READING))
    data = chosen_set(head, source, file, limit)
    teacher, student = (load(head, role, pair) for role in ROLES)
    title = f"explanations of {len(data.items):,} {HEADS[head].items}"
    summaries = explain(data.items, teacher, student, method)
    with lock.announce_job(title) as job, closing(summaries):
        for summary in summaries:
            job.note_progress(summary.done / max(1, summary.total))
            if is_cancelled():
                yield JOB.with_status(CANCELLED)
                return
            view = View(render.headline(summary, data), render.shares(summary, data))
            yield view
    models = dict(zip(ROLES, names(head, pair), strict=True))
    document = export.explanations(summary, data, models, method, circumstances())
    csv, json = offered({
        "explained.csv": export.with_mark(export.explanations_csv(summary)),
        "explained.json": export.as_json(document),
    })  # fmt: skip
    yield view._replace(
        surprises=items.surprises(summary, pair, head), csv=csv, json=json,
        files=gr.update(visible=True),
    )  # fmt: skip


JOB = Job("explained", View, steps, partial(notices.starting, text=READING), CANCELLED)


def build(fields: Sequence[gr.components.Component], pair: gr.components.Component) -> None:
    """Lay the section out; `fields` are those of the accuracy: task, items, file."""
    prose(INTRO)
    with gr.Row(elem_classes="rx-fields"):
        methods = {key: each for key, each in METHODS.items() if each.offered_for_sets}
        method = gr.Radio(
            [(each.name, key) for key, each in methods.items()], value=DEFAULT_METHOD,
            label="Method", info=" ".join(each.summary for each in methods.values()),
            elem_id="explained-method", min_width=300,
        )  # fmt: skip
        limit = gr.Slider(*ITEMS, value=40, step=10, label="Items at most", min_width=200,
                          info="Drawn with a fixed seed", elem_id="explained-limit")  # fmt: skip
    buttons = JOB.buttons("Explain")
    shown = [
        gr.HTML(elem_id=f"explained-{name}", elem_classes="sx-flush")
        for name in ("verdict", "shares", "surprises")
    ]
    files, row = files_row("explained", "Items")
    JOB.wire(buttons, [*fields, method, limit, pair], [*shown, *files, row], pair)
