"""Why?: the words each model relies on, laid out below every head's answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos.common import MODEL
from demos.why.follow_ups import (
    change_target,
    change_word,
    check_faithfulness,
    compare_methods,
    flip_answer,
    pick_word,
    propose_words,
    reset_follow_ups,
    saved,
    show_attention,
)
from demos.why.handlers import (
    begun,
    clear_results,
    clear_status,
    explain_answered,
    new_answer,
    offer,
    stopped,
)
from demos.why.running import Steps, running, started
from demos.wiring import Controls
from explain.attribution.edits import ACTIONS
from explain.attribution.heads import attribution_head
from explain.attribution.inputs import rivals_of
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.attribution.records import BASELINES
from explain.models import PAIRS, ROLES
from explain.records import MODEL_NAMES
from explain.render import attribution as panel_drawing

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
AT_ONCE: dict[str, Any] = {**PRIVATE, "queue": False}
INTRO = (
    "Which words move the answer? A word’s score says how many logits it adds to what is explained "
    "(or takes from it). It says what the model relies on, not what is right."
)
PLOTS = {  # what each plot shows
    "curve": "the explained number as more and more words are replaced, by three orders",
    "attention": "attention from the place of the answer to each word piece, layer by layer",
}
WORDS = (ASSETS / "words.js").read_text(encoding="utf-8")
SAVE = """(file) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file.text], { type: file.type }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""


class Area(NamedTuple):
    """Where a follow-up shows what it does and what it finds, and the button that stops it."""

    status: gr.HTML
    outputs: list[Any]
    stop: gr.Button


class WordControls(NamedTuple):
    """What is to be changed, and the buttons that do it."""

    word: gr.Dropdown
    action: gr.Radio
    replacement: gr.Dropdown
    change: gr.Button
    flip: gr.Button


def panel(
    head: str,
    fields: Mapping[str, gr.components.Component],
    pair: gr.components.Component,
    controls: Controls,
    verdict: gr.HTML,
    named: gr.components.Component | None = None,
) -> None:
    """Lay the panel out below a head's answer.

    `fields` are what the head reads, by name; a new `verdict` brings new targets to choose from,
    and so does what the visitor types into `named`. To be laid out before the tab is wired: then a
    press of Compare ends an explanation before it answers, not after.
    """
    with gr.Column(elem_classes="wx-why", elem_id=f"why-{head}"):
        gr.HTML(panel_drawing.intro(INTRO), elem_classes="wx-intro")
        menus = _menus(head)
        gr.HTML(panel_drawing.methods(_methods(), _limits(head)), elem_classes="wx-intro")
        with gr.Row(elem_classes="wx-buttons"):
            run = gr.Button("Why?", variant="primary", elem_id=f"why-{head}-run", min_width=140)
            stop = _stop_button(head, "stop")
        status = _html(head, "status")
        about = gr.Radio(
            [], label="Show the explanation of", visible=False, elem_id=f"why-{head}-about"
        )
        result = _html(head, "result", js_on_load=WORDS)
        attributions, answered = gr.State(None), gr.State(None)
        with gr.Column(visible=False) as follow_ups:
            events = _follow_ups(head, attributions, about, result)
    outputs = [status, result, attributions, follow_ups, stop]
    names, inputs = tuple(fields), list(fields.values())
    explained = run.click(begun, None, outputs, **AT_ONCE).then(
        partial(explain_answered, head, names), [answered, *inputs, *menus, pair], outputs,
        **PRIVATE, **MODEL,
    )  # fmt: skip
    events.append(explained)
    stop.click(stopped, None, [status, stop], cancels=[explained], **AT_ONCE)
    controls.run.click(None, cancels=events, api_visibility="private").then(
        clear_status, None, [status, stop], **AT_ONCE
    )
    switch: Any = pair
    switch.change(clear_results, None, outputs, cancels=events, **AT_ONCE)
    verdict.change(new_answer, [*inputs, pair], [*outputs, answered], **AT_ONCE)
    verdict.change(
        partial(offer, head, names),
        [*inputs, named or gr.State(""), *menus[:2], pair], menus[:2],
        **PRIVATE, **MODEL,
    )  # fmt: skip


def _menus(head: str) -> list[gr.Dropdown]:
    """Target, rival, method and baseline."""
    options, rivals = list(attribution_head(head).options), list(rivals_of(head))
    methods = [(method.name, key) for key, method in METHODS.items() if method.offered]
    baselines = [(name, key) for key, name in BASELINES.items()]
    with gr.Row(elem_classes="wx-settings"):
        return [
            gr.Dropdown(options, value=options[0][1], label="Explain", allow_custom_value=True,
                        elem_id=f"why-{head}-target", min_width=200, scale=2),
            gr.Dropdown(rivals, value="", label="Rather than", allow_custom_value=True,
                        elem_id=f"why-{head}-against", min_width=150),
            gr.Dropdown(methods, value=DEFAULT_METHOD, label="Method",
                        elem_id=f"why-{head}-method", min_width=230),
            gr.Dropdown(baselines, value=baselines[0][1], label="Words are replaced by",
                        elem_id=f"why-{head}-baseline", min_width=175),
        ]  # fmt: skip


def _methods() -> list[tuple[str, str]]:
    return [(method.name, method.summary) for method in METHODS.values() if method.offered]


def _limits(head: str) -> str:
    """How much of a long text is explained."""
    windows = {pair: roles["teacher"][head].window for pair, roles in PAIRS.items()}
    longest = " or ".join(f"{window} ({pair} pair)" for pair, window in windows.items())
    if len(set(windows.values())) == 1:
        longest = str(windows["pocket"])
    limits = "; ".join(
        f"{method.name} take up to {method.most_pieces} pieces"
        for method in METHODS.values()
        if method.most_pieces is not None
    )
    return (
        f"A text of more than {longest} word pieces is explained in the window in which the "
        f"answer stands; {limits}."
    )


def _follow_ups(head: str, attributions: gr.State, about: gr.Radio, result: gr.HTML) -> list[Any]:
    """Lay out what can be asked next; gives the events that Compare and Stop are to cancel."""
    labels = ("Is it faithful?", "Do methods agree?", "Attention", "Save as page", "Save as data")
    with gr.Row(elem_classes="wx-buttons"):
        faithful, methods, attention, page, data = (
            gr.Button(label, size="md", elem_id=f"why-{head}-{label.split()[-1].strip('?')}")
            for label in labels
        )
    proof = _area(head, "proof", "curve")
    table = _area(head, "methods")
    caveat = _area(head, "attention", "attention")
    with gr.Accordion("What if a word changes?", open=False, elem_id=f"why-{head}-if") as drawer:
        controls = _word_controls(head)
        changed = _area(head, "changed")
    word, action, replacement = controls[:3]
    file = gr.JSON(visible=False)
    for button, kind in ((page, "html"), (data, "json")):
        button.click(partial(saved, kind), [attributions], [file], **PRIVATE).then(
            None, [file], None, js=SAVE, api_visibility="private"
        )
    result.pick(pick_word, [attributions], [word, drawer], **PRIVATE)
    for control in (word, action):
        control.change(
            propose_words, [attributions, about, word, action], [replacement], **PRIVATE, **MODEL
        )
    shown = [
        proof.outputs[0], table.outputs[0], caveat.outputs[0], changed.outputs[0],
        *proof.outputs[1:], *caveat.outputs[1:],
    ]  # fmt: skip
    attributions.change(reset_follow_ups, [attributions], [about, word, *shown], **PRIVATE)
    about.input(change_target, [attributions, about], [result, word, *shown], **PRIVATE)
    return [
        _wire(button, handler, area, [attributions, about, *inputs])
        for button, handler, area, inputs in (
            (faithful, check_faithfulness, proof, []),
            (methods, compare_methods, table, []),
            (attention, show_attention, caveat, []),
            (controls.change, change_word, changed, [word, action, replacement]),
            (controls.flip, flip_answer, changed, []),
        )
    ]  # fmt: skip


def _area(head: str, name: str, plot: str = "") -> Area:
    """Lay out where one result will stand; with a plot of each model if `plot` names it."""
    with gr.Row(elem_classes="wx-buttons wx-running"):
        status, stop = _html(head, f"{name}-status"), _stop_button(head, f"{name}-stop")
    outputs: list[Any] = [_html(head, name, js_on_load=WORDS)]
    if plot:
        with gr.Row(elem_classes="dx-pair wx-plots"):
            outputs += [_plot(head, f"{plot}-{role}", PLOTS[plot], role) for role in ROLES]
    return Area(status, outputs, stop)


def _wire(
    button: gr.Button, handler: Callable[..., Steps], area: Area, inputs: Sequence[Any]
) -> gr.events.Dependency:
    """Run a follow-up in its area on the press of a button, until it ends or is stopped."""
    status, outputs, stop = area
    kinds = [type(output).__name__.lower() for output in outputs]
    shown = [status, *outputs, stop]
    event: gr.events.Dependency = button.click(
        partial(started, kinds), None, shown, **AT_ONCE
    ).then(running(handler, len(outputs)), list(inputs), shown, **PRIVATE, **MODEL)
    stop.click(stopped, None, [status, stop], cancels=[event], **AT_ONCE)
    return event


def _stop_button(head: str, name: str) -> gr.Button:
    return gr.Button("Stop", elem_id=f"why-{head}-{name}", visible=False, min_width=100, scale=0)


def _word_controls(head: str) -> WordControls:
    with gr.Row(elem_classes="wx-settings"):
        word = gr.Dropdown([], label="Word, or press one above", elem_id=f"why-{head}-word",
                           min_width=180)  # fmt: skip
        action = gr.Radio([(name.capitalize(), name) for name in ACTIONS], value=ACTIONS[0],
                          label="Change", elem_id=f"why-{head}-action", min_width=240)  # fmt: skip
        replacement = gr.Dropdown(
            [], label="New word: fill-mask’s proposals, or yours", visible=False,
            allow_custom_value=True, elem_id=f"why-{head}-new", min_width=220,
        )  # fmt: skip
    with gr.Row(elem_classes="wx-buttons"):
        change = gr.Button("Change it", elem_id=f"why-{head}-change")
        flip = gr.Button("Smallest change that flips the answer", elem_id=f"why-{head}-flip")
    return WordControls(word, action, replacement, change, flip)


def _html(head: str, name: str, **settings: Any) -> gr.HTML:
    return gr.HTML(elem_id=f"why-{head}-{name}", elem_classes="wx-hide", **settings)


def _plot(head: str, name: str, title: str, role: str) -> gr.Plot:
    """A plot of one model; its label is read by screen readers alone."""
    return gr.Plot(
        label=f"{MODEL_NAMES[role]}: {title}", show_label=False, visible=False,
        elem_id=f"why-{head}-{name}", elem_classes="sx-plot",
    )  # fmt: skip
