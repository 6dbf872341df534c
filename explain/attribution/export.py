"""Attributions as plain values for JSON: input, target, versions, seed, method, ledger, scores."""

from __future__ import annotations

import dataclasses
from typing import Any

from explain.attribution.records import Attribution
from explain.attribution.results import PairAttribution

FORMAT = "distilbert-explorer attribution 1"


def to_plain(attribution: Attribution) -> dict[str, Any]:
    """Everything needed to draw it again, or to check it; the words are added for readers."""
    words = [dataclasses.asdict(word) for word in attribution.words]
    return {"format": FORMAT, "words": words, **_plain(attribution)}


def pair_to_plain(pair: PairAttribution) -> dict[str, Any]:
    """Teacher, student and agreement for the first target; `more` has those of the others."""
    first, *more = [
        {
            "teacher": to_plain(teacher),
            "student": to_plain(student),
            "agreement": dataclasses.asdict(agreement),
        }
        for teacher, student, agreement in zip(
            pair.teacher, pair.student, pair.agreement, strict=True
        )
    ]
    return {**first, "more": more, "left_out": pair.left_out}


def _plain(value: Any) -> Any:
    """Records as objects that name their type; tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"type": type(value).__name__, **fields}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
