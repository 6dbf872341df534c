"""What a model answers from rows of ids as they are: many edited readings in one padded batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import groupby

import torch
from torch import Tensor

from explain.attribution.reading import read_choices
from explain.attribution.records import (
    Edit,
    MultipleChoiceInput,
    MultipleChoiceTarget,
    Piece,
    QuestionAnsweringInput,
)
from explain.attribution.request import AttributionRequest
from explain.attribution.results import Answer
from explain.attribution.terms import terms
from explain.heads import registry, steps
from explain.heads.question_answering import LONGEST_ANSWER
from explain.models import Loaded

Decoded = tuple[Hashable, str, float, float]  # key, text, its probability, that of the original


def with_all_choices(request: AttributionRequest, loaded: Loaded) -> AttributionRequest:
    """The request with all that its answer depends on: a choice wins against every other."""
    if not isinstance(request.head_input, MultipleChoiceInput):
        return request
    (target,) = request.targets
    assert isinstance(target, MultipleChoiceTarget)
    every = read_choices(request.head_input, loaded, range(len(request.head_input.choices)))
    asked = terms(every, request.head_input, loaded, target)
    return replace(request, reading=every, terms=(asked,))


def remap_edit(edit: Edit, request: AttributionRequest, whole: AttributionRequest) -> Edit:
    """An edit of one request's pieces as an edit of the same pieces of the complete one."""
    places = {name: i for i, name in enumerate(_names(whole.reading.pieces))}
    names = _names(request.reading.pieces)
    return replace(edit, pieces=tuple(places[names[i]] for i in edit.pieces))


def _names(pieces: Sequence[Piece]) -> list[tuple[str, int]]:
    """Part and number within the part: characters may have several pieces of one place."""
    seen: Counter[str] = Counter()
    names = []
    for piece in pieces:
        names.append((piece.part, seen[piece.part]))
        seen[piece.part] += 1
    return names


def answers(
    requests: Sequence[AttributionRequest], loaded: Loaded, original: Hashable = None
) -> list[tuple[Hashable, Answer]]:
    """Key and answer of every request; `original` is the key before any edit (else its own)."""
    rows = [
        replace(row, masks=(_asked(request)[0],))  # used by fill-mask alone
        for request in requests
        for row in request.reading.rows
    ]
    forward = registry.module("explain.heads", loaded.head).forward
    found, _ = steps.run(loaded, rows, forward)
    results, first = [], 0
    for request in requests:
        mine = found[first : first + len(request.reading.rows)]
        first += len(mine)
        key, text, probability, kept = _decode(mine, request, loaded, original)
        results.append((key, Answer(text, probability, kept)))
    return results


def _asked(request: AttributionRequest) -> list[int]:
    return sorted({term.position for term in request.terms[0]})


def _decode(
    logits: Sequence[Tensor], request: AttributionRequest, loaded: Loaded, original: Hashable
) -> Decoded:
    if loaded.head == "ner":
        return _decode_tags(logits[0][_asked(request)], loaded, original)
    if loaded.head == "question_answering":
        return _decode_span(logits[0].T, request, original)
    if loaded.head == "multiple_choice":
        assert isinstance(request.head_input, MultipleChoiceInput)
        return _decode_one(
            torch.stack(list(logits)).flatten(), request.head_input.choices, original
        )
    if loaded.head == "sentiment":
        return _decode_one(logits[0][0], loaded.labels, original)
    key, _, probability, kept = _decode_one(logits[0][0], None, original)
    return key, loaded.tokenizer.convert_ids_to_tokens(key), probability, kept


def _decode_one(logits: Tensor, names: Sequence[str] | None, original: Hashable) -> Decoded:
    """One of some outputs: the most probable."""
    probabilities = logits.softmax(-1)
    key = int(probabilities.argmax())
    kept = key if original is None else original
    assert isinstance(kept, int)
    return key, names[key] if names else "", float(probabilities[key]), float(probabilities[kept])


def _decode_tags(logits: Tensor, loaded: Loaded, original: Hashable) -> Decoded:
    """The tags of the words asked about: (words, labels)."""
    probabilities = logits.softmax(-1)
    best = tuple(probabilities.argmax(-1).tolist())
    kept = best if original is None else original
    assert isinstance(kept, tuple)
    words = torch.arange(len(best))
    sure = [float(probabilities[words, list(tags)].prod()) for tags in (best, kept)]
    return best, " ".join(loaded.labels[tag] for tag in best), sure[0], sure[1]


def _decode_span(logits: Tensor, request: AttributionRequest, original: Hashable) -> Decoded:
    """The best span of the context that is read: (start and end, pieces)."""
    assert isinstance(request.head_input, QuestionAnsweringInput)
    context = [(i, p) for i, p in enumerate(request.reading.pieces) if p.part == "context"]
    start, end = logits[:, [i for i, _ in context]]
    sums = start[:, None] + end[None]
    allowed = torch.ones_like(sums, dtype=torch.bool).triu().tril(LONGEST_ANSWER - 1)
    probabilities = sums.masked_fill(~allowed, float("-inf")).flatten().softmax(0)
    first, last = divmod(int(probabilities.argmax()), len(context))
    key = context[first][1].start, context[last][1].end
    kept = key if original is None else original
    spans = {(context[a][1].start, context[b][1].end): (a, b) for a, b in _pairs(len(context))}
    same = spans.get(kept)  # type: ignore[call-overload]
    sure = 0.0 if same is None else float(probabilities[same[0] * len(context) + same[1]])
    read = [piece for _, piece in context[first : last + 1]]
    return key, _text(read, request.head_input.context), float(probabilities.max()), sure


def _text(pieces: Sequence[Piece], context: str) -> str:
    """What neighbouring pieces read as: the context's own characters, or what replaces them."""
    text, end = "", pieces[0].start
    for _, group in groupby(pieces, lambda piece: piece.word):
        word = tuple(group)
        gap = context[end : word[0].start]
        text += " " if gap.strip() else gap  # between two words, one was deleted
        end = word[-1].end
        if any(piece.is_edited for piece in word):
            text += "".join(piece.text.removeprefix("##") for piece in word)
        else:
            text += context[word[0].start : end]
    return text


def _pairs(count: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(count) for b in range(a, min(count, a + LONGEST_ANSWER))]
