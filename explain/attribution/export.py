"""Attributions as JSON and back: input, target, versions, seed, method, ledger and scores."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any

from explain.attribution import records
from explain.attribution.records import Attribution
from explain.attribution.results import PairAttribution
from explain.records import InputError

FORMAT = "distilbert-explorer attribution 1"


def to_json(attribution: Attribution) -> str:
    """Everything needed to draw it again, or to check it; the words are added for readers."""
    return json.dumps(to_plain(attribution), ensure_ascii=False, indent=1)


def to_plain(attribution: Attribution) -> dict[str, Any]:
    """The same, as plain values."""
    words = [dataclasses.asdict(word) for word in attribution.words]
    return {"format": FORMAT, "words": words, **_plain(attribution)}


def pair_to_plain(pair: PairAttribution) -> dict[str, Any]:
    """Teacher, student and agreement for the first target; `more` has those of the others."""
    first, *more = [
        {
            "teacher": to_plain(teacher),
            "student": to_plain(student),
            "agreement": dataclasses.asdict(same),
        }
        for teacher, student, same in zip(pair.teacher, pair.student, pair.agreement, strict=True)
    ]
    return {**first, "more": more, "left_out": pair.left_out}


def from_json(text: str) -> Attribution:
    """The very record that `to_json` was given; raises `InputError` for anything else."""
    try:
        read = json.loads(text)
        if read.pop("format") != FORMAT:
            raise ValueError("another format")
        read.pop("words")
        return _record(Attribution, read)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("This is not an attribution saved by this app.") from error


def _plain(value: Any) -> Any:
    """Records as objects that name their type; tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"type": type(value).__name__, **fields}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _record(expected: Any, read: Any) -> Any:
    """Build what an annotation says from what JSON holds."""
    if isinstance(read, list):
        (inner, *others) = typing.get_args(expected)
        kinds = [inner] * len(read) if others == [Ellipsis] else [inner, *others]
        return tuple(_record(kind, one) for kind, one in zip(kinds, read, strict=True))
    if isinstance(read, dict):
        kind = getattr(records, read["type"])
        allowed = typing.get_args(expected) or (expected,)
        if kind not in allowed or not dataclasses.is_dataclass(kind):
            raise TypeError(f"{kind} where {allowed} was expected")
        hints = typing.get_type_hints(kind)
        build: Any = kind
        return build(
            **{name: _record(hints[name], one) for name, one in read.items() if name != "type"}
        )
    union = isinstance(expected, types.UnionType)
    accepted = typing.get_args(expected) if union else (expected,)
    if not any(
        isinstance(read, float | int) if k is float else isinstance(read, k) for k in accepted
    ):
        raise TypeError(f"{read!r} where {accepted} was expected")
    return read
