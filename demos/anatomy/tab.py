"""Inside: word pieces, hidden states, parameters and configuration of both models."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.anatomy.attention import build as build_attention
from demos.anatomy.inspection import inspect
from demos.anatomy.losses import build as build_losses
from demos.common import ANSWER, ENTER_RUNS, visitor_errors
from demos.prose import prose
from demos.wiring import controls, wire
from explain.anatomy import inputs
from explain.anatomy.records import ModelInput
from explain.models import ROLES
from explain.records import MODEL_NAMES
from explain.render import anatomy as render

TITLE = "Inside"
HEAD = "anatomy"
SHOW = """
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-show]");
  if (!pressed) return;
  for (const button of element.querySelectorAll("[data-show]"))
    button.setAttribute("aria-pressed", button.dataset.show === pressed.dataset.show);
  for (const part of element.querySelectorAll("[data-shown]")) {
    part.hidden = part.dataset.shown !== pressed.dataset.show;
    if (!part.hidden && part.getBoundingClientRect().top > innerHeight - 120)
      part.scrollIntoView({ block: "center" });
  }
});
"""  # the block that is pressed, and the part of the page that tells of it
JUMP = """
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-jump]");
  const place = pressed && document.getElementById(pressed.dataset.jump);
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "start" });
});
"""
PLACES = (
    ("anatomy-pieces", "Word pieces"), ("anatomy-architecture", "Architecture"),
    ("anatomy-readouts", "Layer by layer"), ("anatomy-similarities", "Similarity"),
    ("anatomy-plane", "Plane"), ("anatomy-states", "Hidden states"),
    ("anatomy-heads", "Attention"), ("anatomy-losses", "Losses"),
    ("anatomy-ledger", "Parameters"), ("anatomy-configuration", "Configuration"),
)  # fmt: skip
EXAMPLES = (
    ("Verma’s gap", "The capital of France is [MASK].", ""),
    ("from Verma’s article", "Hello, my dog is cute", ""),
    ("rare words in pieces", "Tokenizers split unfathomable words: DistilBERT, crêpes, 3.14!", ""),
    ("two texts", "Who was Jim Henson?", "Jim Henson was a nice puppet"),
    ("one word, two meanings", "She sat on the bank of the river, not in the bank.", ""),
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
    prose(
        "What a model **reads**, what each layer **makes** of it, what it is **made of**. "
        "With one **[MASK]** in the text, every layer is asked for the word."
    )
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
    _html("jumps", value=render.jumps(PLACES), js_on_load=JUMP)
    sinks, outputs = _outputs(pair)
    wire(inspect, row, [text.submit, second.submit], [text, second, sinks, pair], outputs)
    gr.api(tokenize, api_name="tokenize", **ANSWER)


def _outputs(
    pair: gr.components.Component,
) -> tuple[gr.Checkbox, list[gr.components.Component]]:
    """Everything below the controls: the switch of attention, and the fields of `View`."""
    above = [*_reading(), *_drawing(), *_layers(), *_hidden_states()]
    sinks, heads = build_attention()
    losses = build_losses(pair)
    return sinks, [*above, *heads, losses, *_parts()]


def _reading() -> list[gr.components.Component]:
    gr.Markdown("## Word pieces")
    return [gr.HTML(render.waiting(), elem_id="anatomy-pieces", elem_classes="sx-flush")]


def _drawing() -> list[gr.components.Component]:
    gr.Markdown("## Both models, drawn from their modules")
    return [_html("architecture", js_on_load=SHOW)]


def _layers() -> list[gr.components.Component]:
    prose(
        "## Layer by layer: what would it answer if it stopped here?\n\n"
        "The vocabulary head, trained for the last layer, reads the state at [MASK] of every "
        "layer (the logit lens)."
    )
    read_outs = _html("readouts")
    prose(
        "## Which teacher layer is a student layer like?\n\n"
        "**Linear CKA** compares how the pieces lie to each other in two layers: 1 is the same up "
        "to rotation and scale. **Cosine** compares the hidden states themselves. A layer is the "
        "state after it, counted from 1."
    )
    similarities = _html("similarities")
    prose(
        "## The pieces in a plane, layer by layer\n\n"
        "Hidden states of all layers of both models on their first two principal components, "
        "fitted once for all of them: places can be compared."
    )
    return [read_outs, similarities, _html("plane", js_on_load=SHOW)]


def _hidden_states() -> list[gr.components.Component]:
    gr.Markdown("## Hidden states: the output of the last layer for each piece")
    states = _html("states")
    with gr.Row(elem_classes="dx-pair"):
        pictures = [
            _plot(role, f"{MODEL_NAMES[role]}: the last hidden state of each piece")
            for role in ROLES
        ]
    cosines = "Cosine of the two models’ last hidden states, piece by piece"
    return [states, *pictures, _html("agreement"), _plot("cosines", cosines)]


def _parts() -> list[gr.components.Component]:
    gr.Markdown("## Parameters, counted in the loaded modules, shared ones once")
    ledger = _html("ledger")
    gr.Markdown("## Configuration")
    settings = _html("configuration")
    gr.Markdown("## Where the weights come from")
    return [ledger, settings, _html("origins")]


def _html(name: str, **settings: Any) -> gr.HTML:
    return gr.HTML(elem_id=f"anatomy-{name}", elem_classes="sx-flush", **settings)


def _plot(name: str, label: str) -> gr.Plot:
    """A plot; its label is read by screen readers alone."""
    return gr.Plot(
        label=label, show_label=False, elem_id=f"anatomy-{name}", elem_classes="sx-plot",
        min_width=300,
    )  # fmt: skip
