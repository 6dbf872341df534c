"""Delete, mask or replace what a model reads: on the ids, so that nothing is split anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explain import encoding
from explain.attribution.question import Question, questions_of
from explain.attribution.reading import Reading
from explain.attribution.records import Attribution, Edit, Piece, Term
from explain.encoding import Row
from explain.models import Loaded
from explain.records import InputError

ACTIONS = ("delete", "mask", "replace")


def question_again(attribution: Attribution, loaded: Loaded) -> Question:
    """What an attribution answered, its own edits included."""
    (question,) = questions_of(attribution.input, loaded, [attribution.target])
    return edited(question, attribution.edits, loaded)


def edited(question: Question, edits: Sequence[Edit], loaded: Loaded) -> Question:
    """The same question about the edited pieces; the target's places move with what is left.

    Raises `InputError` for pieces that cannot be edited, for the deletion of what is asked about
    or of a whole part, and for a text that outgrows the window.
    """
    if not edits:
        return question
    reading = question.reading
    instead: dict[int, tuple[Piece, ...]] = {}
    for edit in edits:
        instead |= _instead(reading, edit, loaded)
    pieces: list[Piece] = []
    moved: list[list[int]] = []  # parallel to the old pieces: where they are now
    for number, piece in enumerate(reading.pieces):
        now = instead.get(number, (piece,))
        moved.append(list(range(len(pieces), len(pieces) + len(now))))
        pieces += now
    if {piece.part for piece in pieces} != {piece.part for piece in reading.pieces}:
        raise InputError("Leave at least one word of every part.")
    layout = tuple(tuple(new for old in row for new in moved[old]) for row in reading.layout)
    rows = tuple(_row([pieces[i] for i in row]) for row in layout)
    if max(len(row.ids) for row in rows) > loaded.window:
        raise InputError(f"The text would be longer than the {loaded.window} pieces it may have.")
    asked = tuple(
        tuple(_move(term, reading, moved, layout) for term in target) for target in question.terms
    )
    return replace(
        question,
        reading=Reading(rows, tuple(pieces), layout, reading.unread),
        terms=asked,
        edits=(*question.edits, *edits),
    )


def _instead(reading: Reading, edit: Edit, loaded: Loaded) -> dict[int, tuple[Piece, ...]]:
    """What stands in the place of each piece of one edit."""
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
    gone: dict[int, tuple[Piece, ...]] = dict.fromkeys(edit.pieces, ())
    if edit.action == "delete":
        return gone
    place = reading.pieces[edit.pieces[0]]
    end = reading.pieces[edit.pieces[-1]].end
    found = encoding.pieces(loaded, encoding.require_text(edit.word, "new word"), "new word")
    gone[edit.pieces[0]] = tuple(
        replace(place, text=token, id=id_, end=end, is_edited=True)
        for token, id_ in zip(found.tokens, found.ids, strict=True)
    )
    return gone


def _row(pieces: Sequence[Piece]) -> Row:
    first_end = next(i for i, piece in enumerate(pieces) if i and _is_separator(piece))
    return Row(tuple(piece.id for piece in pieces), first_end + 1)


def _is_separator(piece: Piece) -> bool:
    return piece.is_special and not piece.end


def _move(
    term: Term, reading: Reading, moved: Sequence[Sequence[int]], layout: Sequence[Sequence[int]]
) -> Term:
    """A logit of the same piece, where it stands now."""
    now = moved[reading.layout[term.row][term.position]]
    if not now:
        raise InputError("This is what you ask about: mask or replace it, or ask something else.")
    return replace(term, position=layout[term.row].index(now[0]))
