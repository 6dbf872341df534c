"""A race or a sweep to take along: every pass or point as CSV, everything as plain JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict
from typing import Any

from explain.environment import Circumstances
from explain.race import verdict as words
from explain.race.records import CONTESTANTS, Pass, Result, Settings, Survey

COLUMNS = ("lap", "turn", "contestant", "tokenise_ms", "forward_ms")
POINTS = (
    "varied", "value", "contestant", "p25_ms", "p50_ms", "p75_ms", "texts_a_second", "passes",
)  # fmt: skip


def to_plain(result: Result) -> dict[str, Any]:
    """The result as dictionaries, lists and numbers, its verdict in words first.

    An interval without an end has null there. Laps count from 0; negative ones are warm-up.
    """
    sentence, basis = words.verdict(result)
    plain = {"verdict": sentence, "basis": basis, "unit": "ms", **asdict(result)}
    plain["circumstances"]["versions"] = dict(result.circumstances.versions)
    plain["passes"] = [_pass_to_plain(entry) for entry in result.passes]
    for duel in plain["duels"]:
        ends = duel["ratio"]
        duel["ratio"] = {key: end if math.isfinite(end) else None for key, end in ends.items()}
    for size in plain["sizes"]:
        size["parameters"] = size["embeddings"] + size["layers"] + size["head"]
    names = {key: asdict(CONTESTANTS[key]) for key in result.settings.contestants}
    return json.loads(json.dumps(plain | {"contestants": names}))


def _pass_to_plain(entry: Pass) -> dict[str, Any]:
    return {"turn" if name == "direction" else name: value for name, value in asdict(entry).items()}


def to_json(result: Result) -> str:
    """`to_plain` as text."""
    return json.dumps(to_plain(result), indent=1)


def to_csv(result: Result) -> str:
    """One line a pass, below lines starting with # that say how and where it was taken."""
    text = io.StringIO()
    text.write(_comments(result.settings, result.circumstances))
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for one in result.passes:
        times = (f"{one.tokenise:.4f}", f"{one.forward:.4f}")
        lines.writerow((one.lap, one.direction, one.contestant, *times))
    return text.getvalue()


def sweep_to_json(survey: Survey, here: Circumstances) -> str:
    """Settings, circumstances, points and parts as text; what was varied is in each point."""
    plain = {
        "unit": "ms",
        "settings": asdict(survey.settings),
        "circumstances": {**asdict(here), "versions": dict(here.versions)},
        "contestants": {key: asdict(CONTESTANTS[key]) for key in survey.settings.contestants},
        "points": [asdict(one) for one in survey.points],
        "parts": [asdict(one) for one in survey.shares],
    }
    return json.dumps(plain, indent=1)


def sweep_to_csv(survey: Survey, here: Circumstances) -> str:
    """One line a point, then one a part, below lines starting with # as in `to_csv`."""
    text = io.StringIO()
    text.write(_comments(survey.settings, here))
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(POINTS)
    for one in survey.points:
        times = (f"{time:.4f}" for time in (one.low, one.middle, one.high))
        rate = f"{one.rate:.2f}"
        lines.writerow((one.what, one.value, one.contestant, *times, rate, one.passes))
    for row in survey.shares:
        for name in ("embeddings", "layers", "head"):
            middle = f"{getattr(row, name):.4f}"
            lines.writerow(("part", name, row.contestant, "", middle, "", "", ""))
    return text.getvalue()


def _comments(settings: Settings, here: Circumstances) -> str:
    """How and where times were taken, a line each."""
    said = ""
    for key, value in (asdict(settings) | asdict(here)).items():
        shown = " ".join(str(one) for one in value) if isinstance(value, tuple) else value
        if key == "versions":
            shown = " ".join(f"{name}={number}" for name, number in here.versions)
        said += f"# {key}: {shown}\n"
    return said
