"""Scores of teacher and student on every labelled set of a folder, as one report.

A report is plain values, ready for JSON: for each head and set, each model's metrics with their
intervals, and the share of the teacher's score that the student keeps. Models are scored in
float32, as they are served. Nothing is trained or chosen here.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from platform import machine, python_version
from typing import Any

import numpy as np
import torch

from distill import trunk
from distill.labelled import DataSet, Line, chosen, find_sets
from distill.scoring import RowScore, score_lines
from explain.evaluation import metrics
from explain.models import HEADS, PAIRS, ROLES, Loaded, load, stored

Report = dict[str, Any]
Model = Callable[[str], Loaded]  # a head's name to that head

ROWS_AT_ONCE = 512
INTERVAL = "95 %: Wilson's for a proportion with one trial a row, else a bootstrap over rows"


def pair_models(pair: str) -> dict[str, Model]:
    """Both models of one of the pairs that the page shows, by role."""

    def of(role: str) -> Model:
        return lambda head: load(head, role, pair)

    return {role: of(role) for role in PAIRS[pair]}


def stored_model(folder: Path, role: str) -> Model:
    """A pocket model in any folder, as training leaves it."""
    models = stored.read(folder)
    tokenizer = trunk.read_tokenizer(folder)

    def of(head: str) -> Loaded:
        window, labels = PAIRS["pocket"][role][head].window, HEADS[head].labels
        own = models[head], tokenizer, head, role, "pocket", folder.name
        return Loaded(*own, labels, window)

    return of


def evaluate(
    models: Mapping[str, Model],
    data: Path,
    *,
    split: str = "test",
    head: str | None = None,
    limit: int | None = None,
) -> Report:
    """Scores of `models` (by role) on every set of `data`, at most `limit` rows of each."""
    began = time.perf_counter()
    sets: dict[str, dict[str, Report]] = {}
    for data_set in find_sets(data, split, head):
        loaded = {role: of(data_set.head) for role, of in models.items()}
        sets.setdefault(data_set.head, {})[data_set.name] = score_set(data_set, loaded, limit)
    found = [(name, sets[name]) for name in HEADS if name in sets]
    return {
        "data": data.resolve().name,
        "split": split,
        "limit": limit,
        "heads": {name: {"sets": own, "mean": _mean(name, own)} for name, own in found},
        "seconds": round(time.perf_counter() - began, 1),
        **circumstances(),
    }


def score_set(data: DataSet, loaded: Mapping[str, Loaded], limit: int | None = None) -> Report:
    """Scores of one set: those of each model, and what the student keeps of the teacher's."""
    scores: dict[str, list[RowScore]] = {role: [] for role in loaded}
    began, rows = time.perf_counter(), 0
    for lines in _groups(chosen(data, limit)):
        for role, model in loaded.items():
            scores[role] += score_lines(lines, data.head, model)
        rows += len(lines)
        seconds = time.perf_counter() - began
        print(f"{data.name:22} {rows:7,} rows {seconds:5.0f} s", file=sys.stderr, flush=True)
    tallies = {role: np.array([score.tally for score in own]) for role, own in scores.items()}
    report: Report = {"files": [file.name for file in data.files], "n": rows}
    if counted := {"ner": "named", "fill_mask": "masks"}.get(data.head):
        column = metrics.COLUMNS[data.head].index(counted)
        what = "entities" if data.head == "ner" else counted
        report[what] = int(next(iter(tallies.values()))[:, column].sum())
    for role, tally in tallies.items():
        report[role] = _plain(metrics.estimates(data.head, tally)) | _calibration(scores[role])
    if {"teacher", "student"} <= tallies.keys():
        shares = metrics.kept(data.head, tallies["teacher"], tallies["student"])
        report["kept"] = _plain(shares)
    return report


def circumstances() -> Report:
    """What a score may depend on besides model and data."""
    libraries = ("torch", "transformers", "tokenizers")
    return {
        "interval": INTERVAL,
        "resamples": metrics.RESAMPLES,
        "seed": metrics.SEED,
        "date": date.today().isoformat(),
        "processor": processor(),
        "threads": torch.get_num_threads(),
        "precision": "float32",
        "versions": {"python": python_version()} | {name: version(name) for name in libraries},
    }


def processor() -> str:
    """The processor's name where the system tells it, or else its kind."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return machine()
    names = [line.partition(":")[2] for line in text.splitlines() if line.startswith("model name")]
    return names[0].strip() if names else machine()


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while group := list(islice(lines, ROWS_AT_ONCE)):
        yield group


def _plain(estimates: Mapping[str, metrics.MetricEstimate]) -> Report:
    return {
        name: {part: round(number, 5) for part, number in asdict(estimate).items()}
        for name, estimate in estimates.items()
    }


def _calibration(scores: list[RowScore]) -> Report:
    calls = [call for score in scores for call in score.calls]
    if not calls:
        return {}
    confidences, right = zip(*calls, strict=True)
    return {"calibration_error": round(metrics.calibration_error(confidences, right), 5)}


def _mean(head: str, sets: Mapping[str, Report]) -> Report:
    """The plain mean of each score over the sets, each set counting the same."""
    mean: Report = {}
    first = next(iter(sets.values()))
    for role in (role for role in ROLES if role in first):
        means = {
            name: float(np.mean([_value(one[role][name]) for one in sets.values()]))
            for name in first[role]
        }
        mean[role] = {name: round(value, 5) for name, value in means.items()}
    if "kept" in first:
        mean["kept"] = {
            metric.name: round(mean["student"][metric.name] / mean["teacher"][metric.name], 5)
            for metric in metrics.METRICS[head]
            if metric.gain and mean["teacher"][metric.name] > 0
        }
    return mean


def _value(score: Any) -> float:
    return float(score["value"] if isinstance(score, dict) else score)
