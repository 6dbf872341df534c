"""Where in the context does the answer stand? Extractive question answering.

A span's score is the sum of its start and end logits (Devlin et al., 1810.04805, section 4.2).
Only spans inside the context count, the end never before the start, at most 30 pieces long; the
probability is over all of them. A long context is read in overlapping windows; what stands in
several counts with the highest score it has in one. The loss, too, is over the context's pieces
alone, where the model class of transformers has those of the question as well. There is no "no
answer": the models were trained on questions that have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

import torch
from torch.nn import functional

from explain import encoding
from explain.encoding import Row, require_text
from explain.heads.ner import windows_of
from explain.models import Loaded
from explain.models.multitask import trunk
from explain.records import (
    ContextPiece,
    InputError,
    QuestionAnsweringResult,
    Span,
    SpanScore,
    Timing,
)
from explain.words import find

LONGEST_ANSWER = 30  # word pieces
LONGEST_QUESTION = 64  # word pieces
SHARED = 1_000  # best spans that are looked through where several pieces share their characters


@dataclass(frozen=True, slots=True)
class _Reading:
    """One question with the windows its context is read in."""

    question: str
    context: str
    offsets: tuple[tuple[int, int], ...]  # characters of each context piece
    windows: tuple[tuple[int, int], ...]  # context pieces, end exclusive
    before: int  # pieces in front of the context in every row
    given: tuple[int, int] | None  # first and last context piece of the span to be scored


@overload
def answer(
    question: str,
    context: str,
    loaded: Loaded,
    top: int = 3,
    span: tuple[int, int] | None = None,
) -> QuestionAnsweringResult: ...
@overload
def answer(
    question: Sequence[str],
    context: Sequence[str],
    loaded: Loaded,
    top: int = 3,
    span: Sequence[tuple[int, int] | None] | None = None,
) -> tuple[QuestionAnsweringResult, ...]: ...
def answer(question, context, loaded, top=3, span=None):  # type: ignore[no-untyped-def]
    """The `top` best spans; `span` (start, end in characters of the context) is scored too."""
    if encoding.several(question):
        spans = list(span or [None] * len(question))
        return _answer(list(question), list(context), loaded, top, spans)
    return _answer([question], [context], loaded, top, [span])[0]


def find_span(context: str, text: str) -> tuple[int, int]:
    """Where a named answer first stands in the context; spacing, and at need case, set aside."""
    found = find(require_text(context, "context"), require_text(text, "answer"))
    if found is None:
        raise InputError(
            "The right answer is not in the context: copy it from there, word for word, or leave "
            "it empty."
        )
    return found


def _answer(
    questions: list[str],
    contexts: list[str],
    loaded: Loaded,
    top: int,
    spans: list[tuple[int, int] | None],
) -> tuple[QuestionAnsweringResult, ...]:
    began = encoding.now()
    encoding.require_count(top, 20, "answers")
    readings: list[_Reading] = []
    rows: list[Row] = []
    for question, context, span in zip(questions, contexts, spans, strict=True):
        reading, mine = _read(question, context, span, loaded)
        readings.append(reading)
        rows += mine
    tokenise = encoding.since(began)

    def logits(inputs: dict[str, torch.Tensor], indices: list[int]) -> list[torch.Tensor]:
        hidden = trunk(loaded.model)(**inputs).last_hidden_state
        return list(loaded.model.qa_outputs(hidden))  # (pieces, 2), not taken apart to be joined

    found, forward = encoding.run(loaded, rows, logits)
    results, first = [], 0
    for reading in readings:
        mine_found = found[first : first + len(reading.windows)]
        read = sum(len(row.ids) for row in rows[first : first + len(reading.windows)])
        first += len(reading.windows)
        timing = Timing(tokenise / len(readings), forward / len(readings), read)
        results.append(_decode(reading, mine_found, top, timing))
    return tuple(results)


def _read(
    question: str, context: str, span: tuple[int, int] | None, loaded: Loaded
) -> tuple[_Reading, list[Row]]:
    asked = encoding.pieces(loaded, require_text(question, "question"), "question").ids
    most = min(LONGEST_QUESTION, loaded.window // 3)  # most of a row is for the context
    if len(asked) > most:
        raise InputError(f"The question has {len(asked)} word pieces: shorten it to {most}.")
    pieces = encoding.pieces(loaded, require_text(context, "context"), "context")
    windows = windows_of(len(pieces.ids), loaded.window - 3 - len(asked))
    rows = [encoding.row(loaded, asked, pieces.ids[start:end]) for start, end in windows]
    offsets = tuple(pieces.offsets)
    given = None if span is None else _pieces_of(span, context, offsets)
    return _Reading(question, context, offsets, windows, len(asked) + 2, given), rows


def _pieces_of(
    span: tuple[int, int], context: str, offsets: tuple[tuple[int, int], ...]
) -> tuple[int, int]:
    start, end = span
    inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
    if not 0 <= start < end <= len(context) or not inside:
        raise InputError(
            f"The answer must lie in the context, characters 0 to {len(context)}; "
            f"found {start} to {end}."
        )
    return inside[0], inside[-1]


def _decode(
    reading: _Reading, windows: list[torch.Tensor], top: int, timing: Timing
) -> QuestionAnsweringResult:
    logits, scores = _stitched(reading, windows)
    flat = scores.flatten()
    probabilities = flat.softmax(0)
    shared = len(set(reading.offsets)) < len(reading.offsets)
    best = flat.topk(min(SHARED if shared else top, flat.numel()))
    columns = (best.indices, best.values, probabilities[best.indices])
    spans = tuple(
        _span(reading, index, score, probability)
        for index, score, probability in zip(*(c.tolist() for c in columns), strict=True)
        if score > float("-inf")
    )
    if shared:
        spans = _merged(spans)[:top]
    given = None if reading.given is None else _score(reading, logits, probabilities)
    pieces = tuple(
        ContextPiece(reading.context[start:end], start, end, *pair)
        for (start, end), pair in zip(reading.offsets, logits.tolist(), strict=True)
    )
    return QuestionAnsweringResult(
        reading.question, reading.context, spans, given, pieces, len(windows), timing
    )


def _stitched(reading: _Reading, windows: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Start and end logits (pieces, 2) of the context, and scores (pieces, lengths) of its spans.

    `scores[i, n]` is that of the span from piece i to piece i + n; -inf where there is none.
    """
    inside = [
        window[reading.before : reading.before + end - first]
        for (first, end), window in zip(reading.windows, windows, strict=True)
    ]
    if len(inside) == 1:
        return inside[0], _spans(inside[0])
    count = len(reading.offsets)
    logits = torch.full((count, 2), float("-inf"))
    scores = torch.full((count, LONGEST_ANSWER), float("-inf"))
    for (first, end), window in zip(reading.windows, inside, strict=True):
        logits[first:end] = torch.maximum(logits[first:end], window)
        scores[first:end] = torch.maximum(scores[first:end], _spans(window))
    return logits, scores


def _spans(window: torch.Tensor) -> torch.Tensor:
    """Start plus end logits of every span of one window, (pieces, lengths)."""
    starts, ends = window.unbind(1)
    padded = functional.pad(ends, (0, LONGEST_ANSWER - 1), value=float("-inf"))
    return starts[:, None] + padded.unfold(0, LONGEST_ANSWER, 1)


def _span(reading: _Reading, index: int, score: float, probability: float) -> Span:
    first, more = divmod(index, LONGEST_ANSWER)
    start, end = reading.offsets[first][0], reading.offsets[first + more][1]
    return Span(reading.context[start:end], start, end, probability, score)


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans of the same characters as one: the pieces of a Hangul syllable all stand for it."""
    found: dict[tuple[int, int], Span] = {}
    for span in spans:
        first = found.get((span.start, span.end))
        if first:
            span = replace(first, probability=first.probability + span.probability)
        found[span.start, span.end] = span
    return tuple(sorted(found.values(), key=lambda span: -span.probability))


def _score(reading: _Reading, logits: torch.Tensor, probabilities: torch.Tensor) -> SpanScore:
    assert reading.given is not None
    first, last = reading.given
    start, end = reading.offsets[first][0], reading.offsets[last][1]
    more = last - first
    inside = more < LONGEST_ANSWER
    probability = float(probabilities[first * LONGEST_ANSWER + more]) if inside else 0.0
    losses = logits.logsumexp(0) - torch.stack([logits[first, 0], logits[last, 1]])
    return SpanScore(reading.context[start:end], start, end, probability, float(losses.mean()))
