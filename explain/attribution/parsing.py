"""Plain values to the parts of inputs and targets: required fields, and places in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from explain.attribution.records import Piece
from explain.encoding import require_text
from explain.records import InputError
from explain.words import find


def fields(values: Mapping[str, object], *names: str) -> list[str]:
    """The texts of some fields, all required."""
    missing = [name for name in names if name not in values]
    if missing:
        raise InputError(f"The inputs need {' and '.join(names)}; {missing[0]} is missing.")
    return [require_text(values[name], name) for name in names]


def place(text: str, written: str, what: str) -> tuple[int, int]:
    """Where some words first stand; "words@26": from character 26 on."""
    named = re.fullmatch(r"(.*)@(\d{1,6})", written, re.DOTALL)
    first = 0
    if named and written not in text:
        written, first = named[1], int(named[2])
        if text.startswith(written, first):
            return first, first + len(written)
    span = find(text, written, first)
    if span is None:
        raise InputError(f"{written[:40]!r} is not in the {what}: copy it from there.")
    return span


def write_place(text: str, start: int, end: int) -> str:
    """Some words of a text, with their first character where they occur in it more than once."""
    words = text[start:end]
    is_unique = text.count(words) == 1 and find(text, words) == (start, end)
    return words if is_unique else f"{words}@{start}"


def pieces_between(
    pieces: Sequence[Piece] | Sequence[tuple[int, int]], start: int, end: int, what: str
) -> list[int]:
    """Indices of the pieces (or their offsets) that overlap the characters `start` to `end`."""
    offsets = [piece if isinstance(piece, tuple) else (piece.start, piece.end) for piece in pieces]
    inside = [i for i, (first, last) in enumerate(offsets) if first < end and last > start]
    if start < 0 or end <= start or not inside:
        raise InputError(
            f"{what} must be some characters of the text; found none from {start} to {end}."
        )
    return inside
