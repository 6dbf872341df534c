"""Inside: word pieces, hidden states, parameters and configuration of both models."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.common import ANSWER, DOWNLOAD, controls, exclusive_compute, names, visitor_errors, wire
from explain.anatomy import inside as anatomy
from explain.anatomy.records import Reading
from explain.figures import anatomy as figures
from explain.figures import article as article_figures
from explain.render import anatomy as render

TITLE = "Inside"
HEAD = "anatomy"
EXAMPLES = (
    ("the article’s", "Hello, my dog is cute", ""),
    ("rare words in pieces", "Tokenizers split unfathomable words: DistilBERT, crêpes, 3.14!", ""),
    ("two texts", "Who was Jim Henson?", "Jim Henson was a nice puppet"),
    ("one word, two meanings", "She sat on the bank of the river, not in the bank.", ""),
)


def inspect(text: str, second: str, pair: str, progress: gr.Progress = DOWNLOAD) -> tuple[Any, ...]:
    """Everything the tab shows, in the order of its outputs."""
    both = names(anatomy.READER, pair)
    with exclusive_compute(progress):
        look = anatomy.look(text, pair, second)
    limit = figures.reach((look.teacher_state, look.student_state))
    ledgers = anatomy.ledgers(pair)
    return (
        render.pieces(look),
        render.states(look, limit, figures.MOST_PIECES),
        figures.hidden_state(look.teacher_state, limit),
        figures.hidden_state(look.student_state, limit),
        render.agreement(look),
        figures.cosines(look.student_state.pieces, look.cosines),
        article_figures.parameters(anatomy.compared(*ledgers, key="group")),
        render.ledger(anatomy.compared(*ledgers), both),
        render.configuration(anatomy.configuration(pair), both),
        render.origins(anatomy.origins(pair)),
    )


@visitor_errors
def tokenize(text: str, pair: str = "pocket", second: str = "") -> dict[str, Any]:
    """What both models read: parallel lists, one entry a word piece.

    `offsets` are characters of the text as typed, end exclusive, null for special tokens;
    `token_type_ids` is null for DistilBERT. A `second` text makes it one input of two parts.
    """
    found = anatomy.readings(text, pair, second)
    teacher, student = map(_columns, found)
    return {"text": text, "second": second, "pair": pair, "teacher": teacher, "student": student}


def _columns(reading: Reading) -> dict[str, Any]:
    pieces = reading.pieces
    segments = [piece.segment for piece in pieces]
    return {
        "model": reading.model,
        "tokens": [piece.text for piece in pieces],
        "input_ids": [piece.token_id for piece in pieces],
        "attention_mask": [piece.attention for piece in pieces],
        "token_type_ids": None if None in segments else segments,
        "offsets": [None if piece.special else [piece.start, piece.end] for piece in pieces],
        "part": [piece.part for piece in pieces],
        "special": [piece.special for piece in pieces],
        "unread": reading.unread,
    }


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown("What a model **reads**, what it **makes** of it, and what it is **made of**.")
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            EXAMPLES[0][1], label="Text", elem_id="anatomy-text", scale=3, min_width=300,
            info="Enter runs, Shift + Enter starts a new line",
        )  # fmt: skip
        second = gr.Textbox(
            label="Second text, if you like", elem_id="anatomy-second", scale=2,
            min_width=300,
            info="As in question and context: then segments differ",
        )  # fmt: skip
    row = controls(HEAD, EXAMPLES, [text, second])
    wire(inspect, row, [text.submit, second.submit], [text, second, pair], _outputs())
    gr.api(tokenize, api_name="tokenize", **ANSWER)


def _outputs() -> list[gr.components.Component]:
    gr.Markdown("## Word pieces")
    pieces = gr.HTML(render.waiting(), elem_id="anatomy-pieces", elem_classes="sx-flush")
    gr.Markdown("## Hidden states: the last layer’s word on each piece")
    states = gr.HTML(elem_id="anatomy-states", elem_classes="sx-flush")
    with gr.Row(elem_classes="dx-pair"):
        pictures = [_plot(f"anatomy-{role}") for role in ("teacher", "student")]
    agreement = gr.HTML(elem_id="anatomy-agreement", elem_classes="sx-flush")
    cosines = _plot("anatomy-cosines")
    gr.Markdown("## Parameters, counted in the loaded modules")
    parameters = _plot("anatomy-parameters")
    ledger = gr.HTML(elem_id="anatomy-ledger", elem_classes="sx-flush")
    gr.Markdown("## Configuration")
    settings = gr.HTML(elem_id="anatomy-configuration", elem_classes="sx-flush")
    gr.Markdown("## Where the weights come from")
    origins = gr.HTML(elem_id="anatomy-origins", elem_classes="sx-flush")
    return [pieces, states, *pictures, agreement, cosines, parameters, ledger, settings, origins]


def _plot(name: str) -> gr.Plot:
    return gr.Plot(show_label=False, elem_id=name, elem_classes="sx-plot", min_width=300)
