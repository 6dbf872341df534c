"""The three steps that make the pocket pair, each from what the one before it left in a folder.

    prepare  -> WORK/start      the pretrained encoder below untrained heads
    teacher  -> WORK/teacher    masked language model, then all five tasks
    student  -> WORK/student    the teacher's layers, then distillation

The two trainings are generators of `Progress`, go on from their checkpoint, and write the model
after the last step. Either can start from a stored model instead, to train it further; the recipe
then tells both trainings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from distill import sources, trunk
from distill.batches import Stream
from distill.presets import PRESETS, Preset
from distill.student import LAYER_MAP, copy_layers
from distill.training import Models, Progress, Schedule, train, training_precision
from explain.models import multitask
from explain.records import InputError

RECIPE = "recipe.json"


@dataclass(frozen=True, slots=True)
class Job:
    """What every step needs to know."""

    data: Path  # a folder of sets, or sources.ON_HUB
    work: Path
    preset: str = "pocket"
    seed: int = 0
    hub_rows: int = sources.HUB_ROWS

    @property
    def setting(self) -> Preset:
        """The preset's two schedules and its size of a step."""
        return PRESETS[self.preset]


def prepare(job: Job, source: str | Path | None = None) -> None:
    """Write the pretrained encoder of `source` (all-MiniLM-L6-v2) with untrained heads."""
    rows = sources.training_rows(job.data, "fill_mask", job.hub_rows)
    texts = rows.get("text_wikipedia") or [row for some in rows.values() for row in some]
    if not texts:
        raise InputError(f"{job.data} has no text_* rows: the vocabulary head needs words.")
    source = source or trunk.trunk_source()
    tokenizer = trunk.read_tokenizer(source)
    write(trunk.first_teacher(texts, tokenizer, source), tokenizer, job.work / "start")


def train_teacher(job: Job, start: Path | None = None) -> Iterator[Progress]:
    """Train the teacher in `start` (WORK/start) on text, then on all five tasks."""
    before = _recipes(start)
    start, folder = start or job.work / "start", job.work / "teacher"
    models, tokenizer = multitask.read(start), trunk.read_tokenizer(start)
    schedule = replace(job.setting.teacher, seed=job.seed)
    streams = make_streams(job, tokenizer)
    record_recipe(folder, _described(job, schedule, streams) | before)
    yield from train(models, streams, schedule, folder)
    write(models, tokenizer, folder)


def train_student(
    job: Job,
    layers: tuple[int, ...] = LAYER_MAP,
    source: Path | None = None,
    start: Path | None = None,
) -> Iterator[Progress]:
    """Distil the teacher in `source` (WORK/teacher) into copied layers, or into `start`."""
    source, folder = source or job.work / "teacher", job.work / "student"
    teacher, tokenizer = multitask.read(source), trunk.read_tokenizer(source)
    models = multitask.read(start) if start else copy_layers(teacher, layers)
    losses = job.setting.losses
    schedule = replace(job.setting.student, seed=job.seed)
    streams = make_streams(job, tokenizer)
    own = {"layers": list(layers), "losses": asdict(losses)}
    record_recipe(folder, _described(job, schedule, streams) | own | _recipes(start))
    yield from train(models, streams, schedule, folder, teacher, losses)
    write(models, tokenizer, folder)


def make_streams(job: Job, tokenizer: PreTrainedTokenizerBase) -> dict[str, Stream]:
    """Endless batches of every task; each needs at least one set."""
    heads = sources.PREFIXES
    rows = {head: sources.training_rows(job.data, head, job.hub_rows) for head in heads}
    empty = [heads[head] + "*" for head, sets in rows.items() if not sets]
    if empty:
        raise InputError(f"{job.data} holds no training rows named {', '.join(empty)}.")
    budget, limits = job.setting.budget, job.setting.limits
    return {
        head: Stream(head, sets, tokenizer, budget, job.seed, limits) for head, sets in rows.items()
    }


def write(models: Models, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Store a model: configuration, float16 weights, tokenizer."""
    multitask.save(models, folder)
    trunk.save_tokenizer(tokenizer, folder)


def record_recipe(folder: Path, recipe: dict[str, Any]) -> None:
    """Write down how the model in `folder` is being trained.

    A checkpoint of another training is not gone on with, nor told as if it were of this one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = {name: value for name, value in recipe.items() if name != "precision"}
    other = _differing(folder / RECIPE, training)  # which machine goes on with it is all one
    if other and (folder / "checkpoint.pt").is_file():
        raise InputError(
            f"{folder} holds a training with another {other}: choose another --work, or delete "
            "its checkpoint.pt."
        )
    (folder / RECIPE).write_text(json.dumps(recipe, indent=1) + "\n", encoding="utf-8")


def fingerprint(folder: Path) -> str:
    """The start of the SHA-256 of a stored model's weights, to tell it from another."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:16]


def begin(folder: Path, settings: dict[str, Any]) -> None:
    """Keep what the runs in `folder` are made with; refuse to add runs made with anything else."""
    path = folder / "settings.json"
    if other := _differing(path, settings):
        raise InputError(f"{folder} holds runs with another {other}: choose another --work.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _differing(path: Path, asked: dict[str, Any]) -> str:
    """Names of what a file keeps and is asked otherwise; "" for none, or where there is no file."""
    if not path.is_file():
        return ""
    kept, plain = json.loads(path.read_text(encoding="utf-8")), json.loads(json.dumps(asked))
    return " and ".join(name for name in plain if kept.get(name) != plain[name])


def read_recipe(folder: Path) -> dict[str, Any]:
    """How the finished model in `folder` was trained."""
    for name in ("model.safetensors", RECIPE):
        if not (folder / name).is_file():
            raise InputError(
                f"{folder} holds no {name}: run `python -m distill {folder.name}`, which goes on "
                "where it stopped and ends by writing the model."
            )
    recipe: dict[str, Any] = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
    return recipe


def _recipes(start: Path | None) -> dict[str, Any]:
    """The trainings that a stored model has behind it, first to last."""
    if start is None:
        return {}
    recipe = read_recipe(start)
    return {"before": [*recipe.pop("before", []), recipe]}


def _described(job: Job, schedule: Schedule, streams: dict[str, Stream]) -> dict[str, Any]:
    return {
        "preset": job.preset,
        "schedule": asdict(schedule),
        "budget": job.setting.budget,
        "limits": asdict(job.setting.limits),
        "precision": training_precision(),
        "sets": {name: own for stream in streams.values() for name, own in _drawn(stream).items()},
    }


def _drawn(stream: Stream) -> dict[str, dict[str, Any]]:
    """The sets that a stream draws from: how many rows they hold, how often they are drawn."""
    weights = stream.weights()
    total = sum(weights.values())
    return {
        name: {"head": stream.head, "rows": len(stream.rows[name]), "share": weight / total}
        for name, weight in weights.items()
        if weight
    }
