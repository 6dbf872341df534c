"""Dark knowledge: both models' distributions over all answers, as the temperature moves."""

from __future__ import annotations

import gradio as gr

from demos.answers import both
from demos.common import DOWNLOAD, ENTER_RUNS
from demos.prose import prose
from demos.wiring import controls, wire
from distill.live.untrained import outcome_logits, word_ids
from explain.distillation.dark_knowledge import TEMPERATURES, dark_knowledge
from explain.heads.fill_mask import MASK
from explain.models import load
from explain.records import InputError
from explain.render import distillation as render
from explain.render import notices

KEY = "distil"
CHAIRS = "chair, stool, couch, armchair, mushroom"
SOFTEN = """(temperature) => {
  const soft = document.querySelector("#distil-soft .lx-soft");
  if (!soft) return;
  const values = JSON.parse(soft.dataset.temperatures).find((at) => +at[0] === temperature);
  if (!values) return;
  const each = (places, put) => soft.querySelectorAll(places).forEach(put);
  each("[data-k]", (place) => (place.textContent = values[place.dataset.k]));
  each("[data-w]", (bar) => (bar.style.width = `${values[bar.dataset.w]}%`));
  const x = (100 * Math.log(temperature / 0.5)) / Math.log(20 / 0.5);
  each(".lx-marked", (line) => ["x1", "x2"].forEach((end) => line.setAttribute(end, x)));
}"""
EXAMPLES = (
    (
        "desk chair, armchair, mushroom",
        "He pulled out a wooden [MASK] and sat down at the table.",
        CHAIRS,
    ),
    ("the article’s gap", "The capital of France is [MASK].", "paris, lyon, london, cheese"),
    ("a profession", "She works in a hospital as a [MASK].", "nurse, doctor, surgeon, tractor"),
    ("a verdict", "The plot is thin, but the acting makes up for it.", ""),
)
INTRO = (
    "## Dark knowledge\n\nA teacher’s probabilities do more than name the right answer: they rank "
    "the wrong ones. To mistake a desk chair for an armchair is a small error, for a mushroom a "
    "large one. A higher **temperature** T makes such small probabilities visible, and the student "
    "learns from them through L_ce. Write a sentence with one **[MASK]**, or a text for sentiment."
)


def compare(
    text: str, words: str, temperature: float, pair: str, progress: gr.Progress = DOWNLOAD
) -> tuple[str]:
    """Both models' soft targets at every temperature, drawn at the one chosen."""
    head = "fill_mask" if MASK.search(text) else "sentiment"
    loaded = load(head, "teacher", pair)
    asked = word_ids(words, loaded) if not loaded.labels else ()
    names = loaded.labels or loaded.tokenizer.convert_ids_to_tokens(range(len(loaded.tokenizer)))
    labels = [load(head, role, pair).labels for role in ("teacher", "student")]
    teacher, student = both(head, pair, lambda model: outcome_logits(text, model), progress)
    if len(teacher) != len(student) or labels[0] != labels[1]:
        raise InputError("These two models do not choose among the same answers.")
    found = dark_knowledge(text, teacher, student, names, asked)
    return (render.soft_targets(found, temperature),)


def build(pair: gr.components.Component) -> None:
    """Lay the part out."""
    prose(INTRO)
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            EXAMPLES[0][1], label="Sentence with one [MASK], or a text for sentiment",
            elem_id="distil-text", scale=3, min_width=300, info=ENTER_RUNS,
        )  # fmt: skip
        words = gr.Textbox(
            CHAIRS, label="Words to compare", elem_id="distil-words", scale=2, min_width=260,
            info="in the place of [MASK], with commas between",
        )  # fmt: skip
    row = controls(KEY, EXAMPLES, [text, words])
    temperature = gr.Slider(
        TEMPERATURES[0], TEMPERATURES[-1], value=1.0, step=0.5, label="Temperature T",
        elem_id="distil-temperature",
    )  # fmt: skip
    shown = gr.HTML(
        notices.status("Press Compare: the soft targets appear here."),
        elem_id="distil-soft", elem_classes="sx-flush",
    )  # fmt: skip
    wire(compare, row, [text.submit, words.submit], [text, words, temperature, pair],
         [shown])  # fmt: skip
    temperature.input(None, temperature, None, js=SOFTEN, api_visibility="private")
