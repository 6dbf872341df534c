"""Fill-mask: which word belongs in the gap? The task both models were pretrained on."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.answers import Answers, Shown, both, names, show, with_gold
from demos.common import ANSWER, DOWNLOAD, ENTER_RUNS, visitor_errors
from demos.own_student import panel as own_panel
from demos.why.panel import panel
from demos.wiring import clear_with_input, controls, panels, wire
from explain.encoding import optional_text, require_text
from explain.heads.fill_mask import fill
from explain.heads.registry import HEADS
from explain.models import Loaded
from explain.records import FillMaskResult, InputError
from explain.render.heads import fill_mask as render

HEAD = "fill_mask"
TITLE = HEADS[HEAD].title
TOP = 5  # candidates
EXAMPLES = (  # "fails:" where neither model puts the word first; the labels are tested
    ("from Verma’s article", "The capital of France is [MASK].", "Paris"),
    ("grammar", "The keys to the cabinet [MASK] on the table.", "are"),
    ("a play", "Shakespeare wrote Romeo and [MASK].", "Juliet"),
    ("a bias: which profession?", "She works in a hospital as a [MASK].", "nurse"),
    ("lost in distillation: a country", "Rome is the capital of [MASK].", "Italy"),
    ("fails: a year", "The Second World War ended in [MASK].", "1945"),
    ("fails: an opposite", "The opposite of hot is [MASK].", "cold"),
    ("fails: a long word", "He plays the [MASK] in the orchestra.", "bassoon"),
)


def ask(loaded: Loaded, text: str, word: str, *_: str) -> FillMaskResult:
    """The candidates of one model; a word that cannot be scored is left out."""
    try:
        return fill(text, loaded, TOP, word or None)
    except InputError:
        return fill(text, loaded, TOP)


def compare(text: str, word: str, pair: str, progress: gr.Progress = DOWNLOAD) -> Shown:
    """Both models' panels and the verdict for one text with a gap."""

    def filled(named: str | None) -> Answers[FillMaskResult]:
        return both(HEAD, pair, lambda loaded: fill(text, loaded, TOP, named), progress)

    answers, note = with_gold(filled, word or None)
    return show(answers, names(HEAD, pair), render.panel, render.compare(*answers) + note)


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
            label="Your word", elem_id="fill_mask-answer", scale=1, min_width=180,
            info="how likely is it here?", elem_classes="dx-gold",
        )  # fmt: skip
    inputs = [text, word]
    row = controls(HEAD, EXAMPLES, inputs)
    clear_with_input(inputs, EXAMPLES)
    shown = panels(HEAD, own=True)
    panel(HEAD, {"text": text}, pair, row, shown[-1], word)
    own = own_panel(HEAD, ask, render.panel)
    wire(compare, row, [text.submit, word.submit], [*inputs, pair], shown, own)
    gr.api(answer, api_name=HEAD, **ANSWER)
