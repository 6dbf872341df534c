"""What the model reads for one question: its rows of ids, and the pieces a visitor sees.

Rows are built as the heads build them (`explain.encoding`), so that what is explained is what was
predicted. A long text is explained in one of the head's windows; `unread` counts the rest. A
contrast of two choices reads two rows, and the prompt's pieces are the same pieces in both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from explain import encoding
from explain.attribution.records import (
    FillMaskInput,
    FillMaskTarget,
    HeadInput,
    MultipleChoiceInput,
    MultipleChoiceTarget,
    NerInput,
    NerTarget,
    Piece,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    Target,
)
from explain.encoding import Row
from explain.heads import fill_mask, ner
from explain.models import Loaded
from explain.records import InputError


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of one question, and which piece stands where."""

    rows: tuple[Row, ...]
    pieces: tuple[Piece, ...]
    layout: tuple[tuple[int, ...], ...]  # parallel to rows and their ids: index into pieces
    unread: int  # word pieces of the text in none of the rows

    @property
    def ordinary(self) -> tuple[int, ...]:
        """Indices of the pieces that may be replaced."""
        return tuple(i for i, piece in enumerate(self.pieces) if not piece.is_special)


def read(head_input: HeadInput, loaded: Loaded, target: Target) -> tuple[Reading, ...]:
    """Every window in which a fixed target can be explained; one for all but long contexts."""
    if isinstance(head_input, FillMaskInput):
        assert isinstance(target, FillMaskTarget)
        return (_fill_mask(head_input.text, loaded, target),)
    if isinstance(head_input, NerInput):
        assert isinstance(target, NerTarget)
        return (_ner(head_input.text, loaded, target),)
    if isinstance(head_input, MultipleChoiceInput):
        assert isinstance(target, MultipleChoiceTarget)
        shown = [choice for choice in (target.choice, target.against) if choice is not None]
        return (read_choices(head_input, loaded, shown),)
    if isinstance(head_input, QuestionAnsweringInput):
        assert isinstance(target, QuestionAnsweringTarget)
        return _question_answering(head_input, loaded, target)
    every = _pieces(head_input.text, loaded, "text")
    kept = every[: loaded.window - 2]
    return (_one_row(loaded, kept, None, len(every) - len(kept)),)


def read_choices(head_input: MultipleChoiceInput, loaded: Loaded, shown: Sequence[int]) -> Reading:
    """A row for each choice shown, on one prompt."""
    prompt = _pieces(head_input.prompt, loaded, "prompt")
    pieces = [_special(loaded, "cls_token"), *prompt, _special(loaded, "sep_token")]
    shared = tuple(range(len(pieces)))
    rows, layout = [], []
    for number in shown:
        own = _pieces(head_input.choices[number], loaded, f"choice {number + 1}")
        rows.append(encoding.row(loaded, _ids(prompt), _ids(own)))
        layout.append((*shared, *range(len(pieces), len(pieces) + len(own) + 1)))
        pieces += [*own, _special(loaded, "sep_token")]
    return Reading(tuple(rows), tuple(pieces), tuple(layout), 0)


def _fill_mask(text: str, loaded: Loaded, target: FillMaskTarget) -> Reading:
    (mask,) = fill_mask.MASK.finditer(text)
    left = _pieces(text[: mask.start()], loaded, "text")
    right = _pieces(text[mask.end() :], loaded, "text", mask.end(), text)
    room = loaded.window - 2 - len(target.ids)
    unread = max(0, len(left) + len(right) - room)
    if unread:  # as the head does: what stands nearest to the mask
        before = min(len(left), max(room - len(right), room // 2))
        left, right = left[len(left) - before :], right[: room - before]
    masks = [_special(loaded, "mask_token", *mask.span())] * len(target.ids)
    return _one_row(loaded, [*left, *masks, *right], None, unread)


def _ner(text: str, loaded: Loaded, target: NerTarget) -> Reading:
    """The window that shows the most on either side of the words asked about."""
    assert target.start is not None and target.end is not None
    words = ner.words_of(text)
    cut = encoding.splitter(loaded).encode(
        [text[start:end] for start, end in words], is_pretokenized=True, add_special_tokens=False
    )
    pieces = [
        Piece(token, id_, "text", words[word][0] + a, words[word][0] + b, word, False)
        for token, id_, word, (a, b) in zip(
            cut.tokens, cut.ids, cut.word_ids, cut.offsets, strict=True
        )
        if word is not None
    ]
    asked = first_pieces(pieces, target.start, target.end)
    windows = ner.windows_of(len(pieces), loaded.window - 2)
    margins = [
        min(
            len(pieces) if start == 0 else asked[0] - start,
            len(pieces) if end == len(pieces) else end - 1 - asked[-1],
        )
        for start, end in windows
    ]
    if max(margins) < 0:
        raise InputError("The entity is longer than a window: choose fewer words.")
    start, end = windows[margins.index(max(margins))]
    return _one_row(loaded, pieces[start:end], None, len(pieces) - (end - start))


def _question_answering(
    head_input: QuestionAnsweringInput, loaded: Loaded, target: QuestionAnsweringTarget
) -> tuple[Reading, ...]:
    """Every window of the context that holds the span, and its rival."""
    question = _pieces(head_input.question, loaded, "question")
    context = _pieces(head_input.context, loaded, "context")
    spans = [(target.start, target.end), (target.against_start, target.against_end)]
    asked = [
        index
        for start, end in spans
        if start is not None and end is not None
        for index in _between(context, start, end, "The answer")
    ]
    readings = tuple(
        _one_row(loaded, question, context[start:end], len(context) - (end - start))
        for start, end in ner.windows_of(len(context), loaded.window - 3 - len(question))
        if start <= min(asked) and max(asked) < end
    )
    if not readings:
        raise InputError(
            "No window holds all of what was asked about: choose a shorter answer, or two answers "
            "that stand nearer to each other."
        )
    return readings


def _one_row(
    loaded: Loaded, first: Sequence[Piece], second: Sequence[Piece] | None, unread: int
) -> Reading:
    pieces = [_special(loaded, "cls_token"), *first, _special(loaded, "sep_token")]
    row = encoding.row(loaded, _ids(first), None if second is None else _ids(second))
    if second is not None:
        pieces += [*second, _special(loaded, "sep_token")]
    return Reading((row,), tuple(pieces), (tuple(range(len(pieces))),), unread)


def _pieces(
    text: str, loaded: Loaded, part: str, moved: int = 0, whole: str | None = None
) -> list[Piece]:
    """Pieces of a text that starts `moved` characters into `whole`, numbered by its words."""
    starts = [start for start, _ in ner.words_of(whole or text)]
    found = encoding.splitter(loaded).encode(text, add_special_tokens=False)
    return [
        Piece(
            token, id_, part, start + moved, end + moved,
            max(0, bisect_right(starts, start + moved) - 1), False,
        )
        for token, id_, (start, end) in zip(found.tokens, found.ids, found.offsets, strict=True)
    ]  # fmt: skip


def _special(loaded: Loaded, kind: str, start: int = 0, end: int = 0) -> Piece:
    token = getattr(loaded.tokenizer, kind)
    id_ = getattr(loaded.tokenizer, f"{kind}_id")
    return Piece(token, id_, "special", start, end, -1, True)


def _ids(pieces: Sequence[Piece]) -> tuple[int, ...]:
    return tuple(piece.id for piece in pieces)


def first_pieces(pieces: Sequence[Piece], start: int, end: int) -> list[int]:
    """Index of the first piece of every word between two characters: it carries the tag."""
    inside = _between(pieces, start, end, "The entity")
    return [i for i in inside if i == 0 or pieces[i - 1].word != pieces[i].word]


def _between(pieces: Sequence[Piece], start: int, end: int, what: str) -> list[int]:
    """Indices of the pieces that overlap the characters from `start` to `end`."""
    found = [i for i, piece in enumerate(pieces) if piece.start < end and piece.end > start]
    if start < 0 or end <= start or not found:
        raise InputError(
            f"{what} must be some characters of the text; found none from {start} to {end}."
        )
    return found
