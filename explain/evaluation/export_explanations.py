"""Reasons of two models over a set, as JSON, and its items as CSV; cells as in `export_items`."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch

from explain.environment import Circumstances
from explain.evaluation.export import harmless
from explain.evaluation.items import EvaluationSet
from explain.evaluation.reasons import ExplainedItem, ExplanationSummary, ReasonAgreement
from explain.evaluation.sets import SEED
from explain.records import ROLES

FIELDS = ("same_answer", "same_word", "shared", "top", "words", "spearman")


def document(
    found: ExplanationSummary,
    data: EvaluationSet,
    models: Mapping[str, str],
    method: str,
    here: Circumstances,
) -> dict[str, Any]:
    """Everything as plain values; `models` are their names by role."""
    return {
        "head": data.head,
        "set": data.name,
        "origin": data.origin,
        "models": dict(models),
        "method": method,
        "items": found.done,
        "left_out": found.left_out,
        "same_answer": asdict(found.same_answer),
        "reasons": {
            "all": _agreement(found.everything),
            "same_answer": _agreement(found.when_same),
            "other_answer": _agreement(found.when_other),
        },
        "intervals": "95 %, Wilson",
        "precision": "float32",
        "threads": torch.get_num_threads(),
        "seed": SEED,  # of the draw from a larger set
        "circumstances": {**asdict(here), "versions": dict(here.versions)},
        "explained": [_item(one) for one in found.items],
    }


def as_csv(found: ExplanationSummary) -> str:
    """One line an item: row, slice, text, each model's main word, and what they share."""
    out = io.StringIO()
    names = ("row", "slice", "asked", *(f"{role}_main_word" for role in ROLES), *FIELDS)
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for one in found.items:
        writer.writerow({name: harmless(cell) for name, cell in _item(one).items()})
    return out.getvalue()


def _agreement(reasons: ReasonAgreement) -> dict[str, Any]:
    plain = asdict(reasons)
    plain["by_luck"] = plain.pop("chance_level")  # the keys that the files have always had
    plain["shared_by_luck"] = plain.pop("shared_chance_level")
    return plain


def _item(one: ExplainedItem) -> dict[str, Any]:
    return {
        "row": one.item.number,
        "slice": one.item.slice,
        "asked": one.text,
        **{f"{role}_main_word": getattr(one, role) for role in ROLES},
        **{name: getattr(one, name) for name in FIELDS},
    }
