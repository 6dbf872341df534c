"""An evaluation, or explanations of a set, as JSON and their items as CSV, with all settings.

In CSV, a cell that a spreadsheet would run as a formula starts with an apostrophe; JSON is exact.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from explain.environment import PRECISION, Circumstances
from explain.evaluation.items import EvaluationSet, ScoredAnswer, ScoredItem
from explain.evaluation.reasons import ExplainedItem, ExplanationSummary, ReasonAgreement
from explain.evaluation.sets import SEED
from explain.evaluation.tables import Report
from explain.records import ROLES

ANSWER = ("answer", "right", "probability", "loss", "unread")
EXPLAINED = ("same_answer", "same_word", "shared", "top", "words", "spearman")
COUNTS = ("both", "only_teacher", "only_student", "neither", "agree", "p", "verdict")
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def evaluation(
    report: Report,
    scored: Sequence[ScoredItem],
    models: Mapping[str, str],
    pair: str,
    here: Circumstances,
) -> dict[str, Any]:
    """Everything as plain values; `models` are their names by role."""
    comparison = report.comparison
    return {
        "pair": pair,
        "head": report.data.head,
        "set": report.data.name,
        "origin": report.data.origin,
        "items": len(scored),
        "left_out": len(report.data.items) - len(scored),  # rows that cannot be read
        **{
            role: {
                "model": models[role],
                "right": asdict(getattr(comparison, role)),
                "scores": {
                    score.metric.name: asdict(estimate)
                    for score in report.scores
                    if (estimate := getattr(score, role))
                },
                "kinds": _confusion(report, role),
            }
            for role in ROLES
        },
        "kept": {score.metric.name: asdict(score.kept) for score in report.scores if score.kept},
        "mcnemar": {key: getattr(comparison, key) for key in COUNTS},
        "slices": {
            part.name: {role: asdict(getattr(part.comparison, role)) for role in ROLES}
            for part in report.slices
        },
        "differing": [item.item.number for item in report.differing],
        "intervals": "95 %; right: Wilson; scores: Wilson or bootstrap over items, seed 0; "
        "null where a sample cannot vary",
        **_settings(here),
        "answers": [_answers(item) for item in scored],
    }


def explanations(
    result: ExplanationSummary,
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
        "items": result.done,
        "left_out": result.left_out,
        "same_answer": asdict(result.same_answer),
        "reasons": {
            "all": _agreement(result.everything),
            "same_answer": _agreement(result.when_same),
            "other_answer": _agreement(result.when_other),
        },
        "intervals": "95 %, Wilson",
        **_settings(here),
        "explained": [_explained(item) for item in result.items],
    }


def as_json(document: Mapping[str, Any]) -> str:
    """A document as text, one value per line."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def evaluation_csv(scored: Sequence[ScoredItem]) -> str:
    """One line per item: row, slice, text, right answer, then each model's answer."""
    sides = [f"{role}_{name}" for role in ROLES for name in ANSWER]
    header = ("row", "slice", "asked", "wanted", *sides, "agree")
    return _table(header, (_flat(_answers(item)) for item in scored))


def explanations_csv(result: ExplanationSummary) -> str:
    """One line per item: row, slice, text, each model's main word, and what they share."""
    header = ("row", "slice", "asked", *(f"{role}_main_word" for role in ROLES), *EXPLAINED)
    return _table(header, map(_explained, result.items))


def with_mark(table: str) -> str:
    """A CSV table after a byte-order mark, by which spreadsheets recognise UTF-8."""
    return f"\ufeff{table}"


def harmless(cell: object) -> object:
    """The cell, with an apostrophe before it where a spreadsheet would run it."""
    if isinstance(cell, str) and cell.startswith(RUN_BY_SPREADSHEETS):
        return f"'{cell}"
    return cell


def _table(header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(cell) for name, cell in row.items()})
    return text.getvalue()


def _settings(here: Circumstances) -> dict[str, Any]:
    return {
        "precision": PRECISION,
        "threads": torch.get_num_threads(),
        "seed": SEED,  # of the draw from a larger set, and of bootstrap intervals
        "circumstances": {**asdict(here), "versions": dict(here.versions)},
    }


def _confusion(report: Report, role: str) -> dict[str, dict[str, int]]:
    table = report.confusion
    return {
        row: dict(zip(table.columns, counts, strict=True))
        for row, counts in zip(table.rows, getattr(table, role), strict=True)
    }


def _agreement(agreement: ReasonAgreement) -> dict[str, Any]:
    plain = asdict(agreement)
    plain["by_luck"] = plain.pop("chance_level")  # the keys that the files have always had
    plain["shared_by_luck"] = plain.pop("shared_chance_level")
    return plain


def _answers(scored: ScoredItem) -> dict[str, Any]:
    return {
        "row": scored.item.number,
        "slice": scored.item.slice,
        "asked": scored.text,
        "wanted": scored.expected,
        **{role: _answer(getattr(scored, role)) for role in ROLES},
        "agree": scored.agree,
    }


def _answer(answer: ScoredAnswer) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in ANSWER}


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose nested values have become columns, `teacher_answer` and so on."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{name}": cell for name, cell in value.items()}
        else:
            flat[key] = value
    return flat


def _explained(item: ExplainedItem) -> dict[str, Any]:
    return {
        "row": item.item.number,
        "slice": item.item.slice,
        "asked": item.text,
        **{f"{role}_main_word": getattr(item, role) for role in ROLES},
        **{name: getattr(item, name) for name in EXPLAINED},
    }
