"""The article's losses, number by number: a part of Inside."""

from __future__ import annotations

import gradio as gr

from demos.answers import exclusive_compute
from demos.common import ANSWER, DOWNLOAD, QUIET, visitor_errors
from demos.prose import prose
from explain.anatomy.losses import article_losses
from explain.models import HEADS, ROLES, is_loaded, load
from explain.render import losses as render


def at_once(pair: str) -> str:
    """The losses where no checkpoint has to be fetched for them; else what to press."""
    if pair == "pocket" or all(is_loaded(head, role, pair) for head in HEADS for role in ROLES):
        return render.losses(article_losses(pair))
    return render.invitation()


@visitor_errors
def compute(pair: str, progress: gr.Progress = DOWNLOAD) -> str:
    """The losses of both models; checkpoints are fetched before anything is held up."""
    for head in HEADS:
        for role in ROLES:
            load(head, role, pair)
    with exclusive_compute(progress):
        return render.losses(article_losses(pair))


def build(pair: gr.components.Component) -> gr.HTML:
    """Lay it out: a button, and what it fills."""
    prose(
        "## The article’s losses, number by number\n\n"
        "Sections D to H of the article, “Python Guide to HuggingFace DistilBERT” by A. Verma, "
        "compute a loss each, on untrained heads. Here are its inputs and labels on trained "
        "heads: −log p of every label in nats, and their mean, which is `outputs.loss`."
    )
    run = gr.Button("Compute the losses", size="sm", elem_id="anatomy-losses-run")
    shown = gr.HTML(elem_id="anatomy-losses", elem_classes="sx-flush")
    run.click(compute, [pair], [shown], **{**QUIET, "show_progress": "full"}, **ANSWER)
    return shown
