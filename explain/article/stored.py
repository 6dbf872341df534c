"""Scores, thresholds and ablation of the pocket pair, as `distill` stored them.

Nothing is measured in this module: the files lie beside the weights, written by
`python -m distill export`, `thresholds` and `ablation`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from explain.article.facts import Change
from explain.heads.registry import HEADS, Head
from explain.records import Comparison
from explain.statistics import Interval, wilson

MODELS = Path(__file__).resolve().parents[2] / "assets" / "models"
T = TypeVar("T")
SCORES, ABLATION = MODELS / "scores.json", MODELS / "ablation.json"
THRESHOLDS = MODELS / "thresholds.json"


@dataclass(frozen=True, slots=True)
class StoredScores:
    """Scores of a pair, in percent: per head, the mean over its test sets."""

    rows: tuple[Comparison, ...]
    examples: int
    circumstances: str  # date, processor, versions

    @property
    def kept(self) -> float:
        """Ratio of the two macro scores in percent, as the paper computes it for GLUE."""
        teacher = sum(row.teacher for row in self.rows)
        return 100 * sum(row.student for row in self.rows) / teacher


@dataclass(frozen=True, slots=True)
class Ablation:
    """What short students lose, each without one part of the recipe."""

    changes: tuple[Change, ...]
    circumstances: str


@dataclass(frozen=True, slots=True)
class ShareBelow:
    """The share of some rows of which a model is less sure than its threshold."""

    rows: str  # what they are
    share: Interval  # percent
    n: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """How sure a model must be of its best answer: below, the input probably has none."""

    value: float  # in the unit of the record's `sureness`
    below: tuple[ShareBelow, ...]  # the first: of rows that have an answer
    circumstances: str  # data, split and date


def thresholds(head: str, pair: str, path: Path = THRESHOLDS) -> dict[str, Threshold]:
    """The threshold of each model, by role; {} for the base pair and where none can be read.

    Those of other weights than the ones beside the file are as if missing.
    """
    if pair != "pocket":
        return {}
    return _read(path, lambda report: _thresholds(report, head, path.parent)) or {}


def scores(path: Path = SCORES) -> StoredScores | None:
    """The stored scores of the pocket pair; None where they are missing or broken."""
    return _read(path, _scores)


def ablation(path: Path = ABLATION) -> Ablation | None:
    """The stored ablation of the pocket pair; None where it is missing or broken."""
    return _read(path, _ablation)


def sentiment_accuracy(path: Path = SCORES) -> dict[str, Interval]:
    """Sentiment accuracy of teacher and student over all test sentences, percent; {} for none."""
    return _read(path, _sentiment_accuracy) or {}


def _read(path: Path, parse: Callable[[Any], T]) -> T | None:
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ZeroDivisionError):
        return None


def _scores(report: Any) -> StoredScores:
    heads = report["heads"]
    rows = tuple(_row(heads[name], head) for name, head in HEADS.items() if name in heads)
    examples = sum(entry["n"] for head in heads.values() for entry in head["sets"].values())
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    circumstances = f"{report['date']}, {report['processor']}, {report['precision']}, {versions}"
    if report.get("limit"):
        circumstances += f"; at most {report['limit']:,} rows per set"
    return StoredScores(rows, examples, circumstances)


def _ablation(report: Any) -> Ablation:
    _, *without = report["rows"]  # the first is the whole recipe
    changes = tuple(Change(row["variant"], **row["change"]) for row in without)
    circumstances = (
        f"Here: the pocket pair, {len(without[0]['seeds'])} students each, all with the same "
        f"seeds, {report['steps']} steps of {report['budget']:,} word pieces; mean of five tasks "
        f"on at most {report['limit']} {report['split']} rows per set, whiskers over the seeds. "
        f"{report['date']}, {report['processor']}, {report['precision']}."
    )
    unclear = [row["variant"] for row in without if _holds_zero(row.get("interval"))]
    if unclear:
        names = ", ".join(unclear)
        circumstances += (
            f" The 95 % interval over the seeds (Student’s t) includes zero for: {names}."
        )
    return Ablation(changes, circumstances)


def _holds_zero(interval: Sequence[float] | None) -> bool:
    return interval is not None and interval[0] <= 0 <= interval[1]


def _sentiment_accuracy(report: Any) -> dict[str, Interval]:
    sets = report["heads"]["sentiment"]["sets"].values()
    sentences = sum(entry["n"] for entry in sets)
    accuracy = {}
    for role in ("teacher", "student"):
        right = sum(round(entry[role]["accuracy"]["value"] * entry["n"]) for entry in sets)
        low, high = wilson(right, sentences)
        accuracy[role] = Interval(100 * right / sentences, 100 * low, 100 * high)
    return accuracy


def _thresholds(report: Any, head: str, folder: Path) -> dict[str, Threshold]:
    for name, digest in report["weights"].items():
        if hashlib.sha256((folder / name / "SHA256SUMS").read_bytes()).hexdigest() != digest:
            raise ValueError(f"{name} has other weights")
    circumstances = f"{report['split']} rows of public sets, {report['date']}"
    found = {
        role: Threshold(
            float(entry["threshold"]), tuple(map(_share_below, entry["below"])), circumstances
        )
        for role, entry in report["heads"][head].items()
    }
    if not all(math.isfinite(each.value) and each.below for each in found.values()):
        raise ValueError("a threshold is no number, or nothing was measured at it")
    return found


def _share_below(stored: dict[str, Any]) -> ShareBelow:
    value, low, high = (100 * float(stored[name]) for name in ("value", "low", "high"))
    return ShareBelow(str(stored["rows"]), Interval(value, low, high), int(stored["n"]))


def _row(stored: dict[str, Any], head: Head) -> Comparison:
    teacher, student = (
        100 * float(stored["mean"][role][head.metric]) for role in ("teacher", "student")
    )  # fmt: skip
    sets = stored["sets"]
    count = sum(entry["n"] for entry in sets.values())
    title = f"{head.title}, {head.metric_title}"
    return Comparison(title, teacher, student, "%", 1, f"{', '.join(sets)}; {count:,} rows")
