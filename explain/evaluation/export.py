"""An evaluation as JSON, and its items as CSV, with all that the numbers depend on.

In CSV, a cell that a spreadsheet would run as a formula starts with an apostrophe; JSON is exact.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from explain.environment import Circumstances
from explain.evaluation.items import ScoredAnswer, ScoredItem
from explain.evaluation.sets import SEED
from explain.evaluation.tables import Report
from explain.records import ROLES

FIELDS = ("answer", "right", "probability", "loss", "unread")
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def document(
    report: Report,
    judged: Sequence[ScoredItem],
    names: Mapping[str, str],
    pair: str,
    here: Circumstances,
) -> dict[str, Any]:
    """Everything as plain values; `names` are the models' by role."""
    contest = report.comparison
    return {
        "pair": pair,
        "head": report.data.head,
        "set": report.data.name,
        "origin": report.data.origin,
        "items": len(judged),
        **{
            role: {
                "model": names[role],
                "right": asdict(getattr(contest, role)),
                "scores": {one.name: asdict(getattr(one, role)) for one in report.scores},
                "kinds": _kinds(report, role),
            }
            for role in ROLES
        },
        "kept": {one.name: asdict(one.kept) for one in report.scores if one.kept},
        "mcnemar": {
            **{key: getattr(contest, key) for key in ("both", "only_teacher", "only_student")},
            **{key: getattr(contest, key) for key in ("neither", "agree", "p", "verdict")},
        },
        "slices": {
            one.name: {role: asdict(getattr(one.comparison, role)) for role in ROLES}
            for one in report.slices
        },
        "differing": [one.item.number for one in report.differing],
        "intervals": "95 %; right: Wilson; scores: Wilson or bootstrap over items, seed 0",
        "precision": "float32",
        "threads": torch.get_num_threads(),
        "seed": SEED,  # of the draw from a larger set, and of the intervals
        "circumstances": {**asdict(here), "versions": dict(here.versions)},
        "answers": [_answer(one) for one in judged],
    }


def as_json(whole: Mapping[str, Any]) -> str:
    """The document as text, one value a line."""
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(judged: Sequence[ScoredItem]) -> str:
    """One line an item: row, slice, text, right answer, then each model's answer."""
    out = io.StringIO()
    writer = csv.writer(out)
    sides = [f"{role}_{name}" for role in ROLES for name in FIELDS]
    writer.writerow(["row", "slice", "asked", "wanted", *sides, "agree"])
    for one in judged:
        cells = [one.item.number, one.item.slice, one.text, one.expected]
        for role in ROLES:
            cells += [getattr(getattr(one, role), name) for name in FIELDS]
        writer.writerow([harmless(cell) for cell in (*cells, one.agree)])
    return out.getvalue()


def harmless(cell: object) -> object:
    """The cell, with an apostrophe before it where a spreadsheet would run it."""
    if isinstance(cell, str) and cell.startswith(RUN_BY_SPREADSHEETS):
        return f"'{cell}"
    return cell


def _kinds(report: Report, role: str) -> dict[str, dict[str, int]]:
    kinds = report.confusion
    table = getattr(kinds, role)
    return {
        row: dict(zip(kinds.columns, counts, strict=True))
        for row, counts in zip(kinds.rows, table, strict=True)
    }


def _answer(one: ScoredItem) -> dict[str, Any]:
    return {
        "row": one.item.number,
        "slice": one.item.slice,
        "asked": one.text,
        "wanted": one.expected,
        **{role: _side(getattr(one, role)) for role in ROLES},
        "agree": one.agree,
    }


def _side(side: ScoredAnswer) -> dict[str, Any]:
    return {name: getattr(side, name) for name in FIELDS}
