"""The article's three claims against the race, sizes by part, and accuracy against latency."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.common import MODEL, QUIET, visitor_errors
from explain.anatomy import inside as anatomy
from explain.article import claims
from explain.figures import article as drawing
from explain.figures import race as figures
from explain.race import lock
from explain.race.records import Result
from explain.race.scores import now
from explain.render import notices
from explain.render import race as render

NAMES = ("embeddings", "layers", "pooler")


@visitor_errors
def evidence(pair: str, found: Result | None) -> tuple[str, Any]:
    """The three claims and the picture, with what the last race of this visitor found."""
    rows = claims.claims(pair, anatomy.sizes(pair), found)
    return render.claims(rows), figures.picture(claims.marks(pair, found))


@visitor_errors
def scored(pair: str, found: Result | None) -> tuple[str, Any]:
    """The picture with every contestant of the last race, their accuracy measured now."""
    if found is None:
        return notices.status("Run a race first: its contestants are scored."), gr.skip()
    with lock.announce_job("scores of the contestants"):
        scores = now(found.settings)
    said = render.scored(scores)
    if "teacher" not in found.settings.contestants:
        said += notices.status(
            "No marks in the picture: the teacher, whose time is 1, did not race."
        )
    return said, figures.picture(claims.marks(pair, found, scores))


def announce() -> str:
    """The status at once after a press, before the scoring has begun."""
    return notices.queued(lock.blocking_job(), "Scoring …")


def sizes() -> tuple[str, Any]:
    """Why half the layers are 40 % of the parameters, in words and as two bars."""
    rows = anatomy.compared(*anatomy.architectures(), key="group")
    by_part = {row.label: row for row in rows}
    counts = [
        [int(getattr(by_part[name], role)) for name in NAMES] for role in ("teacher", "student")
    ]
    return render.sizes_explained(*counts), drawing.parameters(rows)


def build(pair: gr.components.Component, found: gr.State) -> None:
    """Lay the section out; `found` holds the visitor's last result."""
    gr.Markdown("### Three claims, checked")
    cards = gr.HTML(elem_id="race-claims", elem_classes="sx-flush")
    why = gr.HTML(elem_id="race-why", elem_classes="sx-flush")
    parts = gr.Plot(show_label=False, elem_id="race-parts", elem_classes="sx-plot")
    gr.Markdown(
        "### Accuracy against latency\n\nLeft is faster, up is better; bars are 95 % intervals. "
        "Crosses are published: SST-2, and a pass over STS-B on a CPU (DistilBERT paper, Tables 1 "
        "and 3). A race in which the teacher runs adds its contestants."
    )
    picture = gr.Plot(show_label=False, elem_id="race-picture", elem_classes="sx-plot")
    with gr.Row(elem_classes="rx-buttons"):
        score = gr.Button("Score the contestants now", elem_id="race-score", min_width=220, scale=0)
    said = gr.HTML(elem_id="race-scored", elem_classes="sx-flush")
    gr.on(None, sizes, None, [why, parts], **QUIET)
    gr.on(None, evidence, [pair, found], [cards, picture], **QUIET)
    score.click(announce, None, said, queue=False, **QUIET).then(
        scored, [pair, found], [said, picture], **QUIET, **MODEL
    )
