"""Files of the race: the rows that a visitor brings, and the buttons to take results along."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from explain.evaluation import sets
from explain.evaluation.items import EvaluationSet
from explain.records import InputError

UNREAD = "Your file was not read: the reason stands below its box."
PNG = """() => document.querySelectorAll("%s").forEach((plot) => window.Plotly.downloadImage(
  { data: plot.data, layout: { ...plot.layout, paper_bgcolor: "#fff", font: { color: "#345" } } },
  { format: "png", scale: 2, width: 900, height: 480, filename: plot.closest("[id^=%s-]").id },
))"""


def chosen_set(head: str, source: str, file: str | None, limit: float) -> EvaluationSet:
    """The set of the fields; what is wrong with a file was said when it was chosen."""
    sets.require_choice(head, limit)
    try:
        return sets.choose(head, source, file, limit)
    except InputError as error:
        if source == sets.FILE and file:
            raise InputError(UNREAD) from error
        raise


def row(
    section: str, noun: str, plots: Sequence[str] = ()
) -> tuple[list[gr.DownloadButton], gr.Row]:
    """Buttons `{section}-csv`, `-json` and, where there are plots, `-png`; hidden at first.

    `plots` are the ids of those that the last one saves, each as a picture on white.
    """
    with gr.Row(visible=False, elem_classes="rx-buttons") as buttons:
        files = [
            gr.DownloadButton(f"{noun} as {kind}", size="sm", min_width=120, scale=0,
                              elem_id=f"{section}-{kind.lower()}")
            for kind in ("CSV", "JSON")
        ]  # fmt: skip
        if plots:
            drawn = ", ".join(f"#{name} .js-plotly-plot" for name in plots)
            png = gr.Button("Pictures as PNG", size="sm", min_width=120, scale=0,
                            elem_id=f"{section}-png")  # fmt: skip
            png.click(None, js=PNG % (drawn, section), api_visibility="private")
    return files, buttons
