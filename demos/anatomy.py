"""Inside: word pieces, hidden states, parameters and configuration of both models."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from demos.common import (
    ANSWER,
    DOWNLOAD,
    ENTER_RUNS,
    controls,
    exclusive_compute,
    names,
    visitor_errors,
    wire,
)
from explain.anatomy import configuration, inputs, parameters
from explain.anatomy.records import ModelInput
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


class View(NamedTuple):
    """Everything the tab shows, in the order of its outputs: HTML and figures."""

    pieces: str
    states: str
    teacher_state: Any
    student_state: Any
    agreement: str
    cosines: Any
    parameters: Any
    ledger: str
    configuration: str
    origins: str


def inspect(text: str, second: str, pair: str, progress: gr.Progress = DOWNLOAD) -> View:
    """What both models read in a text, their hidden states, parameters and configuration."""
    models = names(inputs.TRUNK_HEAD, pair)
    with exclusive_compute(progress):
        inspection = inputs.inspect(text, pair, second)
    teacher, student = inspection.teacher_state, inspection.student_state
    limit = figures.reach((teacher, student))
    tables = parameters.tables(pair)
    return View(
        render.pieces(inspection),
        render.states(inspection, limit, figures.MOST_PIECES),
        figures.hidden_state(teacher, limit),
        figures.hidden_state(student, limit),
        render.agreement(inspection),
        figures.cosines(student.pieces, inspection.cosines),
        article_figures.parameters(parameters.compare(*tables, key="group")),
        render.ledger(parameters.compare(*tables), models),
        render.configuration(configuration.configuration(pair), models),
        render.origins(configuration.origins(pair)),
    )


@visitor_errors
def tokenize(text: str, pair: str = "pocket", second: str = "") -> dict[str, Any]:
    """What both models read: parallel lists, one entry per word piece.

    `offsets` are characters of the text as typed, end exclusive, null for special tokens;
    `token_type_ids` is null for DistilBERT. A `second` text makes it one input of two parts.
    """
    teacher, student = map(_columns, inputs.model_inputs(text, pair, second))
    return {"text": text, "second": second, "pair": pair, "teacher": teacher, "student": student}


def _columns(tokenised: ModelInput) -> dict[str, Any]:
    pieces = tokenised.pieces
    segments = [piece.segment for piece in pieces]
    return {
        "model": tokenised.model,
        "tokens": [piece.text for piece in pieces],
        "input_ids": [piece.token_id for piece in pieces],
        "attention_mask": [piece.attention for piece in pieces],
        "token_type_ids": None if None in segments else segments,
        "offsets": [None if piece.special else [piece.start, piece.end] for piece in pieces],
        "part": [piece.part for piece in pieces],
        "special": [piece.special for piece in pieces],
        "unread": tokenised.unread,
    }


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown("What a model **reads**, what it **makes** of it, and what it is **made of**.")
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            EXAMPLES[0][1], label="Text", elem_id="anatomy-text", scale=3, min_width=300,
            info=ENTER_RUNS,
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
    gr.Markdown("## Hidden states: the output of the last layer for each piece")
    states = gr.HTML(elem_id="anatomy-states", elem_classes="sx-flush")
    with gr.Row(elem_classes="dx-pair"):
        pictures = [_plot(f"anatomy-{role}") for role in ("teacher", "student")]
    agreement = gr.HTML(elem_id="anatomy-agreement", elem_classes="sx-flush")
    cosines = _plot("anatomy-cosines")
    gr.Markdown("## Parameters, counted in the loaded modules, shared ones once")
    counts = _plot("anatomy-parameters")
    ledger = gr.HTML(elem_id="anatomy-ledger", elem_classes="sx-flush")
    gr.Markdown("## Configuration")
    settings = gr.HTML(elem_id="anatomy-configuration", elem_classes="sx-flush")
    gr.Markdown("## Where the weights come from")
    origins = gr.HTML(elem_id="anatomy-origins", elem_classes="sx-flush")
    return [pieces, states, *pictures, agreement, cosines, counts, ledger, settings, origins]


def _plot(name: str) -> gr.Plot:
    return gr.Plot(show_label=False, elem_id=name, elem_classes="sx-plot", min_width=300)
