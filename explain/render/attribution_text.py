"""A text as running lines, each word coloured by its score: one passage per part of the input.

The gaps between the words are those of the text as typed. A word that was deleted stays, struck
out; a sign that the vocabulary does not know is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from explain.render.attribution_grid import Unit, by_word, depth

if TYPE_CHECKING:
    from explain.attribution.records import Attribution

UNKNOWN = "[UNK]"  # the piece that stands for what is not in the vocabulary
COUNTS = 0.25  # of the model's largest score: a word counts from this score on
NAMED = 4  # words whose scores are written beside the model's name

Place = tuple[str, int, int]  # part, start, end


@dataclass(frozen=True, slots=True)
class Run:
    """Some characters of a passage: a word with its score, or what stands between two words."""

    text: str
    kind: str  # word, gap, deleted, mask
    score: float = 0.0  # logits
    depth: float = 0.0  # opacity of its colour
    counts: bool = False  # whether it is among the words that count
    unknown: bool = False  # whether the model reads [UNK]
    number: int | None = None  # where it can be chosen for an edit: its number in the first model


@dataclass(frozen=True, slots=True)
class Passage:
    """One part of an input, as far as the model reads it."""

    title: str  # "" where the input has only one part
    runs: tuple[Run, ...]


def passages(
    attribution: Attribution, limit: float, numbers: Mapping[Place, int]
) -> tuple[Passage, ...]:
    """The parts of one model's input; `limit` is the score of the full colour.

    `numbers` are those of the words that can be chosen, by their place.
    """
    units = sorted(by_word(attribution), key=lambda unit: unit.key[1:])
    names = list(dict.fromkeys(unit.key[0] for unit in by_word(attribution)))
    largest = max((abs(word.score) for word in attribution.words), default=0.0)
    unknown = {
        (piece.part, piece.start, piece.end)
        for piece in attribution.pieces
        if piece.text == UNKNOWN
    }
    drawn = []
    for part, group in groupby(sorted(units, key=lambda u: names.index(u.key[0])), _part):
        runs = _runs(attribution, part, tuple(group), limit, largest, unknown, numbers)
        drawn.append(Passage(part if len(names) > 1 else "", tuple(runs)))
    return tuple(drawn)


def _part(unit: Unit) -> str:
    return unit.key[0]


def _runs(
    attribution: Attribution,
    part: str,
    units: Sequence[Unit],
    limit: float,
    largest: float,
    unknown: set[Place],
    numbers: Mapping[Place, int],
) -> Iterator[Run]:
    """Words and gaps, from the first to the last character that is read."""
    text = attribution.input.text_of(part)
    position = units[0].key[1]
    if attribution.unread and text[:position].strip():
        yield Run("… ", "gap")
    for unit in units:
        _, start, end, repeated = unit.key
        if repeated and unit.score is None:
            continue  # a [MASK] of several pieces stands in one place
        yield from _between(text[position:start], bool(attribution.edits))
        position = end
        if unit.score is None:
            yield Run(unit.text, "mask")
            continue
        place = part, start, end
        yield Run(
            unit.text,
            "word",
            unit.score,
            depth(unit.score, limit),
            counts=_counts(unit.score, largest),
            unknown=any(p == part and start <= a < end for p, a, _ in unknown),
            number=numbers.get(place),
        )
    rest = text[position:]
    if attribution.unread and rest.strip():
        yield Run(" …", "gap")
    else:
        yield from _between(rest, bool(attribution.edits))


def _between(text: str, edited: bool) -> Iterator[Run]:
    """What stands between two words: blanks, signs that are not read, and what was deleted."""
    if words := text.strip() if edited else "":
        before, _, after = text.partition(words)
        yield Run(before, "gap")
        yield Run(words, "deleted")
        yield Run(after, "gap")
    elif text:
        yield Run(text, "gap")


def _counts(score: float, largest: float) -> bool:
    return largest > 0 and abs(score) >= COUNTS * largest


def places(attribution: Attribution) -> dict[Place, int]:
    """The numbers of the words of one attribution, by their place."""
    return {(word.part, word.start, word.end): n for n, word in enumerate(attribution.words)}


def highest(attribution: Attribution) -> tuple[tuple[str, float], ...]:
    """The words that count most, with their scores, largest first."""
    words = sorted(attribution.words, key=lambda word: -abs(word.score))[:NAMED]
    return tuple(
        (word.text, word.score) for word in words if _counts(word.score, abs(words[0].score))
    )


def unknown_signs(attributions: Sequence[Attribution]) -> tuple[str, ...]:
    """What the vocabulary does not know, as typed, each once."""
    return tuple(
        dict.fromkeys(
            attribution.input.text_of(piece.part)[piece.start : piece.end]
            for attribution in attributions
            for piece in attribution.pieces
            if piece.text == UNKNOWN
        )
    )
