"""Below an explanation: is it faithful, do methods agree, what if a word changes; saving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gradio as gr

from demos.common import MODEL
from demos.why.handlers import (
    change_target,
    change_word,
    check,
    compare_methods,
    flip_answer,
    look,
    pick_word,
    propose,
    reset_follow_ups,
    saved,
    select_target,
)
from explain.attribution.edits import ACTIONS
from explain.attribution.results import PairAttribution
from explain.models import ROLES
from explain.records import InputError
from explain.render import notices

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
PICK = """
const pick = (event) => {
  const cell = event.target.closest("[data-word]");
  const question = cell && cell.closest("[data-question]");
  if (question) trigger("pick", { word: cell.dataset.word, question: question.dataset.question });
};
element.addEventListener("click", pick);
element.addEventListener("keydown", (event) => { if (event.key === "Enter") pick(event); });
"""
SAVE = """(file) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.text], { type: file.type }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""


def stoppable(handler: Callable[..., Iterator[tuple[Any, ...]]], areas: int) -> Callable[..., Any]:
    """The steps of a handler about one of the questions, with the stop button beside them.

    A refusal is said in the page.
    """

    def steps(both: PairAttribution, about: int | None, *given: Any) -> Iterator[tuple[Any, ...]]:
        yield *(gr.skip() for _ in range(areas)), gr.update(visible=True)
        try:
            for step in handler(select_target(both, about), *given):
                yield *step, gr.update(visible=True)
            yield *(gr.skip() for _ in range(areas)), gr.update(visible=False)
        except InputError as error:
            said = notices.refusal(str(error))
            yield said, *(gr.skip() for _ in range(areas - 1)), gr.update(visible=False)

    return steps


def build(head: str, found: gr.State, result: gr.HTML, stop: gr.Button) -> list[Any]:
    """Lay it out below an explanation; gives the events that the stop button is to cancel."""

    def html(name: str) -> gr.HTML:
        return gr.HTML(elem_id=f"why-{head}-{name}", elem_classes="wx-hide")

    def plot(name: str) -> gr.Plot:
        return gr.Plot(
            visible=False, show_label=False, elem_id=f"why-{head}-{name}", elem_classes="sx-plot"
        )

    about = gr.Dropdown(
        [], label="The questions below are about", visible=False, elem_id=f"why-{head}-about"
    )
    with gr.Row(elem_classes="wx-buttons"):
        labels = (
            "Is it faithful?",
            "Do methods agree?",
            "Attention",
            "Save as page",
            "Save as data",
        )
        faithful, methods, attend, page, data = (
            gr.Button(label, size="md", elem_id=f"why-{head}-{label.split()[-1].strip('?')}")
            for label in labels
        )
    proof, curve, table = html("proof"), plot("curve"), html("methods")
    seen = html("attention")
    with gr.Row(elem_classes="dx-pair"):
        pictures = [plot(f"attention-{role}") for role in ROLES]
    with gr.Accordion("What if a word changes?", open=False, elem_id=f"why-{head}-if") as drawer:
        word, action, new = _change_controls(head)
        with gr.Row(elem_classes="wx-buttons"):
            apply = gr.Button("Change it", elem_id=f"why-{head}-change")
            smallest = gr.Button(
                "Smallest change that turns the answer", elem_id=f"why-{head}-flip"
            )
        changed = html("changed")
    file = gr.JSON(visible=False)
    for button, kind in ((page, "html"), (data, "json")):
        button.click(partial(saved, kind), [found], [file], **PRIVATE).then(
            None, [file], None, js=SAVE, api_visibility="private"
        )
    result.pick(pick_word, [found], [about, word, drawer], **PRIVATE)
    for control in (word, action):
        control.change(propose, [found, about, word, action], [new], **PRIVATE, **MODEL)
    areas = [proof, table, seen, changed, curve, *pictures]
    found.change(reset_follow_ups, [found], [about, word, *areas], **PRIVATE)
    about.input(change_target, [found, about], [word, *areas], **PRIVATE)
    return [
        button.click(
            stoppable(handler, len(outputs)),
            [found, about, *others],
            [*outputs, stop],
            **PRIVATE,
            **MODEL,
        )
        for button, handler, others, outputs in (
            (faithful, check, [], [proof, curve]),
            (methods, compare_methods, [], [table]),
            (attend, look, [], [seen, *pictures]),
            (apply, change_word, [word, action, new], [changed]),
            (smallest, flip_answer, [], [changed]),
        )
    ]


def _change_controls(head: str) -> tuple[gr.Dropdown, gr.Radio, gr.Dropdown]:
    with gr.Row(elem_classes="wx-settings"):
        return (
            gr.Dropdown([], label="Word, or press one above", elem_id=f"why-{head}-word",
                        min_width=180),
            gr.Radio([(name.capitalize(), name) for name in ACTIONS], value=ACTIONS[0],
                     label="Change", elem_id=f"why-{head}-action", min_width=240),
            gr.Dropdown([], label="New word: fill-mask’s proposals, or yours", visible=False,
                        allow_custom_value=True, elem_id=f"why-{head}-new", min_width=220),
        )  # fmt: skip
