"""A result to take along: every pass as CSV, everything as plain JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict
from typing import Any

from race import words
from race.records import CONTESTANTS, Result

COLUMNS = ("lap", "turn", "contestant", "tokenise_ms", "forward_ms")


def to_plain(result: Result) -> dict[str, Any]:
    """The result as dictionaries, lists and numbers, its verdict in words first.

    An interval without an end has null there. Laps count from 0; negative ones are warm-up.
    """
    sentence, basis = words.verdict(result)
    plain = {"verdict": sentence, "basis": basis, "unit": "ms", **asdict(result)}
    plain["circumstances"]["versions"] = dict(result.circumstances.versions)
    for duel in plain["duels"]:
        ends = duel["ratio"]
        duel["ratio"] = {key: end if math.isfinite(end) else None for key, end in ends.items()}
    for size in plain["sizes"]:
        size["parameters"] = size["embeddings"] + size["layers"] + size["head"]
    names = {key: asdict(CONTESTANTS[key]) for key in result.settings.contestants}
    return json.loads(json.dumps(plain | {"contestants": names}))


def to_json(result: Result) -> str:
    """`to_plain` as text."""
    return json.dumps(to_plain(result), indent=1)


def to_csv(result: Result) -> str:
    """One line a pass, below lines starting with # that say how and where it was taken."""
    settings, here = asdict(result.settings), asdict(result.circumstances)
    text = io.StringIO()
    for key, value in (settings | here).items():
        shown = " ".join(str(one) for one in value) if isinstance(value, tuple) else value
        if key == "versions":
            shown = " ".join(f"{name}={number}" for name, number in result.circumstances.versions)
        text.write(f"# {key}: {shown}\n")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for one in result.passes:
        times = (f"{one.tokenise:.4f}", f"{one.forward:.4f}")
        lines.writerow((one.lap, one.turn, one.contestant, *times))
    return text.getvalue()
