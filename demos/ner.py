"""Entities: which words name a person, an organisation, a place or something else?"""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.answers import Shown, both, names, show
from demos.common import ANSWER, DOWNLOAD, ENTER_RUNS, visitor_errors
from demos.own_student import panel as own_panel
from demos.why.panel import panel as why_panel
from demos.wiring import controls, panels, wire
from explain.encoding import require_text
from explain.heads.ner import tag
from explain.heads.registry import HEADS
from explain.models import Loaded
from explain.records import NerResult
from explain.render.heads import ner as render

HEAD = "ner"
TITLE = HEADS[HEAD].title
EXAMPLES = (
    ("a person", "Jim Henson was born in Greenville, Mississippi, and worked for Sesame Workshop."),
    ("twice the same", "Washington was painted in Washington before the Washington Post existed."),
    ("accents", "Zoë Kravitz flew from São Paulo to Zürich with Lufthansa."),
    ("a headline", "Nokia sells its maps to Audi, BMW and Daimler"),
    ("works and peoples", "The Italian translation of War and Peace won a prize at Cannes."),
    ("from Verma’s article", "Hello, my dog is cute"),
)


def ask(loaded: Loaded, text: str, *_: str) -> NerResult:
    """The entities that one model finds."""
    return tag(text, loaded)


def compare(text: str, pair: str, progress: gr.Progress = DOWNLOAD) -> Shown:
    """Both models' panels and the verdict for one text."""
    answers = both(HEAD, pair, lambda loaded: tag(text, loaded), progress)

    def panel(result: NerResult, role: str, name: str) -> str:
        other = answers.student if role == "teacher" else answers.teacher
        return render.panel(result, role, name, other)

    return show(answers, names(HEAD, pair), panel, render.compare(*answers))


@visitor_errors
def answer(text: str, pair: str = "pocket") -> dict[str, Any]:
    """Both models' words, tags and entities, with character offsets in the text as given."""
    require_text(text)
    return both(HEAD, pair, lambda loaded: tag(text, loaded)).to_plain(pair)


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown(
        "Which words are **names**: persons (PER), organisations (ORG), places (LOC), others "
        "(MISC)? A dashed frame marks what the other model does not say."
    )
    text = gr.Textbox(
        EXAMPLES[0][1], label="Text", elem_id="ner-text",
        info=ENTER_RUNS,
    )  # fmt: skip
    inputs = [text]
    row = controls(HEAD, EXAMPLES, inputs)
    shown = panels(HEAD, own=True)
    why_panel(HEAD, {"text": text}, pair, row, shown[-1])
    own = own_panel(HEAD, ask, render.plain_panel)
    wire(compare, row, [text.submit], [*inputs, pair], shown, own)
    gr.api(answer, api_name=HEAD, **ANSWER)
