"""The word grid: words (or pieces) in reading order, with each model's score below the word.

One scale holds for both models; a colour of its own supports what is explained, another opposes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from explain.records import ROLES
from explain.render.templates import draw

if TYPE_CHECKING:
    from explain.attribution.records import Attribution
    from explain.attribution.results import Agreement, WordPair

DEEPEST = 0.6  # opacity of the highest score; text stays readable on it

Key = tuple[str, int, int, int]  # part, start, end, and the number among those at one place


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or a piece of one model's attribution."""

    key: Key
    text: str
    score: float | None  # logits; None for the [MASK] to be filled
    number: int | None = None  # index into Attribution.words


@dataclass(frozen=True, slots=True)
class Cell:
    """A word or a piece with the scores of one or two models."""

    text: str
    scores: tuple[tuple[str, float | None, float], ...]  # role, logits, opacity; () for [MASK]
    word: int | None  # its number where it can be chosen for an edit
    difference: float | None  # teacher - student, logits
    compared: bool  # whether a difference belongs to it
    flipped: bool  # for in one model, against in the other


Units = Callable[["Attribution"], list[Unit]]


def reach(attributions: Iterable[Attribution]) -> float:
    """The score that gets the full colour, logits: the largest of any word or piece shown."""
    scores = [
        score
        for attribution in attributions
        for score in (*attribution.scores, *(word.score for word in attribution.words))
    ]
    return max(map(abs, scores), default=0.0)


def grid(
    pair: Sequence[Attribution | None],
    units: Units,
    limit: float,
    same: Agreement | None = None,
) -> str:
    """The words (or pieces) of one or two attributions, in reading order, part by part."""
    sides = [
        {unit.key: unit for unit in units(attribution)} if attribution else {}
        for attribution in pair
    ]
    every = {place: unit for side in reversed(sides) for place, unit in side.items()}
    parts = list(dict.fromkeys(place[0] for side in sides for place in side))
    order = sorted(every, key=lambda place: (parts.index(place[0]), *place[1:]))
    flips = {(word.part, word.start, word.end) for word in _flipped(same)}
    drawn = [
        (
            part if len(parts) > 1 else "",
            _joined(
                [_cell(every[place], sides, limit, same is not None, flips) for place in places]
            ),
        )
        for part, places in groupby(order, key=lambda place: place[0])
    ]
    return draw("attribution.html", "grid", drawn)


def _joined(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells that stay beside each other on every screen: a word and the marks that follow it."""
    groups: list[list[Cell]] = []
    for cell in cells:
        if groups and not any(sign.isalnum() for sign in cell.text):
            groups[-1].append(cell)
        else:
            groups.append([cell])
    return groups


def _flipped(same: Agreement | None) -> Iterator[WordPair]:
    return (same.words[i] for i in same.flips) if same else iter(())


def _cell(
    unit: Unit,
    sides: Sequence[dict[Key, Unit]],
    limit: float,
    compared: bool,
    flips: set[tuple[str, int, int]],
) -> Cell:
    if unit.score is None:
        return Cell(unit.text, (), None, None, False, False)
    scores = [side[unit.key].score if unit.key in side else None for side in sides]
    first, second = (*scores, None)[:2]
    depths = [depth(score, limit) for score in scores]
    return Cell(
        unit.text,
        tuple(zip(ROLES, scores, depths, strict=False)),
        unit.number if scores[0] is not None else None,  # numbers are those of the first side
        None if first is None or second is None else first - second,
        compared,
        unit.key[:3] in flips,
    )


def depth(score: float | None, limit: float) -> float:
    """The opacity of a score's colour; `limit` is the score of the deepest."""
    return DEEPEST * abs(score) / limit if limit and score else 0.0


def by_word(attribution: Attribution) -> list[Unit]:
    """The words of one attribution, and the place of [MASK]."""
    words = [
        (word.part, word.start, word.end, word.text, word.score, number)
        for number, word in enumerate(attribution.words)
    ]
    return _numbered([*words, *_kept(attribution)])


def by_piece(attribution: Attribution) -> list[Unit]:
    """Its word pieces, and the place of [MASK]."""
    pieces = [
        (piece.part, piece.start, piece.end, piece.text, score, None)
        for piece, score in zip(attribution.pieces, attribution.scores, strict=True)
        if not piece.is_special
    ]
    return _numbered([*pieces, *_kept(attribution)])


_Placed = tuple[str, int, int, str, float | None, int | None]


def _kept(attribution: Attribution) -> list[_Placed]:
    """The [MASK] to be filled, once for every piece of the word."""
    masks = [piece for piece in attribution.pieces if piece.is_special and piece.end]
    return [("text", piece.start, piece.end, piece.text, None, None) for piece in masks]


def _numbered(placed: Sequence[_Placed]) -> list[Unit]:
    seen: Counter[tuple[str, int, int]] = Counter()
    units = []
    for part, start, end, text, score, number in placed:
        place = part, start, end
        units.append(Unit((*place, seen[place]), text, score, number))
        seen[place] += 1
    return units
