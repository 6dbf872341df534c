"""Scores of teacher and student on every labelled set of a folder, as one report.

A report is plain values, ready for JSON: for each head and set, each model's metrics with their
intervals, and the share of the teacher's score that the student keeps. Models are scored in
float32, as they are served. Nothing is trained or chosen here.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from distill import trunk
from distill.labelled import DataSet, chosen, find_sets, item_of
from explain.environment import PRECISION, circumstances
from explain.evaluation import heads, metrics
from explain.evaluation.items import ScoredAnswer
from explain.evaluation.lines import Line
from explain.evaluation.scoring import readable, score
from explain.models import HEADS, PAIRS, ROLES, Loaded, load, stored
from explain.records import InputError

Report = dict[str, Any]
Answers = dict[str, list[ScoredAnswer]]  # by role
Model = Callable[[str], Loaded]  # a head's name to that head

ROWS_AT_ONCE = 512
NAMED = 5  # rows left out whose reasons are given; the others are counted
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
        parts = models[head], tokenizer, head, role, "pocket", folder.name
        return Loaded(*parts, labels, window)

    return of


def evaluate(
    models: Mapping[str, Model],
    data: Path,
    *,
    split: str = "test",
    head: str | None = None,
    limit: int | None = None,
    probes: bool = False,
) -> Report:
    """Scores of `models` (by role) on every set of `data`, at most `limit` rows of each.

    With `probes`, heads with probes are scored on those too (see `explain.evaluation.probes`).
    """
    began = time.perf_counter()
    sets: dict[str, dict[str, Report]] = {}
    answers: dict[str, Answers] = {}
    for data_set in find_sets(data, split, head):
        loaded = {role: of(data_set.head) for role, of in models.items()}
        report, scored = score_set(data_set, loaded, limit)
        sets.setdefault(data_set.head, {})[data_set.name] = report
        together = answers.setdefault(data_set.head, {role: [] for role in models})
        for role, given in scored.items():
            together[role] += given
    reports = {}
    for name in (name for name in HEADS if name in sets):
        reports[name] = {"sets": sets[name], "mean": _mean(name, sets[name])}
        reports[name] |= heads.of(name).details(answers[name])
        if probes:
            reports[name] |= heads.of(name).probes({role: of(name) for role, of in models.items()})
    return {
        "data": data.resolve().name,
        "split": split,
        "limit": limit,
        "heads": reports,
        "seconds": round(time.perf_counter() - began, 1),
        **settings(),
    }


def score_set(
    data: DataSet, loaded: Mapping[str, Loaded], limit: int | None = None
) -> tuple[Report, Answers]:
    """Scores of one set: those of each model, and what the student keeps of the teacher's."""
    answers: Answers = {role: [] for role in loaded}
    began, rows = time.perf_counter(), 0
    left_out: list[str] = []
    for lines in _groups(chosen(data, limit)):
        items, faults = readable([item_of(line, data.head) for line in lines], *loaded.values())
        left_out += faults
        for role, model in loaded.items():
            answers[role] += score(items, model)
        rows += len(items)
        seconds = time.perf_counter() - began
        print(f"{data.name:22} {rows:7,} rows {seconds:5.0f} s", file=sys.stderr, flush=True)
    for reason in left_out[:NAMED]:
        print(f"left out: {reason}", file=sys.stderr)
    if not rows:
        raise InputError(f"{data.name}: no row can be read. {left_out[0]}")
    entry = heads.of(data.head)
    tallies = {
        role: np.array([answer.tally for answer in scored]) for role, scored in answers.items()
    }
    report: Report = {"files": [file.name for file in data.files], "n": rows}
    if left_out:
        report["left_out"] = {"n": len(left_out), "first": left_out[:NAMED]}
    if entry.counted:
        what, column = entry.counted
        counts = next(iter(tallies.values()))[:, entry.columns.index(column)]
        report[what] = int(counts.sum())
    for role, tally in tallies.items():
        report[role] = _plain(metrics.estimates(data.head, tally)) | _calibration(answers[role])
    if {"teacher", "student"} <= tallies.keys():
        shares = metrics.kept(data.head, tallies["teacher"], tallies["student"])
        report["kept"] = _plain(shares)
    return report | entry.details(answers), answers


def settings() -> Report:
    """What a score may depend on besides model and data."""
    here = circumstances()
    return {
        "interval": INTERVAL,
        "resamples": metrics.RESAMPLES,
        "seed": metrics.SEED,
        "date": here.date.partition("T")[0],
        "processor": here.processor,
        "threads": torch.get_num_threads(),
        "precision": PRECISION,
        "versions": dict(here.versions),
    }


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while group := list(islice(lines, ROWS_AT_ONCE)):
        yield group


def _plain(estimates: Mapping[str, metrics.MetricEstimate]) -> Report:
    return {
        name: {
            part: None if number is None else round(number, 5)
            for part, number in asdict(estimate).items()
        }
        for name, estimate in estimates.items()
    }


def _calibration(answers: Sequence[ScoredAnswer]) -> Report:
    decisions = [decision for answer in answers for decision in answer.decisions]
    if not decisions:
        return {}
    confidences, right = zip(*decisions, strict=True)
    return {"calibration_error": round(metrics.calibration_error(confidences, right), 5)}


def _mean(head: str, sets: Mapping[str, Report]) -> Report:
    """The plain mean of each score over the sets, each set counting the same."""
    mean: Report = {}
    first = next(iter(sets.values()))
    for role in (role for role in ROLES if role in first):
        names = dict.fromkeys(name for scores in sets.values() for name in scores[role])
        means = {
            name: float(np.mean([_value(s[role][name]) for s in sets.values() if name in s[role]]))
            for name in names
        }
        mean[role] = {name: round(value, 5) for name, value in means.items()}
    if "kept" in first:
        mean["kept"] = {
            metric.name: round(mean["student"][metric.name] / mean["teacher"][metric.name], 5)
            for metric in heads.of(head).metrics
            if metric.gain and mean["teacher"].get(metric.name, 0) > 0
            if metric.name in mean["student"]
        }
    return mean


def _value(score: Any) -> float:
    return float(score["value"] if isinstance(score, dict) else score)
