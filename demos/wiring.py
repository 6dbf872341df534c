"""What a tab of one task is laid out and wired with: examples, Compare, two panels, the verdict."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gradio as gr

from demos.common import ANSWER
from demos.presses import Presses
from explain.models import ROLES
from explain.records import InputError
from explain.render import notices

_answers = itertools.count()
_presses = Presses()


class Controls(NamedTuple):
    """What starts an answer, and where a refusal is shown."""

    run: gr.Button
    example_chosen: gr.events.Dependency  # after it, an example's values are in the inputs
    notice: gr.HTML


def controls(
    head: str, rows: Sequence[tuple[Any, ...]], inputs: Sequence[gr.components.Component]
) -> Controls:
    """The Compare button, with examples beside it: rows of (label, a value for each input)."""
    with gr.Row(elem_classes="dx-controls"):
        run = gr.Button("Compare", variant="primary", elem_id=f"{head}-run", scale=0, min_width=180)
        with gr.Column(min_width=280):
            table = gr.Examples(
                [list(row[1:]) for row in rows], list(inputs), elem_id=f"{head}-examples",
                example_labels=[row[0] for row in rows], label="Examples", cache_examples=False,
                examples_per_page=20, api_visibility="private",
            )  # fmt: skip
    notice = gr.HTML(elem_id=f"{head}-notice", elem_classes="dx-notice")
    return Controls(run, table.load_input_event, notice)


def clear_with_input(
    inputs: Sequence[Any], rows: Sequence[tuple[Any, ...]], empty: str = ""
) -> None:
    """Empty the box of the right answer, the last of `inputs`, when its example is edited.

    `rows` are the examples, each a label and a value for each input. A right answer that one of
    them gave stays as long as its other values do; what the visitor has typed always stays.
    """
    *edited, gold = inputs
    script = f"""(...values) => {{
        const rows = {json.dumps([row[1:] for row in rows])}, given = values.at(-1);
        const is_whole = rows.some((row) => row.every((value, i) => value === values[i]));
        const is_typed = rows.every((row) => row.at(-1) !== given);
        return is_whole || is_typed ? given : {json.dumps(empty)};
    }}"""
    changes = [field.change for field in edited]
    gr.on(changes, None, list(inputs), gold, js=script, api_visibility="private")


def panels(head: str, own: bool = False) -> list[gr.HTML]:
    """The row of teacher and student, with `own` the visitor's own student, and the verdict."""
    sides = []
    with gr.Row(equal_height=True, elem_classes="dx-pair"):
        for role in ROLES:
            with gr.Column(min_width=300):
                sides.append(gr.HTML(notices.waiting(role), elem_id=f"{head}-{role}"))
    if own:
        sides.append(gr.HTML("", elem_id=f"{head}-own", elem_classes="dx-own-answer"))
    return [*sides, gr.HTML("", elem_id=f"{head}-verdict")]


def wire(
    handler: Callable[..., Sequence[Any]],
    controls: Controls,
    others: Sequence[Any],
    inputs: Sequence[gr.components.Component],
    outputs: Sequence[gr.components.Component],
    own: Callable[..., str] | None = None,
) -> None:
    """Call `handler` on the button; an example and each of `others` (Enter, switches) press it.

    `own` is called with the inputs after it, and gives the last but one of `outputs`: the panel
    of the visitor's own student.

    The last of `inputs` is the pair: choosing the other one cancels answers not yet computed, and
    takes those of the other pair away. The last of `outputs` is an HTML that changes with every
    answer, so that other panels can listen to it. An `InputError` of the handler is shown in the
    notice; the last answer stays, faint.
    """
    run, example_chosen, notice = controls

    @functools.wraps(handler)
    def answer_or_refuse(*values: Any) -> list[Any]:
        press = _presses.begun(str(run.elem_id))
        try:
            *shown, last = handler(*values)
            shown += [own(*values)] if own else []
            answer = ["", *shown, f"{last}<!-- {next(_answers)} -->"]
        except InputError as error:
            answer = [notices.refusal(str(error)), *(gr.skip() for _ in outputs)]
        return answer if _presses.is_newest(press) else [gr.skip() for _ in answer]

    answering = run.click(
        answer_or_refuse, list(inputs), [notice, *outputs], api_visibility="private",
        show_progress="full", trigger_mode="always_last", **ANSWER,
    )  # fmt: skip
    press = f"() => document.getElementById('{run.elem_id}').click()"
    gr.on(list(others), None, js=press, api_visibility="private")
    example_chosen.then(None, js=press, api_visibility="private")
    pair: Any = inputs[-1]
    pair.input(None, cancels=[answering], api_visibility="private")
    _clear(pair, [notice, *outputs[:-1]])


def _clear(pair: Any, outputs: Sequence[gr.components.Component]) -> None:
    """Take the answers of the other pair away, in the browser: no press can come before.

    The notice, the first of `outputs`, says so, and the style sheet hides what is left.
    """
    shown = [each for each in outputs if isinstance(each, gr.HTML | gr.Plot)]
    _, *first = (each.value if isinstance(each, gr.HTML) else None for each in shown)
    values = json.dumps([notices.pair_changed(), *first])
    pair.input(None, None, shown, js=f"() => {values}", api_visibility="private")
