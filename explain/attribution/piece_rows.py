"""What the model reads for one target: rows of ids, and the word pieces that a visitor sees.

The rows are those that the head's `encode` makes, so that what is explained is what was predicted.
A long text is explained in one of the head's windows; `unread` counts the rest. A contrast of two
choices reads two rows, which share the pieces of the prompt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from explain.attribution.records import Piece
from explain.encoding import Row, Stretch
from explain.models import Loaded
from explain.words import words_of


@dataclass(frozen=True, slots=True)
class PieceRows:
    """Rows of ids, and which piece stands where."""

    rows: tuple[Row, ...]
    pieces: tuple[Piece, ...]
    layout: tuple[tuple[int, ...], ...]  # parallel to rows and their ids: index into pieces
    unread: int  # word pieces of the text in none of the rows

    @property
    def ordinary(self) -> tuple[int, ...]:
        """Indices of the pieces that may be replaced."""
        return tuple(i for i, piece in enumerate(self.pieces) if not piece.is_special)


def piece_rows(loaded: Loaded, rows: Sequence[Row], mask: tuple[int, int] = (0, 0)) -> PieceRows:
    """Number the pieces of some rows that have their first part in common.

    `mask` are the characters of the [MASK] to be filled.
    """
    pieces: list[Piece] = []
    layout: list[tuple[int, ...]] = []
    for row in rows:
        shared = row.second if layout else 0
        added = _pieces(loaded, row, mask)[shared:]
        layout.append((*range(shared), *range(len(pieces), len(pieces) + len(added))))
        pieces += added
    unread = sum(len(stretch.part.ids) - len(stretch.ids) for _, stretch in rows[0].slices)
    return PieceRows(tuple(rows), tuple(pieces), tuple(layout), unread)


def _pieces(loaded: Loaded, row: Row, mask: tuple[int, int]) -> list[Piece]:
    """A piece for every id of a row: special, unless a stretch of text says what it is."""
    tokens = loaded.tokenizer.convert_ids_to_tokens(list(row.ids))
    pieces = [
        Piece(token, id_, "special", *(mask if i in row.masks else (0, 0)), -1, True)
        for i, (token, id_) in enumerate(zip(tokens, row.ids, strict=True))
    ]
    for first, stretch in row.slices:
        pieces[first : first + len(stretch.ids)] = _text_pieces(stretch)
    return pieces


def _text_pieces(stretch: Stretch) -> list[Piece]:
    part, chosen = stretch.part, slice(stretch.start, stretch.end)
    offsets = part.offsets[chosen]
    if part.words is not None:
        words = part.encoding.word_ids[chosen]
    else:
        starts = [start for start, _ in words_of(part.text)]
        words = [max(0, bisect_right(starts, start) - 1) for start, _ in offsets]
    columns = zip(part.tokens[chosen], stretch.ids, offsets, words, strict=True)
    return [
        Piece(token, id_, part.field, start, end, word or 0, False)
        for token, id_, (start, end), word in columns
    ]
