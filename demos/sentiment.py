"""Sentiment: is a text positive or negative?"""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from demos.answers import Shown, both, names, show
from demos.common import ANSWER, DOWNLOAD, ENTER_RUNS, visitor_errors
from demos.own_student import panel as own_panel
from demos.why import panel as why
from demos.wiring import clear_with_input, controls, panels, wire
from explain.article.stored import thresholds
from explain.encoding import optional_text, require_text
from explain.heads.registry import HEADS
from explain.heads.sentiment import LABELS, classify
from explain.models import Loaded
from explain.records import SentimentResult
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
    ("from Verma’s article", "Hello, my dog is cute", "positive"),
)


def ask(loaded: Loaded, text: str, label: str, *_: str) -> SentimentResult:
    """The answer of one model to the fields of the tab."""
    return classify(text, loaded, label if label in LABELS else None)


def compare(text: str, label: str, pair: str, progress: gr.Progress = DOWNLOAD) -> Shown:
    """Both models' panels and the verdict for one text."""
    answers = both(HEAD, pair, lambda loaded: ask(loaded, text, label), progress)
    panel = partial(render.panel, thresholds=thresholds(HEAD, pair))
    return show(answers, names(HEAD, pair), panel, render.compare(*answers))


@visitor_errors
def answer(text: str, label: str = "", pair: str = "pocket") -> dict[str, Any]:
    """Both models' sentiment for one text; `label` (negative or positive) adds the loss."""
    require_text(text)
    right = optional_text(label, "label")
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
            [NO_LABEL, *LABELS], value=NO_LABEL, label="Right label, for the loss",
            elem_id="sentiment-label", scale=2, min_width=220, elem_classes="dx-gold",
        )  # fmt: skip
    inputs = [text, label]
    row = controls(HEAD, EXAMPLES, inputs)
    clear_with_input(inputs, EXAMPLES, NO_LABEL)
    shown = panels(HEAD, own=True)
    why.panel(HEAD, {"text": text}, pair, row, shown[-1])
    own = own_panel(HEAD, ask, render.panel)
    wire(compare, row, [text.submit], [*inputs, pair], shown, own)
    gr.api(answer, api_name=HEAD, **ANSWER)
