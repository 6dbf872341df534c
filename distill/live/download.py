"""A student of a live training as a folder that plain transformers loads, zipped, with its card."""

from __future__ import annotations

import copy
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors.torch import save_file

from distill.live import heads
from distill.live.settings import RIVALS
from explain.distillation.records import LiveSettings, LiveState, Marks
from explain.environment import circumstances
from explain.heads.registry import HEADS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

FOLDER = "distilbert-live"
TIED = "vocab_projector.weight"  # the word embeddings again


def write_zip(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, state: LiveState, path: Path
) -> None:
    """Write `path`: one folder with float16 weights, configuration, tokenizer and README.md."""
    with tempfile.TemporaryDirectory(prefix="distilbert-explorer-") as name:
        folder = Path(name)
        weights = {
            key: tensor.detach().half().clone()
            for key, tensor in model.state_dict().items()
            if key != TIED
        }
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        config = copy.deepcopy(model.config)
        config.architectures, config.dtype = [type(model).__name__], "float32"
        config.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / "README.md").write_text(card(state), encoding="utf-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, f"{FOLDER}/{file.name}")


def card(state: LiveState) -> str:
    """How the student was made, and what it scored."""
    settings, weights = state.settings, state.settings.weights
    kind = f"AutoModel{HEADS[settings.head].architecture}"
    layers = ", ".join(str(layer + 1) for layer in settings.layers)
    start = "everything drawn at random"
    if layers:
        start = f"layers {layers} of the teacher, counted from 1; word embeddings not trained"
    text = "sentences pasted by a visitor" if settings.text else "sentences written for the page"
    own = state.students[0]
    rows = [
        ("task", HEADS[settings.head].title),
        ("teacher", "bert-pocket (6 layers of 384)"),
        ("start", start),
        ("text", f"{state.sentences} {text}, and copies varied by the teacher’s own proposals"),
        ("loss", f"{weights.soft:g} L_ce + {weights.hard:g} L_mlm + {weights.cosine:g} L_cos"),
        ("temperature", f"{weights.temperature:g}"),
        ("learning rate", f"{settings.rate:g} at its peak, falling to zero"),
        ("seed", str(settings.seed)),
        ("time", f"{state.seconds:.0f} of {settings.seconds} s, {own.points[-1].steps} steps"),
        ("trained by turns with", _partner(settings)),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    made = circumstances()
    return (
        f"---\nlicense: apache-2.0\n---\n\n# A student distilled live from bert-pocket\n\n"
        f"Made by a visitor of DistilBERT Explorer, in its Distil tab.\n\n"
        f"| | |\n|---|---|\n{table}\n\n{_score(own.end, state)}\n\n"
        f"Made on {made.date}; {made.processor}, {made.cores} cores.\n\n"
        f"```python\nfrom transformers import AutoTokenizer, {kind}\n\n"
        f'model = {kind}.from_pretrained("{FOLDER}", dtype="float32")\n'
        f'tokenizer = AutoTokenizer.from_pretrained("{FOLDER}")\n```\n\n'
        "It was trained for a minute or so to show how distillation works: not for use.\n"
    )


def _partner(settings: LiveSettings) -> str:
    trained = settings.rival and not settings.recorded
    return RIVALS[settings.rival].name if trained else "no other"


def _score(end: Marks | None, state: LiveState) -> str:
    if end is None:
        return "It was not scored at its end."
    metric = heads.of(state.settings.head).SCORE
    return (
        f"On {end.rows} held-out rows: {100 * end.agreement:.1f} % agreement with the teacher, "
        f"{100 * end.score:.1f} % {metric} (teacher: {100 * state.teacher_end:.1f} %), "
        f"KL(teacher || student) {end.divergence:.3f} nats per prediction."
    )
