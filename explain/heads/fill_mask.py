"""Which word belongs in the place of [MASK]? Masked language model (Devlin et al., 1810.04805).

Only the masked position is scored against the vocabulary; scoring every position, as the plain
forward pass does, costs more than the encoder of a small model. It does not generate text: one
mask, one word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import torch

from explain import encoding
from explain.encoding import Row, require_text
from explain.models import Loaded
from explain.records import Candidate, FillMaskResult, InputError, Timing, WordScore

MASK = re.compile(r"\[MASK\]|<mask>|_{3,}", re.IGNORECASE)
LONGEST_WORD = 8  # word pieces of a named word


@dataclass(frozen=True, slots=True)
class _Question:
    """One text with its mask, cut to what a model can see, and a word to be scored there."""

    text: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    unread: int
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
    from explain.models.multitask import trunk, vocabulary_logits

    began = encoding.now()
    encoding.require_count(top, 100, "candidates")
    questions = [_question(*pair, loaded) for pair in zip(texts, answers, strict=True)]
    rows = [row for question in questions for row in _rows(question, loaded)]
    positions = torch.tensor([_mask_position(row, loaded) for row in rows])
    tokenise = encoding.since(began)

    def logits(inputs: dict[str, torch.Tensor], indices: list[int]) -> list[torch.Tensor]:
        hidden = trunk(loaded.model)(**inputs).last_hidden_state
        chosen = hidden[torch.arange(len(indices)), positions[indices]]
        return list(vocabulary_logits(loaded.model, chosen))

    found, forward = encoding.run(loaded, rows, logits)
    results, first = [], 0
    for question in questions:
        count = 1 + (len(question.answer_ids) if len(question.answer_ids) > 1 else 0)
        mine = found[first : first + count]
        read = sum(len(row.ids) for row in rows[first : first + count])
        timing = Timing(tokenise / len(texts), forward / len(texts), read)
        results.append(_decode(question, mine, loaded, top, timing))
        first += count
    return tuple(results)


def _question(text: str, answer: str | None, loaded: Loaded) -> _Question:
    require_text(text)
    found = list(MASK.finditer(text))
    if len(found) != 1:
        count = "none" if not found else str(len(found))
        raise InputError(f"Keep exactly one [MASK] in the text; found {count}.")
    (mask,) = found
    encode = encoding.splitter(loaded).encode
    left = tuple(encode(text[: mask.start()], add_special_tokens=False).ids)
    right = tuple(encode(text[mask.end() :], add_special_tokens=False).ids)
    encoding.require_pieces(1 + len(left) + len(right))
    answer = answer.strip() if isinstance(answer, str) else answer
    answer_ids = _answer_ids(answer, loaded) if answer else ()
    room = loaded.window - 3  # beside [CLS], [MASK] and [SEP]
    unread = max(0, len(left) + len(right) - room)
    left, right = _nearest(left, right, room)
    return _Question(text, left, right, unread, answer or None, answer_ids)


def _nearest(
    left: tuple[int, ...], right: tuple[int, ...], room: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What stands nearest to the mask, as much on either side as there is room for."""
    if len(left) + len(right) <= room:
        return left, right
    before = min(len(left), max(room - len(right), room // 2))
    return left[len(left) - before :], right[: room - before]


def _answer_ids(answer: str, loaded: Loaded) -> tuple[int, ...]:
    ids = tuple(encoding.pieces(loaded, require_text(answer, "word"), "word").ids)
    if loaded.tokenizer.unk_token_id in ids:
        raise InputError(f"{answer[:40]!r} is not in the vocabulary: try another word.")
    if len(ids) > LONGEST_WORD:
        raise InputError(
            f"{answer[:40]!r} has {len(ids)} word pieces: name a word of at most {LONGEST_WORD}."
        )
    return ids


def _rows(question: _Question, loaded: Loaded) -> list[Row]:
    """The text with one mask; for a word of n pieces, n more rows that fill it from the left.

    Where the text leaves no room for n pieces, those rows go without its outermost n - 1.
    """
    mask = loaded.tokenizer.mask_token_id
    rows = [encoding.row(loaded, (*question.left, mask, *question.right))]
    count = len(question.answer_ids)
    if count > 1:
        left, right = _nearest(question.left, question.right, loaded.window - 2 - count)
        for done in range(count):
            middle = (*question.answer_ids[:done], *(mask,) * (count - done))
            rows.append(encoding.row(loaded, (*left, *middle, *right)))
    return rows


def _mask_position(row: Row, loaded: Loaded) -> int:
    return row.ids.index(loaded.tokenizer.mask_token_id)


def _decode(
    question: _Question, logits: list[torch.Tensor], loaded: Loaded, top: int, timing: Timing
) -> FillMaskResult:
    scores = logits[0]
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
    answer = _score(question, logits, loaded) if question.answer else None
    return FillMaskResult(question.text, candidates, answer, question.unread, timing)


def _score(question: _Question, logits: list[torch.Tensor], loaded: Loaded) -> WordScore:
    ids = question.answer_ids
    read = logits if len(ids) == 1 else logits[1:]
    loss = sum(float(s.logsumexp(-1) - s[i]) for s, i in zip(read, ids, strict=True))
    rank = int((logits[0] > logits[0][ids[0]]).sum()) + 1 if len(ids) == 1 else None
    words = tuple(loaded.tokenizer.convert_ids_to_tokens(list(ids)))
    probability = math.exp(-loss)
    return WordScore(question.answer or "", words, probability, loss, rank)
