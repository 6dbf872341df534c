"""Sentiment: is a text positive or negative?"""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.common import (
    ANSWER,
    DOWNLOAD,
    ENTER_RUNS,
    Shown,
    both,
    controls,
    names,
    panels,
    show,
    visitor_errors,
    wire,
)
from demos.why.panel import panel
from explain.encoding import require_text
from explain.heads.registry import HEADS
from explain.heads.sentiment import LABELS, classify
from explain.render.heads import sentiment as render

HEAD = "sentiment"
TITLE = HEADS[HEAD].title
NO_LABEL = "not given"
EXAMPLES = (
    ("plain praise", "A charming and often affecting journey.", "positive"),
    ("plain blame", "Two hours of my life that I will never get back.", "negative"),
    ("negation", "Not bad at all, and never once boring.", "positive"),
    ("a turn", "The cast is wonderful, but the story goes nowhere.", "negative"),
    ("sarcasm", "Oh great, another sequel nobody asked for.", "negative"),
    ("the article's", "Hello, my dog is cute", "positive"),
)


def compare(text: str, label: str, pair: str, progress: gr.Progress = DOWNLOAD) -> Shown:
    """Both models' panels and the verdict for one text."""
    right = label if label in LABELS else None
    answers = both(HEAD, pair, lambda loaded: classify(text, loaded, right), progress)
    return show(answers, names(HEAD, pair), render.panel, render.compare(*answers))


@visitor_errors
def answer(text: str, label: str = "", pair: str = "pocket") -> dict[str, Any]:
    """Both models' sentiment for one text; `label` (negative or positive) adds the loss."""
    require_text(text)
    right = None if label in (None, "") else label
    return both(HEAD, pair, lambda loaded: classify(text, loaded, right)).to_plain(pair)


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown("Is a text **positive** or **negative**? You see how sure each model is.")
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            EXAMPLES[0][1], label="Text", elem_id="sentiment-text", scale=4,
            info=ENTER_RUNS,
        )  # fmt: skip
        label = gr.Radio(
            [NO_LABEL, *LABELS], value=EXAMPLES[0][2], label="Right label, for the loss",
            elem_id="sentiment-label", scale=2, min_width=220,
        )  # fmt: skip
    inputs = [text, label]
    row = controls(HEAD, EXAMPLES, inputs)
    shown = panels(HEAD)
    panel(HEAD, {"text": text}, pair, row, shown[-1])
    wire(compare, row, [text.submit], [*inputs, pair], shown)
    gr.api(answer, api_name=HEAD, **ANSWER)
