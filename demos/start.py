"""Start: what DistilBERT is, the three claims and what was found, how it was made, the results."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from demos.common import QUIET, visitor_errors
from demos.prose import prose
from explain.anatomy import parameters
from explain.article import facts, stored
from explain.article.claims import claims
from explain.article.corrections import SECTIONS, corrections
from explain.figures import article as figures
from explain.render import start as render

TITLE = "Start"
EXAMPLES = ()
TEXTS = Path(__file__).resolve().parent.parent / "assets" / "text"
HEADLINE = "DistilBERT is BERT with half the layers, taught by BERT itself."
LEAD = (
    "A large model, the teacher, answers well but slowly. A small one, the student, learns to "
    "give the same answers. Three claims are made for it:"
)
ARTICLE = (
    "“Python Guide to HuggingFace DistilBERT” by A. Verma, the tutorial that the tabs follow; its "
    "own examples are marked in every tab."
)


@dataclass(frozen=True, slots=True)
class Card:
    """One step of the lesson: a few words, and often a picture."""

    title: str
    text: str  # files in assets/text
    draw: Callable[[], Any] | None = None  # a figure
    picture: Callable[[], str] | None = None  # markup


def ablation_figure() -> Any:
    """What is lost without each part of the recipe: in the paper, and here if it was measured."""
    here = stored.ablation()
    return figures.losses(facts.ablation(), here.changes if here else ())


HOW = (
    (
        Card("Distillation", "distillation"),
        Card("Triple loss", "loss", picture=render.loss_picture),
        Card("Data and compute", "data"),
    ),
    (
        Card("Architecture and start", "architecture", picture=render.layer_picture),
        Card("What each part is worth", "ablation", ablation_figure),
    ),
)
RESULTS = (
    (
        Card("Language understanding: GLUE", "glue", lambda: figures.dots(facts.glue())),
        Card("Films and questions", "tasks", lambda: figures.dots(facts.downstream())),
    ),
    (
        Card("Size", "size", lambda: figures.parameters(facts.sizes())),
        Card(
            "Speed, on a server and on a phone", "speed", lambda: figures.bars(facts.speeds(), " ×")
        ),
    ),
)


@visitor_errors
def counted_claims(pair: str) -> str:
    """The three claims, with the parameters of the pair counted."""
    return render.claims(claims(pair, parameters.sizes(pair)))


@functools.cache
def pictures(cards: tuple[Card, ...]) -> tuple[Any, ...]:
    """The figures of some cards, made once and drawn when they come near the window."""
    return tuple(card.draw() for card in cards if card.draw)


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.HTML(render.opening(HEADLINE, LEAD), elem_classes="sx-flush")
    cards = gr.HTML(
        render.claims(claims(str(pair.value))), elem_id="start-claims", elem_classes="sx-flush"
    )
    gr.on(None, counted_claims, [pair], [cards], **QUIET)
    gr.Markdown("## How the student was made")
    drawn = _lay_out(HOW)
    if ablation := stored.ablation():
        gr.Markdown(ablation.circumstances, elem_classes="dx-quiet")
    gr.Markdown("## Results")
    drawn += _lay_out(RESULTS)
    if scores := stored.scores():
        card = Card("Measured here: the pocket pair", "measured", lambda: figures.dots(scores.rows))
        drawn += _lay_out(((card,),))
        gr.Markdown(scores.circumstances, elem_classes="dx-quiet")
    plots, shown = [plot for _, plot in drawn], tuple(card for card, _ in drawn)
    draw = functools.partial(pictures, shown)
    near = gr.Button("Draw the plots", visible="hidden", elem_id="start-draw")
    near.click(draw, None, plots, queue=False, **QUIET)  # assets/page.js presses it
    gr.Markdown(f"## Where the article is wrong\n\n{ARTICLE}")
    gr.HTML(render.corrections(corrections()), elem_id="start-errors", elem_classes="sx-flush")
    gr.Markdown("## Where its parts live here")
    gr.HTML(render.sections(SECTIONS), elem_classes="sx-flush")


def _lay_out(rows: tuple[tuple[Card, ...], ...]) -> list[tuple[Card, gr.Plot]]:
    drawn = []
    for row in rows:
        only_text = not any(card.draw for card in row)  # beside a figure it would be half empty
        with gr.Row(equal_height=only_text, elem_classes="sx-cards"):
            for card in row:
                with gr.Column(elem_classes="sx-card", min_width=300):
                    prose(f"### {card.title}\n\n{_prose(card.text)}")
                    if card.picture:
                        gr.HTML(card.picture(), elem_classes="sx-flush")
                    if card.draw:
                        drawn.append((card, gr.Plot(show_label=False, elem_classes="sx-plot")))
    return drawn


def _prose(name: str) -> str:
    return facts.say((TEXTS / f"start-{name}.md").read_text(encoding="utf-8"))
