"""The triple loss of a pair on the visitor's text, piece by piece, with weights to play with."""

from __future__ import annotations

import gradio as gr

from demos.answers import exclusive_compute
from demos.common import ANSWER, DOWNLOAD, QUIET
from demos.prose import prose
from distill.live.triple import triple_loss
from explain.distillation.records import TripleLoss, Weights
from explain.models import ROLES, load
from explain.records import InputError
from explain.render import distillation as render
from explain.render import notices

TEXT = "The old fisherman repaired his net on the beach before the storm came in from the sea."
INTRO = (
    "## The triple loss\n\n**L_ce** asks the student for the teacher’s distribution, **L_mlm** for "
    "the masked word itself, **L_cos** for hidden states that point the way the teacher’s do. The "
    "paper’s weights are 5 : 2 : 1."
)
LARGEST = 20


def compute(
    text: str,
    temperature: float,
    soft: float,
    hard: float,
    cosine: float,
    pair: str,
    progress: gr.Progress = DOWNLOAD,
) -> tuple[TripleLoss | None, str]:
    """The losses of both models on a text, of which some pieces are masked."""
    try:
        teacher, student = (load("fill_mask", role, pair) for role in ROLES)
        with exclusive_compute(progress):
            found = triple_loss(text, teacher, student, temperature)
    except InputError as error:
        return None, notices.refusal(str(error))
    return found, show(found, soft, hard, cosine)


def show(found: TripleLoss | None, soft: float, hard: float, cosine: float) -> str:
    """The same losses with other weights; nothing is computed by a model."""
    return render.triple_loss(found, Weights(soft, hard, cosine)) if found else ""


def build(pair: gr.components.Component) -> None:
    """Lay the part out."""
    prose(INTRO)
    text = gr.Textbox(
        TEXT, label="Text, whole: every fifth piece or so is masked here", lines=2,
        elem_id="distil-whole",
    )  # fmt: skip
    with gr.Row(elem_classes="rx-fields"):
        weights = [
            gr.Slider(0, LARGEST, value=value, step=0.5, label=f"Weight of {name}",
                      elem_id=f"distil-weight-{key}", min_width=180)
            for name, key, value in (("L_ce", "soft", 5), ("L_mlm", "hard", 2),
                                     ("L_cos", "cosine", 1))
        ]  # fmt: skip
        temperature = gr.Slider(1, 10, value=2, step=0.5, label="Temperature", min_width=180,
                                elem_id="distil-heat")  # fmt: skip
    run = gr.Button("Compute the losses", elem_id="distil-losses-run", scale=0, min_width=180)
    found = gr.State(None)
    shown = gr.HTML(elem_id="distil-losses", elem_classes="sx-flush")
    gr.on([run.click, temperature.release], compute, [text, temperature, *weights, pair],
          [found, shown], trigger_mode="always_last", api_visibility="private",
          show_progress="minimal", **ANSWER)  # fmt: skip
    gr.on([weight.input for weight in weights], show, [found, *weights], shown, queue=False,
          trigger_mode="always_last", **QUIET)  # fmt: skip
