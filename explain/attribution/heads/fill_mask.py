"""Explaining fill-mask: the logit of a word; one of several pieces fills as many masks at once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from explain.attribution.heads import OWN, AttributionHead, ReadAnswer, Result, most_probable
from explain.attribution.parsing import fields
from explain.attribution.piece_rows import PieceRows, piece_rows
from explain.attribution.records import Target, Term, TextInput
from explain.attribution.request import AttributionRequest
from explain.heads import fill_mask
from explain.models import Loaded
from explain.records import InputError

CANDIDATES = 5  # words of each model to choose from


@dataclass(frozen=True, slots=True)
class FillMaskInput(TextInput):
    """A text with exactly one [MASK]."""


@dataclass(frozen=True, slots=True)
class FillMaskTarget(Target):
    """A word in the place of [MASK]; of several pieces, it fills as many masks side by side."""

    word: str | None = None  # the model's best when None
    against: str | None = None  # a word of as many pieces
    ids: tuple[int, ...] = ()  # of the word's pieces; fixed
    against_ids: tuple[int, ...] = ()  # parallel to ids, or () without a rival


def _fix(
    head_input: FillMaskInput, loaded: Loaded, target: FillMaskTarget, result: Result
) -> FillMaskTarget:
    if target.ids:
        return target
    best = result().candidates[0].word if target.word is None else target.word
    word, ids = _word(head_input, loaded, best)
    if target.against is None:
        return FillMaskTarget(word, None, ids)
    rival, rival_ids = _word(head_input, loaded, target.against)
    if rival_ids == ids:
        raise InputError(f"Name a word other than {word[:40]!r} to compare it with.")
    if len(rival_ids) != len(ids):
        raise InputError(
            f"{word[:40]!r} and {rival[:40]!r} are not of the same number of word pieces, so they "
            "cannot stand in the same masks: choose another word to compare with."
        )
    return FillMaskTarget(word, rival, ids, rival_ids)


def _word(head_input: FillMaskInput, loaded: Loaded, word: str) -> tuple[str, tuple[int, ...]]:
    """A typed word, or an entry of the vocabulary such as ##ing, and the ids of its pieces."""
    known = loaded.tokenizer.convert_tokens_to_ids(word)
    if known != loaded.tokenizer.unk_token_id:
        return word, (known,)
    encoded = fill_mask.encode(head_input.text, loaded, word)
    if encoded.answer is None:
        raise InputError("Name a word for the place of [MASK].")
    return encoded.answer, encoded.answer_ids


def _windows(
    head_input: FillMaskInput, loaded: Loaded, target: FillMaskTarget
) -> tuple[PieceRows, ...]:
    """The text with a mask for every piece of the word."""
    count = len(target.ids)
    encoded = fill_mask.encode(head_input.text, loaded, target.word if count > 1 else None)
    row = encoded.rows[1 if count > 1 else 0]
    (first,) = row.masks
    row = replace(row, masks=tuple(range(first, first + count)))
    return (piece_rows(loaded, [row], encoded.mask),)


def _terms(
    window: PieceRows, head_input: FillMaskInput, loaded: Loaded, target: FillMaskTarget
) -> tuple[Term, ...]:
    terms = []
    for ids, weight in ((target.ids, 1.0), (target.against_ids, -1.0)):
        names = loaded.tokenizer.convert_ids_to_tokens(list(ids))
        terms += [
            Term(0, mask, id_, name, weight)
            for mask, id_, name in zip(window.rows[0].masks, ids, names, strict=False)
        ]  # the rival may be ()
    return tuple(terms)


def _answer(
    logits: Sequence[Tensor], request: AttributionRequest, loaded: Loaded, original: Hashable
) -> ReadAnswer:
    best = most_probable(logits[0][0], None, original)
    return best._replace(text=loaded.tokenizer.convert_ids_to_tokens(best.key))


HEAD = AttributionHead(
    input_type=FillMaskInput,
    target_type=FillMaskTarget,
    read=lambda values: FillMaskInput(*fields(values, "text")),
    predict=lambda head_input, loaded: fill_mask.fill(head_input.text, loaded, CANDIDATES),
    options=(("each model’s own word", OWN),),
    candidates=lambda head_input, result: [word.word for word in result().candidates],
    parse=lambda head_input, word, against: FillMaskTarget(word or None, against or None),
    fix=_fix,
    windows=_windows,
    terms=_terms,
    names=lambda head_input, target: (
        f"“{target.word}”",
        target.against and f"“{target.against}”",
    ),
    answer=_answer,
)
