"""`python -m distill`: the whole recipe of the pocket pair, step by step.

    prepare    the pretrained trunk and untrained heads, into WORK/start
    pack       the training text, tokenised                   -> WORK/text.npz
    teacher    masked language model, then all five tasks     -> WORK/teacher
    student    layers copied from the teacher, then distilled -> WORK/student
    pair       both trained side by side                      -> WORK/teacher, WORK/student
    average    the weights of a model after and before further training -> WORK
    ablation   short students, each without one part of the recipe, to assets/models/ablation.json
    limits     a teacher trained further in three ways, to assets/models/limits.json
    evaluate   scores of a pair on every set of a folder, as one JSON object
    thresholds how sure a model is where there is no answer, to assets/models/thresholds.json
    export     both models to assets/models, with their scores and cards
    cards      cards and picture again, from the scores that export wrote

Training resumes where it stopped: kill it and start it again with the same arguments, on the CPU or
on an accelerator. `--seconds` ends it by the clock, `--text` reads packed text, `--workers` makes
batches in other processes, and `--data hub` trains on data sets of the Hugging Face Hub.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from distill import ablation, averaging, evaluation, export, limits, recipe, thresholds
from distill.labelled import SPLITS
from distill.presets import PRESETS
from distill.recipe import Job
from distill.sources import HUB_ROWS
from distill.student import LAYER_MAP
from distill.training import Progress
from explain.models import ASSETS, FAMILY, HEADS, PAIRS, ROLES, stored
from explain.records import InputError

Options = argparse.Namespace


def main(arguments: list[str] | None = None) -> int:
    """Run one step of the recipe."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    _keep_memory()
    torch.manual_seed(options.seed)
    try:
        options.run(options)
    except InputError as error:
        sys.exit(str(error))
    return 0


def prepare(options: Options) -> None:
    """Write the pretrained trunk with untrained heads."""
    recipe.prepare(_job(options), options.trunk)
    print(f"wrote {options.work / 'start'}", flush=True)


def teacher(options: Options) -> None:
    """Train the teacher on text, then on all five tasks."""
    for progress in recipe.train_teacher(_job(options), options.start):
        _show(progress)
    print(f"wrote {options.work / 'teacher'}", flush=True)


def student(options: Options) -> None:
    """Copy the teacher's layers and distil."""
    layers = tuple(options.layers)
    for progress in recipe.train_student(_job(options), layers, options.teacher, options.start):
        _show(progress)
    print(f"wrote {options.work / 'student'}", flush=True)


def pack(options: Options) -> None:
    """Tokenise the training text into one compressed file."""
    path = options.text or options.work / "text.npz"
    count = recipe.pack(_job(options), path)
    print(f"wrote {path}: {count:,} word pieces", flush=True)


def pair(options: Options) -> None:
    """Train the teacher further and distil it, side by side."""
    source, layers = options.teacher or options.work / "start", tuple(options.layers)
    for progress in recipe.train_pair(_job(options), source, options.start, layers):
        _show(progress)
    print(f"wrote {options.work / 'teacher'} and {options.work / 'student'}", flush=True)


def average_models(options: Options) -> None:
    """Average a model trained further (--from) with what it was before (--before)."""
    for name, folder in (("--from", options.start), ("--before", options.before)):
        if folder is None:
            raise InputError(f"Name the folder of a stored model with {name}.")
    family = stored.configuration(options.start)["model_type"]
    (role,) = (role for role in ROLES if FAMILY[role] == family)
    averaging.average(options.start, options.before, options.share, options.work / role)


def ablate(options: Options) -> None:
    """Train short students, each without one part of the recipe; print and keep what is lost."""
    job, seeds, limit = _job(options), options.seeds, options.limit or 200
    for progress in ablation.run(job, seeds, options.steps, limit, options.teacher):
        _show(progress)
    report = ablation.report(job, seeds, options.steps, limit)
    path = options.to / ablation.ABLATION
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(ablation.as_text(report["rows"]))


def find_limits(options: Options) -> None:
    """Train a teacher further with all tasks, with one alone, and with half of its rows."""
    job, limit = _job(options), options.limit or 200
    source = options.teacher or options.work / "teacher"
    for progress in limits.run(job, source, options.steps, limit):
        _show(progress)
    report = limits.report(job, source, options.steps, limit)
    path = options.to / limits.LIMITS
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(limits.as_text(report["rows"]))


def evaluate(options: Options) -> None:
    """Print the scores of both models on every set of a folder, as one JSON object."""
    models = evaluation.pair_models(options.pair)
    for role in ROLES:
        if folder := getattr(options, role):
            models[role] = evaluation.stored_model(folder, role)
    report = evaluation.evaluate(
        models,
        options.data,
        split=options.split,
        head=options.head,
        limit=options.limit,
        probes=True,
    )
    print(json.dumps({"pair": options.pair} | report, indent=1))


def measure_thresholds(options: Options) -> None:
    """Measure below which sureness an input probably has no answer; print and keep the table."""
    folders = {role: options.to / export.model_name(role) for role in ROLES}
    models = {role: evaluation.stored_model(folder, role) for role, folder in folders.items()}
    report = thresholds.report(models, folders, options.data, options.limit or 400)
    path = options.to / thresholds.THRESHOLDS
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(thresholds.as_text(report))


def export_pair(options: Options) -> None:
    """Copy both models to a folder, score them on the test rows, and write their cards."""
    export.export(options.work, options.to, options.data, options.limit)


def write_cards(options: Options) -> None:
    """Write the model cards and the picture of the scores again, from scores.json."""
    export.write_cards(options.to)


def _keep_memory() -> None:
    """Keep freed memory for the next step, whose arrays are as large (C library of GNU alone).

    By default each large array comes from the system and goes back to it, to be cleared again:
    with it kept, a step of distillation on text took 1.0 s instead of 1.5 s on two cores.
    """
    if sys.platform.startswith("linux") and hasattr(library := ctypes.CDLL(None), "mallopt"):
        for option, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1)):
            library.mallopt(option, value)


_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # options of mallopt(3)


def _job(options: Options) -> Job:
    names = ("text", "budget", "seconds", "workers")
    own: dict[str, Any] = {n: getattr(options, n) for n in names if hasattr(options, n)}
    data, work, preset = options.data, options.work, options.preset
    return Job(data, work, preset, options.seed, options.hub_rows, **own)


def _show(progress: Progress) -> None:
    if progress.step % 10 == 0 or progress.step in (1, progress.steps):
        print(
            f"{progress.step}/{progress.steps} {progress.head:18} loss {progress.loss:.3f} "
            f"soft {progress.soft:.3f} hard {progress.hard:.3f} cosine {progress.cosine:.3f} "
            f"{progress.seconds:.0f} s",
            flush=True,
        )


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


FLAGS: dict[str, dict[str, Any]] = {
    "--data": {
        "type": Path,
        "required": True,
        "help": "folder of *.jsonl(.gz) sets, or hub",
    },
    "--hub-rows": {"type": _positive, "default": HUB_ROWS, "help": "rows of each set of the Hub"},
    "--work": {"type": Path, "default": Path("work"), "help": "checkpoints and results"},
    "--preset": {"choices": PRESETS, "default": "pocket"},
    "--text": {"type": Path, "help": "file of packed text, in place of the text sets"},
    "--budget": {"type": _positive, "help": "padded word pieces per step, not the preset's"},
    "--seconds": {"type": _positive, "help": "of training, over all runs of a checkpoint"},
    "--workers": {"type": _positive, "default": 0, "help": "processes that make batches ahead"},
    "--trunk": {"type": Path, "help": "folder of another BERT encoder to start from"},
    "--from": {"type": Path, "dest": "start", "help": "folder of a model to train further"},
    "--before": {"type": Path, "help": "folder of the same model before further training"},
    "--share": {"type": float, "default": 0.5, "help": "of the model trained further"},
    "--layers": {"type": int, "nargs": "+", "default": list(LAYER_MAP), "help": "from 0"},
    "--teacher": {"type": Path, "help": "folder of a stored teacher"},
    "--student": {"type": Path, "help": "folder of a stored student"},
    "--seeds": {"type": int, "nargs": "+", "default": [0, 1, 2], "help": "one run each"},
    "--steps": {"type": _positive, "default": 300, "help": "of a short student, or of a task"},
    "--pair": {"choices": PAIRS, "default": "pocket"},
    "--head": {"choices": HEADS, "help": "one task only"},
    "--split": {"choices": SPLITS, "default": "test"},
    "--limit": {"type": _positive, "help": "so many rows of a set, drawn at random"},
    "--to": {"type": Path, "default": ASSETS, "help": "folder of the models"},
    "--seed": {"type": int, "default": 0},
    "--threads": {"type": _positive, "default": os.cpu_count() or 1},
}
ROWS = ("--data", "--hub-rows", "--work", "--preset")
TRAINING = (*ROWS, "--text", "--budget", "--seconds", "--workers")
STEPS: dict[str, tuple[Callable[[Options], None], tuple[str, ...]]] = {
    "prepare": (prepare, (*ROWS, "--trunk")),
    "pack": (pack, (*ROWS, "--text")),
    "teacher": (teacher, (*TRAINING, "--from")),
    "student": (student, (*TRAINING, "--teacher", "--layers", "--from")),
    "pair": (pair, (*TRAINING, "--teacher", "--layers", "--from")),
    "average": (average_models, ("--work", "--from", "--before", "--share")),
    "ablation": (ablate, (*ROWS, "--budget", "--teacher", "--seeds", "--steps", "--limit", "--to")),
    "limits": (find_limits, (*ROWS, "--teacher", "--steps", "--limit", "--to")),
    "evaluate": (
        evaluate,
        ("--data", "--pair", "--head", "--split", "--limit", "--teacher", "--student"),
    ),
    "thresholds": (measure_thresholds, ("--data", "--to", "--limit")),
    "export": (export_pair, ("--data", "--work", "--to", "--limit")),
    "cards": (write_cards, ("--to",)),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m distill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="STEP")
    for name, (run, flags) in STEPS.items():
        step = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        for flag in (*flags, "--seed", "--threads"):
            step.add_argument(flag, **FLAGS[flag])
        step.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
