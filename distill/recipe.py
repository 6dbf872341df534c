"""The steps that make the pocket pair, each from what the one before it left in a folder.

    prepare  -> WORK/start      the pretrained encoder below untrained heads
    pack     -> WORK/text.npz   the text of all sets, tokenised
    teacher  -> WORK/teacher    masked language model, then all five tasks
    student  -> WORK/student    the teacher's layers, then distillation
    pair     -> both            teacher and student trained side by side

The trainings are generators of `Progress`, resume from their checkpoint, and write the models after
the last step. Each can start from stored models instead, to train them further; the recipe that is
stored beside the weights then lists every training.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from transformers import PreTrainedTokenizerBase

from distill import heads, packing, sources, trunk
from distill.batches import Batches, Stream
from distill.masking import MaskedText
from distill.precision import best_device, training_precision
from distill.prefetch import prefetched
from distill.presets import PRESETS, Preset
from distill.student import LAYER_MAP, copy_layers
from distill.training import Models, Progress, Schedule, train
from explain.models import HEADS, stored
from explain.records import InputError

RECIPE = "recipe.json"
STEPS_DONE = "steps_done"  # of a training that its clock may have ended before its schedule
SAVE_EVERY = {"cpu": 200, "cuda": 2_000}  # steps: some minutes of work
OF_ONE_RUN = ("precision", "seconds")  # may differ from run to run of one training


Streams: TypeAlias = dict[str, Stream | MaskedText]


@dataclass(frozen=True, slots=True)
class Job:
    """What every step needs to know."""

    data: Path  # a folder of sets, or sources.ON_HUB
    work: Path
    preset: str = "pocket"
    seed: int = 0
    hub_rows: int = sources.HUB_ROWS
    text: Path | None = None  # packed text (`distill.packing`) in place of the text sets
    budget: int | None = None  # padded word pieces per step, in place of the preset's
    seconds: float | None = None  # of training, over all its runs; None for the preset's steps
    workers: int = 0  # processes that make batches ahead; 0 to make them as they are needed

    @property
    def setting(self) -> Preset:
        """The preset's two schedules and its size of a step."""
        return PRESETS[self.preset]

    @property
    def pieces(self) -> int:
        """Padded word pieces per step."""
        return self.budget or self.setting.budget


def prepare(job: Job, source: str | Path | None = None) -> None:
    """Write the pretrained encoder of `source` (all-MiniLM-L6-v2) with untrained heads."""
    rows = sources.training_rows(job.data, "fill_mask", job.hub_rows)
    texts = rows.get("text_wikipedia") or [row for some in rows.values() for row in some]
    if not texts:
        raise InputError(f"{job.data} has no text_* rows: the vocabulary head needs words.")
    source = source or trunk.trunk_source()
    tokenizer = trunk.read_tokenizer(source)
    write(trunk.first_teacher(texts, tokenizer, source), tokenizer, job.work / "start")


def pack(job: Job, path: Path) -> int:
    """Tokenise the training text of every set into `path`; the number of word pieces."""
    rows = sources.training_rows(job.data, "fill_mask", job.hub_rows)
    if not rows:
        raise InputError(f"{job.data} holds no training rows named text_*.")
    if job.data != sources.ON_HUB:
        for head in HEADS:
            names = getattr(heads.of(head), "AS_TEXT", ())
            sets = sources.training_rows(job.data, head) if names else {}
            rows |= {name: packing.as_text(head, sets[name]) for name in names if name in sets}
    return packing.pack(rows, trunk.read_tokenizer(trunk.trunk_source()), path)


def train_teacher(job: Job, start: Path | None = None) -> Iterator[Progress]:
    """Train the teacher in `start` (WORK/start) on text, then on all five tasks."""
    before = _recipes(start)
    start, folder = start or job.work / "start", job.work / "teacher"
    models, tokenizer = stored.read(start), trunk.read_tokenizer(start)
    schedule = replace(job.setting.teacher, seed=job.seed)
    streams = _streams(job, tokenizer)
    record_recipe(folder, _described(job, schedule, streams) | before)
    steps = _train(job, models, streams, schedule, folder)
    yield from _counted(steps, folder)
    write(models, tokenizer, folder)


def train_student(
    job: Job,
    layers: tuple[int, ...] = LAYER_MAP,
    source: Path | None = None,
    start: Path | None = None,
) -> Iterator[Progress]:
    """Distil the teacher in `source` (WORK/teacher) into copied layers, or into `start`."""
    source, folder = source or job.work / "teacher", job.work / "student"
    teacher, tokenizer = stored.read(source), trunk.read_tokenizer(source)
    models = stored.read(start) if start else copy_layers(teacher, layers)
    schedule = replace(job.setting.student, seed=job.seed)
    streams = _streams(job, tokenizer)
    own = {"layers": list(layers), "losses": asdict(job.setting.losses)}
    record_recipe(folder, _described(job, schedule, streams) | own | _recipes(start))
    steps = _train(job, models, streams, schedule, folder, teacher)
    yield from _counted(steps, folder)
    write(models, tokenizer, folder)


def train_pair(
    job: Job, source: Path, start: Path | None = None, layers: tuple[int, ...] = LAYER_MAP
) -> Iterator[Progress]:
    """Train the teacher in `source` further and, side by side, distil it into a student.

    The student starts from `start`, or from the teacher's `layers`.
    """
    teacher, tokenizer = stored.read(source), trunk.read_tokenizer(source)
    models = stored.read(start) if start else copy_layers(teacher, layers)
    setting = job.setting
    schedules = replace(setting.teacher, seed=job.seed), replace(setting.student, seed=job.seed)
    streams = _streams(job, tokenizer)
    folders = job.work / "teacher", job.work / "student"
    record_recipe(folders[0], _described(job, schedules[0], streams) | _recipes(source))
    distilled = {"layers": list(layers), "losses": asdict(setting.losses), "beside": "teacher"}
    record_recipe(folders[1], _described(job, schedules[1], streams) | distilled | _recipes(start))
    steps = _train(job, models, streams, schedules[1], folders[1], teacher, schedules[0])
    yield from _counted(steps, *folders)
    write(teacher, tokenizer, folders[0])
    write(models, tokenizer, folders[1])


def _train(
    job: Job,
    models: Models,
    streams: Streams,
    schedule: Schedule,
    folder: Path,
    teacher: Models | None = None,
    teacher_schedule: Schedule | None = None,
) -> Iterator[Progress]:
    batches: Mapping[str, Batches] = streams
    if job.workers:
        batches = prefetched(streams, job.workers)
    return train(
        models, batches, schedule, folder, teacher, job.setting.losses,
        save_every=SAVE_EVERY[best_device().type],
        teacher_schedule=teacher_schedule, seconds=job.seconds,
    )  # fmt: skip


def _counted(steps: Iterator[Progress], *folders: Path) -> Iterator[Progress]:
    """The steps; how many there were at the end is stored in the recipes of `folders`."""
    done = 0
    for progress in steps:
        done = progress.step
        yield progress
    for folder in folders if done else ():
        recipe = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
        _store(folder, recipe | {STEPS_DONE: done})


def make_streams(job: Job, tokenizer: PreTrainedTokenizerBase) -> dict[str, Stream]:
    """Endless batches of every task from the sets of `job.data`; each task needs at least one."""
    names = [head for head in HEADS if not (job.text and head == "fill_mask")]
    rows = {head: sources.training_rows(job.data, head, job.hub_rows) for head in names}
    empty = [heads.of(head).PREFIX + "*" for head, sets in rows.items() if not sets]
    if empty:
        raise InputError(f"{job.data} holds no training rows named {', '.join(empty)}.")
    budget, limits = job.pieces, job.setting.limits
    return {
        head: Stream(head, sets, tokenizer, budget, job.seed, limits) for head, sets in rows.items()
    }


def _streams(job: Job, tokenizer: PreTrainedTokenizerBase) -> Streams:
    """As `make_streams`, with packed text in place of the text sets where the job names it."""
    streams: Streams = {**make_streams(job, tokenizer)}
    if job.text:
        if not job.text.is_file():
            raise InputError(f"There is no file {job.text}: run `python -m distill pack` first.")
        budget, masking = job.pieces, job.setting.masking
        sets = packing.read(job.text)
        streams["fill_mask"] = MaskedText(sets, tokenizer, budget, job.seed, masking)
    return streams


def write(models: Models, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Store a model: configuration, float16 weights, tokenizer."""
    stored.save(models, tokenizer, folder)


def record_recipe(folder: Path, recipe: dict[str, Any]) -> None:
    """Write down how the model in `folder` is being trained.

    A checkpoint of another training is not gone on with, nor told as if it were of this one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = {name: value for name, value in recipe.items() if name not in OF_ONE_RUN}
    other = _differing(folder / RECIPE, training)
    if other and (folder / "checkpoint.pt").is_file():
        raise InputError(
            f"{folder} holds a training with another {other}: choose another --work, or delete "
            "its checkpoint.pt."
        )
    if (folder / RECIPE).is_file() and not other:
        stored = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
        recipe = recipe | {name: stored[name] for name in (STEPS_DONE,) if name in stored}
    _store(folder, recipe)


def _store(folder: Path, recipe: dict[str, Any]) -> None:
    (folder / RECIPE).write_text(json.dumps(recipe, indent=1) + "\n", encoding="utf-8")


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
    if not stored.is_complete(folder) or not (folder / RECIPE).is_file():
        raise InputError(
            f"{folder} holds no finished model with its {RECIPE}: run `python -m distill "
            f"{folder.name}`, which goes on where it stopped and ends by writing the model."
        )
    recipe: dict[str, Any] = json.loads((folder / RECIPE).read_text(encoding="utf-8"))
    return recipe


def _recipes(start: Path | None) -> dict[str, Any]:
    """The trainings that a stored model has behind it, first to last."""
    if start is None:
        return {}
    recipe = read_recipe(start)
    return {"before": [*recipe.pop("before", []), recipe]}


def _described(job: Job, schedule: Schedule, streams: Streams) -> dict[str, Any]:
    return {
        "preset": job.preset,
        "schedule": asdict(schedule),
        "budget": job.pieces,
        "seconds": job.seconds,
        "limits": asdict(job.setting.limits),
        "masking": asdict(job.setting.masking) if job.text else None,
        "copying": job.setting.losses.copying,
        "as_text": getattr(streams["fill_mask"], "as_text", []),
        "precision": training_precision(),
        "sets": {name: own for stream in streams.values() for name, own in _drawn(stream).items()},
    }


def _drawn(stream: Stream | MaskedText) -> dict[str, dict[str, Any]]:
    """The sets that a stream draws from: how many rows they hold, how often they are drawn."""
    weights = stream.weights()
    total = sum(weights.values())
    return {
        name: {"head": stream.head, "rows": len(stream.rows[name]), "share": weight / total}
        for name, weight in weights.items()
        if weight
    }
