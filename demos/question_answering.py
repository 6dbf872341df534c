"""Questions: where in a text does the answer stand?"""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.common import (
    ANSWER,
    DOWNLOAD,
    Shown,
    both,
    controls,
    names,
    panels,
    show,
    visitor_errors,
    wire,
)
from demos.why.panel import panel
from explain.encoding import optional_text, require_text
from explain.heads import question_answering as reading
from explain.heads.question_answering import find_span
from explain.heads.registry import HEADS
from explain.models import Loaded
from explain.records import QuestionAnsweringResult
from explain.render.heads import question_answering as render

HEAD = "question_answering"
TITLE = HEADS[HEAD].title
EXAMPLES = (
    ("the article's", "Who was Jim Henson?", "Jim Henson was a nice puppet", "a nice puppet"),
    (
        "when",
        "When did the bridge open?",
        "Work on the bridge began in 1911, but money ran out twice. It opened at last in 1926, and "
        "the old ferry was sold the year after.",
        "1926",
    ),
    (
        "a near miss",
        "Who designed the library?",
        "Ana Ruiz paid for the library, and the painter Leo Marsh decorated its hall. The building "
        "itself was designed by Hana Sato, who never saw it finished.",
        "Hana Sato",
    ),
    (
        "how many",
        "How many layers does the student have?",
        "BERT-base stacks twelve layers. DistilBERT keeps six of them and drops the pooler, so it "
        "has 66 million parameters instead of 110 million.",
        "six",
    ),
    (
        "why",
        "Why did the village move?",
        "The village moved uphill because the river flooded its fields three springs in a row.",
        "because the river flooded its fields three springs in a row",
    ),
)


def _read(
    question: str, context: str, given: str, top: int, loaded: Loaded
) -> QuestionAnsweringResult:
    named = optional_text(given, "right answer")
    span = find_span(context, named) if named else None
    return reading.answer(question, context, loaded, top, span)


def compare(
    question: str, context: str, given: str, pair: str, progress: gr.Progress = DOWNLOAD
) -> Shown:
    """Both models' panels and the verdict for one question and its context."""
    answers = both(HEAD, pair, lambda loaded: _read(question, context, given, 3, loaded), progress)
    return show(answers, names(HEAD, pair), render.panel, render.compare(*answers))


@visitor_errors
def answer(
    question: str, context: str, answer: str = "", top: int = 3, pair: str = "pocket"
) -> dict[str, Any]:
    """Both models' best spans; `answer`, words of the context, is scored too."""
    require_text(question, "question")
    answers = both(HEAD, pair, lambda loaded: _read(question, context, answer, top, loaded))
    return answers.to_plain(pair)


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    gr.Markdown("Where in the context does the **answer** stand? Both models mark the words.")
    with gr.Row():
        question = gr.Textbox(
            EXAMPLES[0][1], label="Question", elem_id="question_answering-question", scale=3
        )
        given = gr.Textbox(
            EXAMPLES[0][3], label="Right answer, for the loss", scale=2, min_width=220,
            elem_id="question_answering-answer",
        )  # fmt: skip
    context = gr.Textbox(
        EXAMPLES[0][2], label="Context, up to 50,000 characters", lines=4, max_lines=14,
        elem_id="question_answering-context",
    )  # fmt: skip
    inputs = [question, context, given]
    row = controls(HEAD, EXAMPLES, inputs)
    shown = panels(HEAD)
    panel(HEAD, {"question": question, "context": context}, pair, row, shown[-1], given)
    wire(compare, row, [question.submit, given.submit], [*inputs, pair], shown)
    gr.api(answer, api_name=HEAD, **ANSWER)
