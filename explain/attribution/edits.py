"""Delete, mask or replace word pieces: on the ids, so that nothing is tokenised again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from explain import encoding
from explain.attribution.piece_rows import PieceRows
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

    A logit of a replaced word is read at the first of the new pieces; that of an end, at the last.
    Raises `InputError` for pieces that cannot be edited, for the deletion of what is explained or
    of a whole part, and for a text that becomes longer than the window.
    """
    if not edits:
        return request
    before = request.piece_rows
    replacements: dict[int, tuple[Piece, ...]] = {}
    for edit in edits:
        replacements |= _replacements(before, edit, loaded)
    pieces, moved = _edited_pieces(before, replacements)
    if {piece.part for piece in pieces} != {piece.part for piece in before.pieces}:
        raise InputError("Leave at least one word of every part.")
    layout = tuple(tuple(new for old in row for new in moved[old]) for row in before.layout)
    rows = tuple(_row([pieces[i] for i in row]) for row in layout)
    if max(len(row.ids) for row in rows) > loaded.window:
        raise InputError(f"The text would be longer than the {loaded.window} pieces it may have.")
    for edit in edits:
        if edit.action == "replace":  # whatever is read from the word is read from the new one
            moved |= dict.fromkeys(edit.pieces, moved[edit.pieces[0]])
    terms = tuple(
        tuple(_move(term, before, moved, layout) for term in target) for target in request.terms
    )
    return replace(
        request,
        piece_rows=PieceRows(rows, tuple(pieces), layout, before.unread),
        terms=terms,
        edits=(*request.edits, *edits),
    )


def _edited_pieces(
    before: PieceRows, replacements: Mapping[int, tuple[Piece, ...]]
) -> tuple[list[Piece], dict[int, range]]:
    """The new pieces; and, by the number of each old piece, the new ones in its place."""
    pieces: list[Piece] = []
    moved = {}
    for number, piece in enumerate(before.pieces):
        new = replacements.get(number, (piece,))
        moved[number] = range(len(pieces), len(pieces) + len(new))
        pieces += new
    return pieces, moved


def _replacements(before: PieceRows, edit: Edit, loaded: Loaded) -> dict[int, tuple[Piece, ...]]:
    """The pieces that take the place of each piece of one edit."""
    if edit.action not in ACTIONS:
        raise InputError(
            f"A word can be changed by {', '.join(ACTIONS)}, not {edit.action[:40]!r}."
        )
    if not edit.pieces or not set(edit.pieces) <= set(before.ordinary):
        raise InputError("Choose a word of the text to change.")
    if edit.action == "mask":
        token, id_ = loaded.tokenizer.mask_token, loaded.tokenizer.mask_token_id
        return {
            i: (replace(before.pieces[i], text=token, id=id_, is_edited=True),) for i in edit.pieces
        }
    replacements: dict[int, tuple[Piece, ...]] = dict.fromkeys(edit.pieces, ())
    if edit.action == "delete":
        return replacements
    place = before.pieces[edit.pieces[0]]
    end = before.pieces[edit.pieces[-1]].end
    word = encoding.pieces(loaded, encoding.require_text(edit.word, "new word"), "new word")
    replacements[edit.pieces[0]] = tuple(
        replace(place, text=token, id=id_, end=end, is_edited=True)
        for token, id_ in zip(word.tokens, word.ids, strict=True)
    )
    return replacements


def _row(pieces: Sequence[Piece]) -> Row:
    first_end = next(i for i, piece in enumerate(pieces) if i and _is_separator(piece))
    masks = tuple(i for i, piece in enumerate(pieces) if piece.is_special and piece.end)
    return Row(tuple(piece.id for piece in pieces), first_end + 1, masks)


def _is_separator(piece: Piece) -> bool:
    return piece.is_special and not piece.end


def _move(
    term: Term,
    before: PieceRows,
    moved: Mapping[int, Sequence[int]],
    layout: Sequence[Sequence[int]],
) -> Term:
    """The logit of the same piece at its new position, or at an end of what replaces its word."""
    old = before.layout[term.row][term.position]
    if not moved[old]:
        raise InputError(
            f"“{before.pieces[old].text}” is part of what is explained and cannot be deleted: mask "
            "or replace it, or explain something else."
        )
    new = moved[old][-1 if term.reads_last else 0]
    return replace(term, position=layout[term.row].index(new))


def remap_edit(edit: Edit, request: AttributionRequest, whole: AttributionRequest) -> Edit:
    """An edit of one request's pieces as an edit of the same pieces of another one."""
    places = {name: i for i, name in enumerate(_numbered(whole.piece_rows.pieces))}
    names = _numbered(request.piece_rows.pieces)
    return replace(edit, pieces=tuple(places[names[i]] for i in edit.pieces))


def _numbered(pieces: Sequence[Piece]) -> list[tuple[str, int]]:
    """Part and number within the part: characters may have several pieces of one place."""
    seen: Counter[str] = Counter()
    names = []
    for piece in pieces:
        names.append((piece.part, seen[piece.part]))
        seen[piece.part] += 1
    return names
