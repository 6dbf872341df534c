"""Attention of every head, one head large on a press: a part of Inside."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from demos.answers import exclusive_compute
from demos.common import ANSWER, QUIET, visitor_errors
from explain.anatomy.attention import attention_grids
from explain.models import ROLES
from explain.records import InputError
from explain.render import attention_heads as render

PICK = """
element.addEventListener("click", (event) => {
  const head = event.target.closest("button[data-head]");
  if (!head) return;
  for (const button of element.querySelectorAll("button[data-head]"))
    button.setAttribute("aria-pressed", button === head);
  const { role, layer, head: number } = head.dataset;
  trigger("pick", { role, layer: +layer, head: +number });
});
"""
Choice = tuple[str, int, int]  # role, layer and head, from 1


class Asked(NamedTuple):
    """What the grid on the page shows, whatever has been typed since."""

    text: str
    second: str
    pair: str
    choice: Choice | None = None


class AttentionView(NamedTuple):
    """The grid, what it shows, and one head large: in the order of the outputs."""

    grid: str
    asked: Asked
    large: str


def view(asked: Asked, sinks: bool) -> AttentionView:
    """Every head of both models on a text, and the chosen one large."""
    both = attention_grids(asked.text, asked.pair, asked.second, sinks)
    asked = asked._replace(choice=asked.choice or render.first_choice(both))
    role, layer, head = asked.choice or ("", 0, 0)
    grid = both[ROLES.index(role)] if role in ROLES else None
    chosen = grid.find(layer, head) if grid else None
    if grid is None or chosen is None:
        raise InputError("There is no such head: press one of the small pictures.")
    return AttentionView(
        render.grids(both, (role, layer, head)), asked, render.large(role, grid, chosen)
    )


@visitor_errors
def pick(asked: Asked | None, sinks: bool, event: gr.EventData) -> tuple[Asked, str]:
    """One head large: the one whose small picture was pressed."""
    if not isinstance(asked, Asked):
        raise InputError("Press Compare first.")
    chosen = getattr(event, "_data", None)
    given = chosen if isinstance(chosen, dict) else {}
    role, layer, head = (given.get(name) for name in ("role", "layer", "head"))
    if not (isinstance(role, str) and isinstance(layer, int) and isinstance(head, int)):
        raise InputError("There is no such head: press one of the small pictures.")
    with exclusive_compute():
        shown = view(asked._replace(choice=(role, layer, head)), sinks)
    return shown.asked, shown.large


@visitor_errors
def switch_sinks(asked: Asked | None, sinks: bool) -> AttentionView | list[Any]:
    """The same with or without [CLS] and [SEP]."""
    if not isinstance(asked, Asked):
        return [gr.skip()] * len(AttentionView._fields)
    with exclusive_compute():
        return view(asked, sinks)


def build() -> tuple[gr.Checkbox, list[gr.components.Component]]:
    """Lay it out: the switch, and the outputs in the order of `AttentionView`."""
    gr.Markdown(
        "## Attention: every head of every layer\n\n"
        "How each head mixes the hidden states of the pieces. It is **not an explanation** of the "
        "answer: weights can change a lot with the answer unchanged "
        "([Jain and Wallace, 2019](https://arxiv.org/abs/1902.10186)). Press a head to enlarge it."
    )
    sinks = gr.Checkbox(
        True, label="With [CLS] and [SEP]", elem_id="anatomy-sinks",
        info="where heads put the attention they have no use for",
    )  # fmt: skip
    grid = gr.HTML(elem_id="anatomy-heads", elem_classes="sx-flush", js_on_load=PICK)
    asked = gr.State(None)
    large = gr.HTML(elem_id="anatomy-head", elem_classes="sx-flush")
    events: Any = grid
    events.pick(pick, [asked, sinks], [asked, large], **QUIET, **ANSWER)
    sinks.input(switch_sinks, [asked, sinks], [grid, asked, large], **QUIET, **ANSWER)
    return sinks, [grid, asked, large]
