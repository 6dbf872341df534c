"""Where the student starts: which of the teacher's layers it gets, and what that is worth."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr

from demos.answers import exclusive_compute
from demos.common import DOWNLOAD, MODEL, QUIET, visitor_errors
from demos.prose import prose
from distill.live import heads
from distill.live.settings import require_head, require_sentence
from distill.live.start import LAYERS
from distill.live.untrained import untrained
from distill.student import LAYER_MAP
from explain.heads.registry import HEADS
from explain.records import InputError
from explain.render import distillation as render
from explain.render import notices

INTRO = (
    "## Where the student starts\n\nThe student has half of the teacher’s six layers. Tick the "
    f"**{LAYERS}** that are copied, or none for a random start. The untrained student answers at "
    "once."
)
TEACHER_LAYERS = 6


class Fields(NamedTuple):
    """What the start and the live training share."""

    head: gr.Radio
    layers: gr.CheckboxGroup
    sentence: gr.Textbox


def show(head: str, layers: list[int], sentence: str, progress: gr.Progress = DOWNLOAD) -> str:
    """The untrained student's answer beside the teacher's, and its agreement on held-out rows."""
    try:
        require_sentence(sentence)
        with exclusive_compute(progress):
            found = untrained(head, sorted(layers), sentence, 0)
    except InputError as error:
        return notices.refusal(str(error))
    numbers = ", ".join(str(layer + 1) for layer in sorted(layers))
    name = f"Layers {numbers}" if numbers else "A random start"
    return render.start(
        name, (found.teacher, found.student), found.marks, found.metric, found.teacher_score
    )


@visitor_errors
def watched(head: str) -> str:
    """The sentence that is watched at first."""
    require_head(head)
    return str(heads.of(head).WATCHED)


def build() -> Fields:
    """Lay the part out."""
    prose(INTRO)
    names = heads.names()
    with gr.Row(elem_classes="rx-fields"):
        head = gr.Radio([(HEADS[name].title, name) for name in names], value=names[-1],
                        label="Task", elem_id="distil-head", min_width=280)  # fmt: skip
        layers = gr.CheckboxGroup(
            [(str(layer + 1), layer) for layer in range(TEACHER_LAYERS)], value=list(LAYER_MAP),
            label="Layers of the teacher that are copied, counted from 1", elem_id="distil-layers",
            info=f"{LAYERS}, or none: then nothing is copied", min_width=280,
        )  # fmt: skip
    sentence = gr.Textbox(watched(names[-1]), label="A sentence to watch", lines=2,
                          elem_id="distil-sentence")  # fmt: skip
    run = gr.Button("Ask the untrained student", elem_id="distil-start-run", scale=0, min_width=180)
    shown = gr.HTML(elem_id="distil-start", elem_classes="sx-flush")
    fields = Fields(head, layers, sentence)
    head.input(watched, head, sentence, queue=False, **QUIET)
    gr.on([run.click, layers.input], show, list(fields), shown, trigger_mode="always_last",
          api_visibility="private", show_progress="minimal", **MODEL)  # fmt: skip
    return fields
