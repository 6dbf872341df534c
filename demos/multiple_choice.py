"""Multiple choice: which ending fits? With the untrained classifier of the article as a switch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr

from demos.answers import Answers, Shown, both, names, show, with_gold
from demos.common import ANSWER, DOWNLOAD, visitor_errors
from demos.why.panel import panel
from demos.wiring import clear_with_input, controls, panels, wire
from explain.encoding import require_text
from explain.heads.multiple_choice import choose
from explain.heads.registry import HEADS
from explain.models import Loaded, fresh_classifier
from explain.records import InputError, MultipleChoiceResult
from explain.render.heads import multiple_choice as render

HEAD = "multiple_choice"
TITLE = HEADS[HEAD].title
EXAMPLES = (
    (
        "tools",
        "Maria wants to hang a picture on the wall. What does she need?",
        "a spoon\na hammer and a nail\na bowl of soup\na pillow",
        "2",
    ),
    (
        "from Verma’s article",
        "In Italy, pizza served in formal settings, such as at a restaurant, is presented "
        "unsliced.",
        "It is eaten with a fork and a knife.\nIt is eaten while held in the hand.",
        "1",
    ),
    (
        "cause",
        "The glass fell off the table. What happened next?",
        "It broke on the floor.\nIt floated to the ceiling.\nIt began to sing.",
        "1",
    ),
    (
        "why",
        "Tom took an umbrella when he left the house. Why?",
        "He was hungry.\nIt was going to rain.",
        "2",
    ),
    (
        "sense",
        "Which statement makes sense?",
        "He put the elephant into the fridge.\nHe put the milk into the fridge.",
        "2",
    ),
)


def compare(
    prompt: str,
    choices: str,
    right: str,
    untrained: bool,
    pair: str,
    progress: gr.Progress = DOWNLOAD,
) -> Shown:
    """Both models' panels and the verdict for one prompt and its choices, one per line."""
    lines = _lines(choices)

    def chosen(right: str | None) -> Answers[MultipleChoiceResult]:
        number = _number(right)
        return both(
            HEAD,
            pair,
            lambda loaded: choose(prompt, lines, _classifier(loaded, untrained), number),
            progress,
        )

    answers, note = with_gold(chosen, right or None)
    models: Sequence[str] = names(HEAD, pair)
    sentence = render.compare(*answers) + note
    if untrained:
        models = [f"{name}, untrained classifier" for name in models]
        sentence = f"Drawn at random, no training: the numbers say nothing yet. {sentence}"
    number = None if note else _number(right)
    return show(answers, models, partial(render.panel, right=number), sentence)


@visitor_errors
def answer(
    prompt: str, choices: list[str], right: int = 0, untrained: bool = False, pair: str = "pocket"
) -> dict[str, Any]:
    """Both models' probabilities; `right` (1 is the first choice, 0 for none) adds the loss."""
    require_text(prompt, "prompt")
    number = _number(right)
    answers = both(
        HEAD, pair, lambda loaded: choose(prompt, choices, _classifier(loaded, untrained), number)
    )
    return answers.to_plain(pair)


def _classifier(loaded: Loaded, untrained: bool) -> Loaded:
    return fresh_classifier(loaded) if untrained else loaded


def _lines(choices: str) -> list[str]:
    return [line.strip() for line in (choices or "").splitlines() if line.strip()]


def _number(right: object) -> int | None:
    """The index of the choice named right; None when the field is empty or 0."""
    text = f"{right:g}" if isinstance(right, float) else str(right or "").strip()
    if text in ("", "0"):
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 3:
        raise InputError(f"Name the right choice by its number, not {text[:20]!r}.")
    return int(text) - 1


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown("Which choice fits the prompt? Each model scores every (prompt, choice) pair.")
    with gr.Row(equal_height=True):
        prompt = gr.Textbox(
            EXAMPLES[0][1], label="Prompt", elem_id="multiple_choice-prompt", scale=3, min_width=280
        )
        choices = gr.Textbox(
            EXAMPLES[0][2], label="Choices, one per line (2 to 8)", lines=4, scale=3, min_width=280,
            elem_id="multiple_choice-choices",
        )  # fmt: skip
        with gr.Column(scale=1, min_width=200):
            right = gr.Textbox(label="Number of the right one", elem_id="multiple_choice-right",
                               elem_classes="dx-gold")  # fmt: skip
            untrained = gr.Checkbox(
                False, label="Untrained classifier", elem_id="multiple_choice-untrained",
                info="the same trunk before its classifier has learnt anything",
            )  # fmt: skip
    inputs = [prompt, choices, right, untrained]
    row = controls(HEAD, [(*row, False) for row in EXAMPLES], inputs)
    clear_with_input(inputs[:-1], EXAMPLES)
    shown = panels(HEAD)
    others = [prompt.submit, right.submit, untrained.input]
    panel(
        HEAD, {"prompt": prompt, "choices": choices, "untrained": untrained}, pair, row, shown[-1]
    )
    wire(compare, row, others, [*inputs, pair], shown)
    gr.api(answer, api_name=HEAD, **ANSWER)
