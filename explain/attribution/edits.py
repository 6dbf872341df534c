"""Delete, mask or replace word pieces: on the ids, so that nothing is tokenised again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explain import encoding
from explain.attribution.reading import Reading
from explain.attribution.records import Attribution, Edit, Piece, Term
from explain.attribution.request import AttributionRequest, requests_of
from explain.encoding import Row
from explain.models import Loaded
from explain.records import InputError

ACTIONS = ("delete", "mask", "replace")


def request_again(attribution: Attribution, loaded: Loaded) -> AttributionRequest:
    """The request that an attribution is the result of, with its edits."""
    (request,) = requests_of(attribution.input, loaded, [attribution.target])
    return edited(request, attribution.edits, loaded)


def edited(
    request: AttributionRequest, edits: Sequence[Edit], loaded: Loaded
) -> AttributionRequest:
    """The same request on the edited pieces; the positions of the target are moved accordingly.

    Raises `InputError` for pieces that cannot be edited, for the deletion of what is explained or
    of a whole part, and for a text that becomes longer than the window.
    """
    if not edits:
        return request
    reading = request.reading
    replacements: dict[int, tuple[Piece, ...]] = {}
    for edit in edits:
        replacements |= _replacements(reading, edit, loaded)
    pieces: list[Piece] = []
    moved: list[list[int]] = []  # parallel to the old pieces: indices into the new ones
    for number, piece in enumerate(reading.pieces):
        new = replacements.get(number, (piece,))
        moved.append(list(range(len(pieces), len(pieces) + len(new))))
        pieces += new
    if {piece.part for piece in pieces} != {piece.part for piece in reading.pieces}:
        raise InputError("Leave at least one word of every part.")
    layout = tuple(tuple(new for old in row for new in moved[old]) for row in reading.layout)
    rows = tuple(_row([pieces[i] for i in row]) for row in layout)
    if max(len(row.ids) for row in rows) > loaded.window:
        raise InputError(f"The text would be longer than the {loaded.window} pieces it may have.")
    terms = tuple(
        tuple(_move(term, reading, moved, layout) for term in target) for target in request.terms
    )
    return replace(
        request,
        reading=Reading(rows, tuple(pieces), layout, reading.unread),
        terms=terms,
        edits=(*request.edits, *edits),
    )


def _replacements(reading: Reading, edit: Edit, loaded: Loaded) -> dict[int, tuple[Piece, ...]]:
    """The pieces that take the place of each piece of one edit."""
    if edit.action not in ACTIONS:
        raise InputError(
            f"A word can be changed by {', '.join(ACTIONS)}, not {edit.action[:40]!r}."
        )
    if not edit.pieces or not set(edit.pieces) <= set(reading.ordinary):
        raise InputError("Choose a word of the text to change.")
    if edit.action == "mask":
        token, id_ = loaded.tokenizer.mask_token, loaded.tokenizer.mask_token_id
        return {
            i: (replace(reading.pieces[i], text=token, id=id_, is_edited=True),)
            for i in edit.pieces
        }
    replacements: dict[int, tuple[Piece, ...]] = dict.fromkeys(edit.pieces, ())
    if edit.action == "delete":
        return replacements
    place = reading.pieces[edit.pieces[0]]
    end = reading.pieces[edit.pieces[-1]].end
    word = encoding.pieces(loaded, encoding.require_text(edit.word, "new word"), "new word")
    replacements[edit.pieces[0]] = tuple(
        replace(place, text=token, id=id_, end=end, is_edited=True)
        for token, id_ in zip(word.tokens, word.ids, strict=True)
    )
    return replacements


def _row(pieces: Sequence[Piece]) -> Row:
    first_end = next(i for i, piece in enumerate(pieces) if i and _is_separator(piece))
    return Row(tuple(piece.id for piece in pieces), first_end + 1)


def _is_separator(piece: Piece) -> bool:
    return piece.is_special and not piece.end


def _move(
    term: Term, reading: Reading, moved: Sequence[Sequence[int]], layout: Sequence[Sequence[int]]
) -> Term:
    """The logit of the same piece at its new position."""
    new = moved[reading.layout[term.row][term.position]]
    if not new:
        raise InputError("This is what you ask about: mask or replace it, or ask something else.")
    return replace(term, position=layout[term.row].index(new[0]))
