"""Runs of every rival, recorded with `tests/benchmarks/live_distillation.py`, on one machine.

A visitor's student may be drawn beside one of them in place of a rival that is trained by turns:
then it has all of the time. They compare where the settings are those of the recording: the same
seed gives the same batches in the same order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from explain.distillation.records import LiveSettings, Losses, Marks, Point, Student, Weights
from explain.records import InputError

PATH = Path(__file__).resolve().parents[2] / "assets" / "transfer" / "recorded.json"
WHOLE = "whole recipe"  # the variant that is no rival


@dataclass(frozen=True, slots=True)
class Ends:
    """What the runs of one variant of one head ended with: median, lowest, highest."""

    agreement: tuple[float, float, float]
    score: tuple[float, float, float]
    divergence: tuple[float, float, float]


def origin() -> str:
    """Where and when the runs were recorded, and with what settings."""
    made, chosen = _file()["made"], _file()["settings"]
    return (
        f"recorded on {made['date']}; {made['processor']}, {made['cores']} cores; torch "
        f"{made['torch']}; {chosen['seconds']} s, seeds {chosen['seeds'][0]} to "
        f"{chosen['seeds'][-1]}"
    )


def rival(settings: LiveSettings, name: str, until: float | None) -> Student:
    """The recorded rival of a student, as far as it had come after `until` seconds; None: ended.

    Raises `InputError` where none was recorded for these settings.
    """
    require(settings)
    run = _file()["runs"][settings.head][settings.rival][settings.seed]
    points = [_point(values) for values in run["points"]]
    whole = Student(f"{name}, recorded", tuple(points), (), Marks(*run["end"]), origin())
    if until is None:
        return whole
    reached = tuple(point for point in points if point.seconds <= until)
    return Student(whole.name, reached, (), None, whole.recorded)


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


def ends(head: str) -> dict[str, Ends]:
    """By variant, what all recorded runs of a head ended with."""
    return {
        variant: Ends(*(_spread([run["end"][place] for run in runs]) for place in range(3)))
        for variant, runs in _file()["runs"][head].items()
    }


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def _point(values: list[float | None]) -> Point:
    seconds, steps, soft, hard, cosine, *marks = values
    losses = None if soft is None else Losses(soft, hard, cosine)  # type: ignore[arg-type]
    return Point(seconds, int(steps), losses, Marks(*marks))  # type: ignore[arg-type]


def _spread(values: list[float]) -> tuple[float, float, float]:
    return median(values), min(values), max(values)


def _weights(weights: Weights) -> str:
    return f"{weights.soft:g} : {weights.hard:g} : {weights.cosine:g}, T = {weights.temperature:g}"
