"""The token grid: words (or pieces) in reading order, with the score of each model beside its word.

One scale holds for both models: blue supports what is explained, orange opposes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from explain.render.heads import FAMILY, escape

if TYPE_CHECKING:
    from explain.attribution.records import Attribution
    from explain.attribution.results import Agreement

MARK = {"teacher": "●", "student": "◆"}  # as on the plots
ROLES = ("teacher", "student")
DEEPEST = 0.6  # opacity of the highest score; text stays readable on it

Key = tuple[str, int, int, int]  # part, start, end, and which of those at one place


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or a piece of one model's attribution."""

    key: Key
    text: str
    score: float | None  # logits; None for the [MASK] to be filled
    number: int | None = None  # index into Attribution.words


Units = Callable[["Attribution"], list[Unit]]


def reach(attributions: Iterable[Attribution]) -> float:
    """The score that gets the full colour, logits: the largest of any word or piece shown."""
    scores = [
        score for one in attributions for score in (*one.scores, *(w.score for w in one.words))
    ]
    return max(map(abs, scores), default=0.0)


def number(score: float) -> str:
    """Two decimals and a sign; no sign for what rounds to nothing."""
    return "0.00" if abs(score) < 0.005 else f"{score:+.2f}"


def key(limit: float) -> str:
    """What marks and colours mean."""
    models = "".join(
        f'<span class="wx-who dx-{role}"><b>{MARK[role]}</b> {FAMILY[role]}</span>'
        for role in ROLES
    )
    return (
        f'<p class="wx-key">{models}<span>△ difference, teacher − student</span>'
        f"<span>logits: {number(limit)} <i></i> {number(-limit)}, one scale for both models; blue "
        "supports, orange opposes</span></p>"
    )


def grid(
    pair: Sequence[Attribution | None],
    units: Units,
    limit: float,
    same: Agreement | None = None,
) -> str:
    """The words (or pieces) of one or two attributions, in reading order, part by part."""
    sides = [{unit.key: unit for unit in units(one)} if one else {} for one in pair]
    every = {k: unit for side in reversed(sides) for k, unit in side.items()}
    parts = list(dict.fromkeys(k[0] for side in sides for k in side))
    order = sorted(every, key=lambda k: (parts.index(k[0]), *k[1:]))
    flips = {(w.part, w.start, w.end) for w in (same.words[i] for i in same.flips)} if same else ()
    drawn = []
    for part, keys in groupby(order, key=lambda k: k[0]):
        cells = "".join(
            _cell(
                [side.get(k) for side in sides], every[k], limit, same is not None, k[:3] in flips
            )
            for k in keys
        )
        title = f"<h5>{escape(part)}</h5>" if len(parts) > 1 else ""
        drawn.append(f'{title}<ol class="wx-grid">{cells}</ol>')
    return (
        '<div class="wx-scroll" tabindex="0" role="group" aria-label="Score of each word">'
        f"{''.join(drawn)}</div>"
    )


def _cell(
    scores: Sequence[Unit | None], unit: Unit, limit: float, compared: bool, flipped: bool
) -> str:
    text = f'<b dir="auto">{escape(unit.text)}</b>'
    if unit.score is None:
        return f'<li class="wx-cell wx-kept">{text}</li>'
    numbers = [one.score if one else None for one in scores]
    lines = "".join(map(_score, ROLES, numbers, [limit] * len(numbers)))
    counted = unit.number is not None and scores[0] is not None  # numbers are the first side's
    word = f' data-word="{unit.number}" tabindex="0"' if counted else ""
    if compared:
        first, second = numbers
        gap = "–" if first is None or second is None else f"{number(first - second)}"
        turn = '<span title="for in one model, against in the other"> ⇄</span>' if flipped else ""
        lines += f'<small title="teacher − student">△ {gap}{turn}</small>'
    return f'<li class="wx-cell"{word}>{text}{lines}</li>'


def _score(role: str, score: float | None, limit: float) -> str:
    mark = f'<i role="img" aria-label="{FAMILY[role]}">{MARK[role]}</i>'
    if score is None:
        return f'<span class="wx-score">{mark}–</span>'
    depth = DEEPEST * abs(score) / limit if limit else 0.0
    side = "wx-for" if score > 0 else "wx-against"
    return f'<span class="wx-score {side}" style="--depth:{depth:.2f}">{mark}{number(score)}</span>'


def by_word(one: Attribution) -> list[Unit]:
    """The words of one attribution, and the place of [MASK]."""
    words = [
        (word.part, word.start, word.end, word.text, word.score, number)
        for number, word in enumerate(one.words)
    ]
    return _numbered([*words, *_kept(one)])


def by_piece(one: Attribution) -> list[Unit]:
    """Its word pieces, and the place of [MASK]."""
    pieces = [
        (piece.part, piece.start, piece.end, piece.text, score, None)
        for piece, score in zip(one.pieces, one.scores, strict=True)
        if not piece.is_special
    ]
    return _numbered([*pieces, *_kept(one)])


_Found = tuple[str, int, int, str, float | None, int | None]


def _kept(one: Attribution) -> list[_Found]:
    """The [MASK] to be filled, once for every piece of the word."""
    masks = [piece for piece in one.pieces if piece.is_special and piece.end]
    return [("text", piece.start, piece.end, piece.text, None, None) for piece in masks]


def _numbered(found: Sequence[_Found]) -> list[Unit]:
    seen: Counter[tuple[str, int, int]] = Counter()
    units = []
    for part, start, end, text, score, number in found:
        place = part, start, end
        units.append(Unit((*place, seen[place]), text, score, number))
        seen[place] += 1
    return units
