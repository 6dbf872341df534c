"""Questions: which words of a text answer a question?"""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from demos.answers import Answers, Shown, both, names, show, with_gold
from demos.common import ANSWER, DOWNLOAD, visitor_errors
from demos.why import panel as why
from demos.wiring import clear_with_input, controls, panels, wire
from explain.article.stored import thresholds
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
    (
        "when",
        "When did the bridge open?",
        "Work on the bridge began in 1911, but money ran out twice. It opened at last in 1926, and "
        "the old ferry was sold the year after.",
        "1926",
    ),
    (
        "from Verma’s article",
        "Who was Jim Henson?",
        "Jim Henson was a nice puppet",
        "a nice puppet",
    ),
    (
        "lost in distillation: a near miss",
        "Who designed the library?",
        "Ana Ruiz paid for the library, and the painter Leo Marsh decorated its hall. The building "
        "itself was designed by Hana Sato, who never saw it finished.",
        "Hana Sato",
    ),
    (
        "fails: how many",
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

    def read(right: str | None) -> Answers[QuestionAnsweringResult]:
        return both(
            HEAD, pair, lambda loaded: _read(question, context, right or "", 3, loaded), progress
        )

    answers, note = with_gold(read, given or None)
    panel = partial(render.panel, thresholds=thresholds(HEAD, pair))
    return show(answers, names(HEAD, pair), panel, render.compare(*answers) + note)


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
    gr.Markdown("Which words of the context are the **answer**? Both models mark them.")
    with gr.Row():
        question = gr.Textbox(
            EXAMPLES[0][1], label="Question", elem_id="question_answering-question", scale=3
        )
        given = gr.Textbox(
            label="Right answer, for the loss", scale=2, min_width=220,
            elem_id="question_answering-answer", elem_classes="dx-gold",
        )  # fmt: skip
    context = gr.Textbox(
        EXAMPLES[0][2], label="Context, up to 50,000 characters", lines=4, max_lines=14,
        elem_id="question_answering-context",
    )  # fmt: skip
    inputs = [question, context, given]
    row = controls(HEAD, EXAMPLES, inputs)
    clear_with_input(inputs, EXAMPLES)
    shown = panels(HEAD)
    why.panel(HEAD, {"question": question, "context": context}, pair, row, shown[-1], given)
    wire(compare, row, [question.submit, given.submit], [*inputs, pair], shown)
    gr.api(answer, api_name=HEAD, **ANSWER)
