"""A race or a sweep as files: every pass or point as CSV, everything as plain JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict
from typing import Any

from explain.environment import Circumstances
from explain.race.records import CONTESTANTS, Pass, Result, Settings, SweepState
from explain.race.verdict import verdict

PASS_COLUMNS = ("lap", "turn", "contestant", "tokenise_ms", "forward_ms")
POINT_COLUMNS = (
    "varied", "value", "contestant", "p25_ms", "p50_ms", "p75_ms", "texts_a_second", "passes",
)  # fmt: skip


def to_plain(result: Result) -> dict[str, Any]:
    """The result as dictionaries, lists and numbers, its verdict in words first.

    An interval without an end has null there. Laps count from 0; negative ones are warm-up.
    """
    sentence, basis = verdict(result)
    plain = {"verdict": sentence, "basis": basis, "unit": "ms", **asdict(result)}
    plain["circumstances"]["versions"] = dict(result.circumstances.versions)
    plain["passes"] = [_pass_to_plain(entry) for entry in result.passes]
    for duel in plain["duels"]:
        ratio = duel["ratio"].items()
        duel["ratio"] = {key: end if math.isfinite(end) else None for key, end in ratio}
    for size in plain["sizes"]:
        size["parameters"] = size["embeddings"] + size["layers"] + size["head"]
    contestants = {key: asdict(CONTESTANTS[key]) for key in result.settings.contestants}
    return json.loads(json.dumps(plain | {"contestants": contestants}))


def _pass_to_plain(entry: Pass) -> dict[str, Any]:
    return {"turn" if name == "direction" else name: value for name, value in asdict(entry).items()}


def to_json(result: Result) -> str:
    """`to_plain` as text."""
    return json.dumps(to_plain(result), indent=1)


def to_csv(result: Result) -> str:
    """One line per pass, below lines starting with # that say how and where it was measured."""
    text = io.StringIO()
    text.write(_comments(result.settings, result.circumstances))
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(PASS_COLUMNS)
    for entry in result.passes:
        times = (f"{entry.tokenise:.4f}", f"{entry.forward:.4f}")
        lines.writerow((entry.lap, entry.direction, entry.contestant, *times))
    return text.getvalue()


def sweep_to_json(state: SweepState, here: Circumstances) -> str:
    """Settings, circumstances, points and parts as text; what was varied is in each point."""
    plain = {
        "unit": "ms",
        "settings": asdict(state.settings),
        "circumstances": {**asdict(here), "versions": dict(here.versions)},
        "contestants": {key: asdict(CONTESTANTS[key]) for key in state.settings.contestants},
        "points": [asdict(point) for point in state.points],
        "parts": [asdict(row) for row in state.shares],
    }
    return json.dumps(plain, indent=1)


def sweep_to_csv(state: SweepState, here: Circumstances) -> str:
    """One line per point, then one per part, below lines starting with # as in `to_csv`."""
    text = io.StringIO()
    text.write(_comments(state.settings, here))
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(POINT_COLUMNS)
    for point in state.points:
        times = (f"{time:.4f}" for time in (point.low, point.middle, point.high))
        rate = f"{point.rate:.2f}"
        lines.writerow((point.what, point.value, point.contestant, *times, rate, point.passes))
    for row in state.shares:
        for name in ("embeddings", "layers", "head"):
            middle = f"{getattr(row, name):.4f}"
            lines.writerow(("part", name, row.contestant, "", middle, "", "", ""))
    return text.getvalue()


def _comments(settings: Settings, here: Circumstances) -> str:
    """How and where times were measured, one line per setting."""
    lines = ""
    for key, value in (asdict(settings) | asdict(here)).items():
        shown = " ".join(str(item) for item in value) if isinstance(value, tuple) else value
        if key == "versions":
            shown = " ".join(f"{name}={number}" for name, number in here.versions)
        lines += f"# {key}: {shown}\n"
    return lines
