"""Why?: the words each model relies on, below every head's answer, and as an endpoint."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import gradio as gr

from demos.common import MODEL, Controls, exclusive_compute, visitor_errors
from demos.why.follow_ups import PICK
from demos.why.follow_ups import build as build_more
from explain.attribution import inputs as asking
from explain.attribution.engine import estimate, pair_steps
from explain.attribution.export import pair_to_plain
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.attribution.records import BASELINES
from explain.attribution.results import PairAttribution
from explain.models import PAIRS, ROLES, Loaded, fresh_classifier, load
from explain.records import InputError
from explain.render import attribution as drawing
from explain.render import notices

LONG = 400  # characters from which the time is estimated first
OFTEN = 0.2  # seconds between two pictures
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
INTRO = (
    "Which words move the answer? Each number says how many **logits** a word adds to what is "
    "explained, or takes from it. It says what the model relies on, not what is right."
)


def models(head: str, pair: str, values: Mapping[str, object]) -> tuple[Loaded, Loaded]:
    """Teacher and student, with the classifier that the tab's switch asks for."""
    teacher, student = (load(head, role, pair) for role in ROLES)
    if head == "multiple_choice" and values.get("untrained") is True:
        return fresh_classifier(teacher), fresh_classifier(student)
    return teacher, student


@visitor_errors
def attribute(
    head: str,
    inputs: dict[str, Any],
    target: str = "",
    against: str = "",
    method: str = DEFAULT_METHOD,
    baseline: str = "mask",
    pair: str = "pocket",
) -> dict[str, Any]:
    """What every word piece adds to one logit of each model, with the ledger and the words.

    `inputs` has the fields of the head: text; prompt and choices; question and context. `target` is
    an answer, as text: a word, a label, "Paris as LOC" or "all" (the others are in `more`), the
    number of a choice, words of the context (after "start of" or "end of" for one end alone); ""
    is each model's own. `against` is a rival answer: then the difference of both is explained.
    """
    asked = asking.read(head, inputs)
    loaded = models(head, pair, inputs)
    with exclusive_compute():
        targets, left_out = asking.targets_of(asked, loaded, target, against)
        *_, both = pair_steps(asked, loaded, targets, method, baseline, left_out)
    return {"pair": pair, "head": head, **pair_to_plain(both)}


def _shown(
    status: str, result: object, both: PairAttribution | None = None, running: bool = False
) -> tuple[Any, ...]:
    """Status, result, what was found, what can be asked next, and the stop button."""
    return status, result, both, gr.update(visible=both is not None), gr.update(visible=running)


def explain(head: str, names: Sequence[str], *given: Any) -> Iterator[tuple[Any, ...]]:
    """Both models' attributions, growing; `given` are the head's fields and the four choices."""
    *fields, wanted, against, method, baseline, pair = given
    values = dict(zip(names, fields, strict=True))
    try:
        asked = asking.read(head, values)
        loaded = models(head, pair, values)
        targets, left_out = asking.targets_of(asked, loaded, wanted or "", against or "")
        status = ""
        yield _shown(notices.status("Working …"), "", running=True)
        if (
            sum(len(str(value)) for value in fields) > LONG
            or METHODS[method].most_pieces is not None
        ):
            first = targets[0]
            status = drawing.estimate(
                [estimate(asked, one, first, method, baseline) for one in loaded], len(targets)
            )
            yield _shown(notices.status(status), gr.skip(), running=True)
        drawn = 0.0
        for both in pair_steps(asked, loaded, targets, method, baseline, left_out):
            if both.done:
                yield _shown("", drawing.result(both), both)
            elif time.monotonic() - drawn > OFTEN:
                drawn = time.monotonic()
                said = notices.status(f"{drawing.progress(both)} {status}")
                yield _shown(said, drawing.result(both), running=True)
    except InputError as error:
        yield _shown(notices.refusal(str(error)), "")


def stopped() -> tuple[Any, ...]:
    """After Stop: what has been drawn stays."""
    said = "Stopped. What is shown is as far as it came."
    return notices.status(said), gr.update(visible=False)


def clear_status() -> tuple[Any, ...]:
    """After a new press of Compare: nothing runs, nothing is said."""
    return "", gr.update(visible=False)


def offer(head: str, names: Sequence[str], *given: Any) -> tuple[Any, ...]:
    """Targets and rivals that fit a new answer."""
    *fields, named, wanted, against, pair = given
    values = dict(zip(names, fields, strict=True))
    try:
        asked = asking.read(head, values)
        lists = asking.offered(asked, models(head, pair, values), named or "")
    except InputError:  # said by the head itself
        lists = asking.ASKING[head].options, asking.rivals_of(head)
    return tuple(
        gr.update(
            choices=list(options),
            value=chosen if chosen in dict(options).values() else options[0][1],
        )
        for options, chosen in zip(lists, (wanted, against), strict=True)
    )


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
        gr.Markdown(f"### Why?\n\n{INTRO}", elem_classes="wx-intro")
        chosen = _choices(head)
        windows = {name: own["teacher"][head].window for name, own in PAIRS.items()}
        said = " or ".join(f"{window} ({name} pair)" for name, window in windows.items())
        if len(set(windows.values())) == 1:
            said = str(windows["pocket"])
        limits = "; ".join(
            f"{method.name} take up to {method.most_pieces} pieces"
            for method in METHODS.values()
            if method.most_pieces is not None
        )
        gr.Markdown(
            f"A text of more than {said} word pieces is explained in the window in which the "
            f"answer stands; {limits}.",
            elem_classes="dx-quiet",
        )
        with gr.Row(elem_classes="wx-buttons"):
            ask = gr.Button("Why?", variant="primary", elem_id=f"why-{head}-run", min_width=140)
            stop = gr.Button("Stop", elem_id=f"why-{head}-stop", visible=False, min_width=100)
        status = gr.HTML(elem_id=f"why-{head}-status", elem_classes="wx-hide")
        result = gr.HTML(elem_id=f"why-{head}-result", elem_classes="wx-hide", js_on_load=PICK)
        found = gr.State(None)
        with gr.Column(visible=False) as more:
            events = build_more(head, found, result, stop)
    outputs = [status, result, found, more, stop]
    inputs = list(fields.values())
    event = ask.click(
        partial(explain, head, tuple(fields)), [*inputs, *chosen, pair], outputs,
        **PRIVATE, **MODEL,
    )  # fmt: skip
    events.append(event)
    stop.click(stopped, None, [status, stop], cancels=events, queue=False, **PRIVATE)
    controls.run.click(None, cancels=events, api_visibility="private").then(
        clear_status, None, [status, stop], queue=False, **PRIVATE
    )
    verdict.change(lambda: _shown("", ""), None, outputs, queue=False, **PRIVATE)
    verdict.change(
        partial(offer, head, tuple(fields)),
        [*inputs, named or gr.State(""), *chosen[:2], pair], chosen[:2],
        **PRIVATE, **MODEL,
    )  # fmt: skip


def _choices(head: str) -> list[gr.Dropdown]:
    options, rivals = list(asking.ASKING[head].options), list(asking.rivals_of(head))
    methods = [(method.name, key) for key, method in METHODS.items() if method.offered]
    baselines = [(name, key) for key, name in BASELINES.items()]
    with gr.Row(elem_classes="wx-settings"):
        return [
            gr.Dropdown(options, value=options[0][1], label="Explain", allow_custom_value=True,
                        elem_id=f"why-{head}-target", min_width=200, scale=2),
            gr.Dropdown(rivals, value="", label="and not", allow_custom_value=True,
                        elem_id=f"why-{head}-against", min_width=150),
            gr.Dropdown(methods, value=DEFAULT_METHOD, label="Method",
                        elem_id=f"why-{head}-method", min_width=230),
            gr.Dropdown(baselines, value=baselines[0][1], label="Words are replaced by",
                        elem_id=f"why-{head}-baseline", min_width=175),
        ]  # fmt: skip
