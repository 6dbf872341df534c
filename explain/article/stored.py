"""Scores of the pocket pair and the ablation of its recipe, as `distill` stored them.

Nothing is measured in this module: the files lie beside the weights, written by
`python -m distill export` and `python -m distill ablation`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explain.article.facts import Change
from explain.heads.registry import HEADS, Head
from explain.records import Comparison
from explain.statistics import Interval, wilson

MODELS = Path(__file__).resolve().parents[2] / "assets" / "models"
SCORES, ABLATION = MODELS / "scores.json", MODELS / "ablation.json"


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


def scores(path: Path = SCORES) -> StoredScores | None:
    """The stored scores of the pocket pair; None before they were measured."""
    if not path.exists():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    heads = report["heads"]
    rows = tuple(_row(heads[name], head) for name, head in HEADS.items() if name in heads)
    examples = sum(entry["n"] for head in heads.values() for entry in head["sets"].values())
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    circumstances = f"{report['date']}, {report['processor']}, {report['precision']}, {versions}"
    if report.get("limit"):
        circumstances += f"; at most {report['limit']:,} rows per set"
    return StoredScores(rows, examples, circumstances)


def ablation(path: Path = ABLATION) -> Ablation | None:
    """The stored ablation of the pocket pair; None before it was made."""
    if not path.exists():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    _, *without = report["rows"]  # the first is the whole recipe
    changes = tuple(Change(row["variant"], **row["change"]) for row in without)
    circumstances = (
        f"Here: the pocket pair, {len(without[0]['seeds'])} students each, all with the same "
        f"seeds, {report['steps']} steps of {report['budget']:,} word pieces; mean of five tasks "
        f"on at most {report['limit']} {report['split']} rows per set, whiskers over the seeds. "
        f"{report['date']}, {report['processor']}, {report['precision']}."
    )
    return Ablation(changes, circumstances)


def sentiment_accuracy(path: Path = SCORES) -> dict[str, Interval]:
    """Sentiment accuracy of teacher and student over all test sentences, percent; {} for none."""
    if not path.exists():
        return {}
    sets = json.loads(path.read_text(encoding="utf-8"))["heads"]["sentiment"]["sets"].values()
    sentences = sum(entry["n"] for entry in sets)
    accuracy = {}
    for role in ("teacher", "student"):
        right = sum(round(entry[role]["accuracy"]["value"] * entry["n"]) for entry in sets)
        low, high = wilson(right, sentences)
        accuracy[role] = Interval(100 * right / sentences, 100 * low, 100 * high)
    return accuracy


def _row(stored: dict[str, Any], head: Head) -> Comparison:
    teacher, student = (
        100 * stored["mean"][role][head.metric] for role in ("teacher", "student")
    )  # fmt: skip
    sets = stored["sets"]
    count = sum(entry["n"] for entry in sets.values())
    title = f"{head.title}, {head.metric_title}"
    return Comparison(title, teacher, student, "%", 1, f"{', '.join(sets)}; {count:,} rows")
