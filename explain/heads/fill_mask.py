"""Which word belongs in the place of [MASK]? Masked language model (Devlin et al., 1810.04805).

Only the masked position is scored against the vocabulary; scoring every position, as the plain
forward pass does, costs more than the encoder of a small model. It does not generate text: one
mask, one word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

from torch import Tensor

from explain import encoding
from explain.encoding import Inputs, Part, Row, Stretch, require_text
from explain.heads import steps
from explain.heads.steps import UNTIMED
from explain.models import Loaded
from explain.models.layers import trunk, vocabulary_logits
from explain.records import Candidate, FillMaskResult, InputError, Timing, WordScore

MASK = re.compile(r"\[MASK\]|<mask>|_{3,}", re.IGNORECASE)
LONGEST_WORD = 8  # word pieces of a named word


@dataclass(frozen=True, slots=True)
class EncodedMask:
    """One text around its mask, cut to what a model can see, and a word to be scored there."""

    text: str
    mask: tuple[int, int]  # characters
    rows: tuple[Row, ...]  # one, and one per piece of an answer of several
    unread: int  # word pieces too far from the mask to be read
    answer: str | None
    answer_ids: tuple[int, ...]


@overload
def fill(text: str, loaded: Loaded, top: int = 5, answer: str | None = None) -> FillMaskResult: ...
@overload
def fill(
    text: Sequence[str], loaded: Loaded, top: int = 5, answer: Sequence[str | None] | None = None
) -> tuple[FillMaskResult, ...]: ...
def fill(text, loaded, top=5, answer=None):  # type: ignore[no-untyped-def]
    """The `top` best entries of the vocabulary for the one [MASK] of an English text.

    `<mask>` and `___` are read as [MASK]. With `answer`, that word's probability, loss and rank
    too. Raises `InputError` for no mask, for several, and for a word that is not one.
    """
    if encoding.several(text):
        return _fill(list(text), loaded, top, list(answer or [None] * len(text)))
    return _fill([text], loaded, top, [answer])[0]


def _fill(
    texts: list[str], loaded: Loaded, top: int, answers: list[str | None]
) -> tuple[FillMaskResult, ...]:
    encoding.require_count(top, 100, "candidates")
    return steps.answers(
        loaded,
        lambda: [encode(text, loaded, answer) for text, answer in zip(texts, answers, strict=True)],
        forward,
        lambda encoded, logits, timing: decode(encoded, logits, loaded, timing, top),
    )


def encode(text: str, loaded: Loaded, answer: str | None = None) -> EncodedMask:
    """The text with one mask; for an answer of n > 1 pieces, n more rows, filled from the left.

    Where the text leaves no room for n masks, those rows go without its outermost n - 1 pieces. The
    first of them has all n masks, of which `masks` names the one that is read.
    """
    masks = list(MASK.finditer(require_text(text)))
    if len(masks) != 1:
        count = str(len(masks)) if masks else "none"
        raise InputError(f"Keep exactly one [MASK] in the text; found {count}.")
    start, end = masks[0].span()
    left = encoding.part(loaded, text, end=start)
    right = encoding.part(loaded, text, start=end)
    encoding.require_pieces(1 + len(left.ids) + len(right.ids))
    encoding.require_known(loaded, (*left.ids, *right.ids))
    answer = (answer.strip() if isinstance(answer, str) else answer) or None
    answer_ids = _answer_ids(answer, loaded) if answer else ()
    rows = [row_of(loaded, left, right, [loaded.tokenizer.mask_token_id])]
    if len(answer_ids) > 1:
        for done in range(len(answer_ids)):
            masked = [loaded.tokenizer.mask_token_id] * (len(answer_ids) - done)
            rows.append(row_of(loaded, left, right, [*answer_ids[:done], *masked], done))
    unread = max(0, len(left.ids) + len(right.ids) - (loaded.window - 3))
    return EncodedMask(text, (start, end), tuple(rows), unread, answer, answer_ids)


def row_of(loaded: Loaded, left: Part, right: Part, middle: Sequence[int], read: int = 0) -> Row:
    """The middle between what stands nearest to it; its piece number `read` is the mask to fill."""
    room = loaded.window - 2 - len(middle)
    first, last = _nearest(len(left.ids), len(right.ids), room)
    before, after = Stretch(left, first, len(left.ids)), Stretch(right, 0, last)
    bare = encoding.row(loaded, (*before.ids, *middle, *after.ids))
    place = 1 + len(before.ids)
    slices = (1, before), (place + len(middle), after)
    return replace(bare, masks=(place + read,), slices=slices)


def _nearest(left: int, right: int, room: int) -> tuple[int, int]:
    """First piece of the left and end of the right part that are read: as much on either side."""
    if left + right <= room:
        return 0, right
    before = min(left, max(room - right, room // 2))
    return left - before, room - before


def _answer_ids(answer: str, loaded: Loaded) -> tuple[int, ...]:
    ids = tuple(encoding.pieces(loaded, require_text(answer, "word"), "word").ids)
    if loaded.tokenizer.unk_token_id in ids:
        raise InputError(f"{answer[:40]!r} is not in the vocabulary: try another word.")
    if len(ids) > LONGEST_WORD:
        raise InputError(
            f"{answer[:40]!r} has {len(ids)} word pieces: name a word of at most {LONGEST_WORD}."
        )
    return ids


def forward(
    loaded: Loaded, inputs: Inputs, rows: Sequence[Row], words: Sequence[int] | None = None
) -> tuple[Tensor, ...]:
    """(masks, vocabulary) per row: logits at its `masks`, for all pieces or those in `words`."""
    return read_out(loaded, trunk(loaded.model)(**inputs).last_hidden_state, rows, words)


def read_out(
    loaded: Loaded, hidden: Tensor, rows: Sequence[Row], words: Sequence[int] | None = None
) -> tuple[Tensor, ...]:
    """The same from the trunk's hidden states (rows, pieces, width)."""
    counts = [len(row.masks) for row in rows]
    numbers = [number for number, count in enumerate(counts) for _ in range(count)]
    chosen = hidden[numbers, [place for row in rows for place in row.masks]]
    return vocabulary_logits(loaded.model, chosen, words).split(counts)


def decode(
    encoded: EncodedMask,
    logits: Sequence[Tensor],
    loaded: Loaded,
    timing: Timing = UNTIMED,
    top: int = 5,
) -> FillMaskResult:
    """The best entries for the mask of the first row; the answer's score from the others."""
    scores = logits[0][0]
    total = scores.logsumexp(-1)
    best = scores.topk(top)
    ids = best.indices.tolist()
    columns = (best.values - total).exp().tolist(), best.values.tolist()
    candidates = tuple(
        Candidate(word, token, probability, logit, not word.startswith("##"))
        for word, token, probability, logit in zip(
            loaded.tokenizer.convert_ids_to_tokens(ids), ids, *columns, strict=True
        )
    )
    answer = _score(encoded, logits, loaded) if encoded.answer else None
    return FillMaskResult(encoded.text, candidates, answer, encoded.unread, timing)


def _score(encoded: EncodedMask, logits: Sequence[Tensor], loaded: Loaded) -> WordScore:
    ids = encoded.answer_ids
    scores = [row[0] for row in (logits if len(ids) == 1 else logits[1:])]
    loss = sum(float(s.logsumexp(-1) - s[i]) for s, i in zip(scores, ids, strict=True))
    rank = int((scores[0] > scores[0][ids[0]]).sum()) + 1 if len(ids) == 1 else None
    words = tuple(loaded.tokenizer.convert_ids_to_tokens(list(ids)))
    return WordScore(encoded.answer or "", words, math.exp(-loss), loss, rank)
