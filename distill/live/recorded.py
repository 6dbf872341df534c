"""Runs of every rival, recorded with `tests/benchmarks/live_distillation.py`, on one machine.

A visitor's student may be drawn beside one of them instead of a rival that takes turns with it; it
then has all of the time. The two are comparable only if the settings are those of the recording:
the same seed gives the same batches in the same order.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from explain.distillation.records import LiveSettings, Losses, Marks, Point, Student, Weights
from explain.records import InputError

PATH = Path(__file__).resolve().parents[2] / "assets" / "transfer" / "recorded.json"
WHOLE = "whole recipe"  # the variant that is no rival


def origin() -> str:
    """When, where and with what the runs were recorded."""
    made = _file()["made"]
    return f"{made['date']} ({made['processor']}, {made['cores']} cores; torch {made['torch']})"


def extent() -> str:
    """How long each run was, and how many there are of each variant."""
    chosen = _file()["settings"]
    return f"{len(chosen['seeds'])} runs of {chosen['seconds']} s"


def teacher() -> str:
    """The checksum of the teacher that the recorded students learned from."""
    return str(_file()["teacher"])


def rival(settings: LiveSettings, name: str) -> Student:
    """The recorded rival of a student with these settings, which `require` has accepted."""
    run = _file()["runs"][settings.head][settings.rival][settings.seed]
    points = tuple(_point(values) for values in run["points"])
    return Student(f"{name}, recorded", points, (), Marks(*run["end"]), origin())


def reached(whole: Student, seconds: float) -> Student:
    """A recorded student as far as it had come after so many seconds."""
    points = tuple(point for point in whole.points if point.seconds <= seconds)
    return replace(whole, points=points, end=None)


def require(settings: LiveSettings) -> None:
    """Check that the settings are those of the recording."""
    chosen = _file()["settings"]
    layers, weights = tuple(chosen["layers"]), Weights(**chosen["weights"])
    wanted = (
        ("layers", settings.layers == layers, ", ".join(str(layer + 1) for layer in layers)),
        ("weights", settings.weights == weights, _weights(weights)),
        ("learning rate", settings.rate == chosen["rate"], f"{chosen['rate']:g}"),
        ("seconds", settings.seconds == chosen["seconds"], str(chosen["seconds"])),
        ("sentences", not settings.text, "ours"),
    )
    other = [f"{name} ({theirs})" for name, fits, theirs in wanted if not fits]
    if settings.seed not in chosen["seeds"]:
        other.append(f"seed ({chosen['seeds'][0]} to {chosen['seeds'][-1]})")
    if other:
        raise InputError(
            f"Rivals were recorded with other settings: {'; '.join(other)}. Choose these, or let "
            "the rival train by turns with your student."
        )


def agreements(head: str) -> dict[str, tuple[float, float, float]]:
    """By variant, the agreement that its runs ended with: median, lowest, highest."""
    found = {}
    for variant, runs in _file()["runs"][head].items():
        values = [run["end"][0] for run in runs]
        found[variant] = median(values), min(values), max(values)
    return found


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def _point(values: list[float | None]) -> Point:
    seconds, steps, soft, hard, cosine, *marks = values
    losses = None if soft is None else Losses(soft, hard, cosine)  # type: ignore[arg-type]
    return Point(seconds, int(steps), losses, Marks(*marks))  # type: ignore[arg-type]


def _weights(weights: Weights) -> str:
    return f"{weights.soft:g} : {weights.hard:g} : {weights.cosine:g}, T = {weights.temperature:g}"
