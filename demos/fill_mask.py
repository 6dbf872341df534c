"""Fill-mask: which word belongs in the gap? The task both models were pretrained on."""

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
from explain.encoding import optional_text, require_text
from explain.heads.fill_mask import fill
from explain.heads.registry import HEADS
from explain.render.heads import fill_mask as render

HEAD = "fill_mask"
TITLE = HEADS[HEAD].title
EXAMPLES = (
    ("the article's", "The capital of France is [MASK].", "Paris"),
    ("opposites", "The opposite of hot is [MASK].", "cold"),
    ("profession", "She works in a hospital as a [MASK].", "nurse"),
    ("grammar", "The keys to the cabinet [MASK] on the table.", "are"),
    ("a long word", "He plays the [MASK] in the orchestra.", "bassoon"),
    ("history", "The Second World War ended in [MASK].", "1945"),
)


def compare(text: str, word: str, pair: str, progress: gr.Progress = DOWNLOAD) -> Shown:
    """Both models' panels and the verdict for one text with a gap."""
    answers = both(HEAD, pair, lambda loaded: fill(text, loaded, 5, word or None), progress)
    return show(answers, names(HEAD, pair), render.panel, render.compare(*answers))


@visitor_errors
def answer(text: str, answer: str = "", top: int = 5, pair: str = "pocket") -> dict[str, Any]:
    """Both models' candidates for the one [MASK]; `answer` names a word to be scored there."""
    require_text(text)
    word = optional_text(answer, "word")
    return both(HEAD, pair, lambda loaded: fill(text, loaded, top, word)).to_plain(pair)


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown(
        "Which word belongs in the gap? Write **[MASK]** (or `___`) once; both models guess."
    )
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            EXAMPLES[0][1], label="Text with one [MASK]", elem_id="fill_mask-text",
            scale=4, info=ENTER_RUNS,
        )  # fmt: skip
        word = gr.Textbox(
            EXAMPLES[0][2], label="Your word", elem_id="fill_mask-answer", scale=1, min_width=180,
            info="how likely is it here?",
        )  # fmt: skip
    inputs = [text, word]
    row = controls(HEAD, EXAMPLES, inputs)
    shown = panels(HEAD)
    panel(HEAD, {"text": text}, pair, row, shown[-1], word)
    wire(compare, row, [text.submit, word.submit], [*inputs, pair], shown)
    gr.api(answer, api_name=HEAD, **ANSWER)
