"""The article's three claims against the race, sizes by part, and accuracy against latency."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import gradio as gr

from demos.common import MODEL, QUIET, visitor_errors
from demos.prose import prose
from explain.anatomy import parameters
from explain.article import trade_off
from explain.article.claims import claims
from explain.figures import article as article_figures
from explain.figures import race as figures
from explain.models import ROLES
from explain.race import lock
from explain.race.contestants import sentiment_accuracy
from explain.race.records import Result
from explain.render import notices
from explain.render import race as render
from explain.render.start import claims as render_claims

PARTS = ("embeddings", "layers", "pooler")


class View(NamedTuple):
    """HTML, and the figure beside it."""

    text: str
    figure: Any


@visitor_errors
def checked_claims(pair: str, result: Result | None) -> View:
    """The three claims and the trade-off, with the visitor's last race."""
    return _claims(pair, result) if result else _claims_before_a_race(pair)


def _claims(pair: str, result: Result | None) -> View:
    rows = claims(pair, parameters.sizes(pair), result)
    return View(render_claims(rows), figures.trade_off(trade_off.points(pair, result)))


@functools.cache
def _claims_before_a_race(pair: str) -> View:
    """The same for every visitor who opens the page."""
    return _claims(pair, None)


@visitor_errors
def scored(pair: str, result: Result | None) -> View:
    """The trade-off with every contestant of the last race, their accuracy computed now."""
    if result is None:
        return View(notices.status("Run a race first: its contestants are scored."), gr.skip())
    with lock.announce_job("scores of the contestants"):
        scores = sentiment_accuracy(result.settings)
    text = render.scored(scores)
    if "teacher" not in result.settings.contestants:
        text += notices.status(
            "No marks in the picture: the teacher, whose time is 1, did not race."
        )
    return View(text, figures.trade_off(trade_off.points(pair, result, scores)))


def announce() -> str:
    """The status at once after a press, before the scoring has begun."""
    return notices.queued(lock.blocking_job(), "Scoring …")


@functools.cache
def sizes() -> View:
    """Why half the layers are 40 % of the parameters, in words and as two bars."""
    rows = parameters.compare(*parameters.architectures(), key="group")
    by_part = {row.label: row for row in rows}
    teacher, student = ([int(getattr(by_part[part], role)) for part in PARTS] for role in ROLES)
    return View(render.sizes_explained(teacher, student), article_figures.parameters(rows))


def build(pair: gr.components.Component, result: gr.State) -> None:
    """Lay the section out; `result` holds the visitor's last result."""
    gr.Markdown("### Three claims, checked")
    cards = gr.HTML(elem_id="race-claims", elem_classes="sx-flush")
    why = gr.HTML(elem_id="race-why", elem_classes="sx-flush")
    parts = gr.Plot(show_label=False, elem_id="race-parts", elem_classes="sx-plot")
    prose(
        "### Accuracy against latency\n\nLeft is faster, up is better; bars are 95 % intervals. "
        "Crosses are published: SST-2, and a pass over STS-B on a CPU (DistilBERT paper, Tables 1 "
        "and 3). A race in which the teacher runs adds its contestants."
    )
    picture = gr.Plot(show_label=False, elem_id="race-picture", elem_classes="sx-plot")
    with gr.Row(elem_classes="rx-buttons"):
        score = gr.Button("Score the contestants now", elem_id="race-score", min_width=220, scale=0)
    status = gr.HTML(elem_id="race-scored", elem_classes="sx-flush")
    gr.on(None, sizes, None, [why, parts], **QUIET)
    gr.on(None, checked_claims, [pair, result], [cards, picture], **QUIET)
    score.click(announce, None, status, queue=False, **QUIET).then(
        scored, [pair, result], [status, picture], **QUIET, **MODEL
    )
