"""Where in the context does the answer stand? Extractive question answering.

A span's score is the sum of its start and end logits (Devlin et al., 1810.04805, section 4.2).
Only spans inside the context count, the end never before the start, at most 30 pieces long; the
probability is over all of them. An answer is made of whole words: spans that begin and end in the
same words are one answer, with the sum of their probabilities. A long context is read in
overlapping windows; what stands in several counts with the highest score it has in one. The loss,
too, is over the context's pieces alone, where the model class of transformers has those of the
question as well. There is no "no answer": the models were trained on questions that have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import torch
from torch import Tensor
from torch.nn import functional

from explain import encoding
from explain.encoding import Inputs, Row, Stretch, require_text
from explain.heads import steps
from explain.heads.steps import UNTIMED
from explain.models import Loaded
from explain.models.layers import trunk
from explain.records import (
    ContextPiece,
    InputError,
    QuestionAnsweringResult,
    Span,
    SpanScore,
    Timing,
)
from explain.words import find, unbroken

LONGEST_ANSWER = 30  # word pieces
LONGEST_QUESTION = 64  # word pieces


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """One question with the windows its context is read in."""

    question: str
    context: str
    offsets: tuple[tuple[int, int], ...]  # characters of each context piece
    windows: tuple[tuple[int, int], ...]  # context pieces, end exclusive
    rows: tuple[Row, ...]  # parallel to windows; the context starts at `second`
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
    span = find(require_text(context, "context"), require_text(text, "answer"))
    if span is None:
        raise InputError(
            "The right answer is not in the context: copy it from there, word for word, or leave "
            "it empty."
        )
    return span


def _answer(
    questions: list[str],
    contexts: list[str],
    loaded: Loaded,
    top: int,
    spans: list[tuple[int, int] | None],
) -> tuple[QuestionAnsweringResult, ...]:
    encoding.require_count(top, 20, "answers")
    inputs = list(zip(questions, contexts, spans, strict=True))
    return steps.answers(
        loaded,
        lambda: [encode(question, context, loaded, span) for question, context, span in inputs],
        forward,
        lambda encoded, logits, timing: decode(encoded, logits, loaded, timing, top),
    )


def encode(
    question: str, context: str, loaded: Loaded, span: tuple[int, int] | None = None
) -> EncodedQuestion:
    """One row per window of the context, all with the whole question; `span` is to be scored."""
    question_part = encoding.require_part(loaded, question, "question")
    most = min(LONGEST_QUESTION, loaded.window // 3)  # most of a row is for the context
    count = len(question_part.ids)
    if count > most:
        raise InputError(f"The question has {count} word pieces: shorten it to {most}.")
    context_part = encoding.require_part(loaded, context, "context")
    windows = encoding.windows_of(len(context_part.ids), loaded.window - 3 - count)
    first = Stretch(question_part, 0, count)
    rows = tuple(
        encoding.row_of(loaded, first, Stretch(context_part, *window)) for window in windows
    )
    offsets = tuple(context_part.offsets)
    given = None if span is None else _pieces_of(span, context, offsets)
    return EncodedQuestion(question, context, offsets, windows, rows, given)


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


def forward(loaded: Loaded, inputs: Inputs, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """(pieces, 2) per row: start and end logits of every piece, not those of the context alone."""
    return read_out(loaded, trunk(loaded.model)(**inputs).last_hidden_state, rows)


def read_out(loaded: Loaded, hidden: Tensor, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """The same from the trunk's hidden states (rows, pieces, width)."""
    return loaded.model.qa_outputs(hidden).unbind()


def decode(
    encoded: EncodedQuestion,
    logits: Sequence[Tensor],
    loaded: Loaded,
    timing: Timing = UNTIMED,
    top: int = 3,
) -> QuestionAnsweringResult:
    """The best spans of the context, over all windows, made of whole words."""
    boundaries, scores = _stitched(encoded, logits)
    words = _words_of_pieces(encoded)
    whole = _widened(scores, words)
    best = whole.probabilities.topk(min(top, whole.probabilities.numel()))
    indices = best.indices[whole.scores[best.indices] > float("-inf")]
    columns = indices, whole.probabilities[indices], whole.scores[indices]
    spans = tuple(
        _span(encoded, int(index), whole.width, probability, score)
        for index, probability, score in zip(*(c.tolist() for c in columns), strict=True)
    )
    given = None
    if encoded.given is not None:
        given = _score(encoded, boundaries, _probability(encoded.given, scores, words, whole))
    pieces = tuple(
        ContextPiece(encoded.context[start:end], start, end, *pair)
        for (start, end), pair in zip(encoded.offsets, boundaries.tolist(), strict=True)
    )
    return QuestionAnsweringResult(
        encoded.question, encoded.context, spans, given, pieces, len(logits), timing
    )


def _words_of_pieces(encoded: EncodedQuestion) -> list[tuple[int, int]]:
    """The first and the last piece of the word that each piece belongs to."""
    runs, offsets = [*unbroken(encoded.context)], encoded.offsets
    owners, run = list[tuple[int, int]](), 0
    for start, end in offsets:
        while run < len(runs) and runs[run][1] <= start:
            run += 1
        inside = run < len(runs) and runs[run][0] < end
        owners.append(runs[run] if inside else (start, end))
    firsts = {owner: index for index, owner in reversed([*enumerate(owners)])}
    lasts = {owner: index for index, owner in enumerate(owners)}
    return [(firsts[owner], lasts[owner]) for owner in owners]


@dataclass(frozen=True, slots=True)
class _WholeSpans:
    """Spans of whole words, flat: the one from piece i to piece i + n stands at i * width + n."""

    probabilities: Tensor  # the sums of those of all spans that begin and end in the same words
    scores: Tensor  # the highest of theirs; -inf where there is none
    width: int


def _widened(scores: Tensor, words: Sequence[tuple[int, int]]) -> _WholeSpans:
    """Every span of pieces, counted with the whole words that it begins and ends in."""
    count = len(words)
    first, last = torch.tensor(words).unbind(1)
    ends = torch.arange(count)[:, None] + torch.arange(LONGEST_ANSWER)
    more = last[ends.clamp(max=count - 1)] - first[:, None]
    width = int(more.max()) + 1
    places = (first[:, None] * width + more).flatten()
    flat = scores.flatten()
    empty = torch.zeros(count * width)
    return _WholeSpans(
        empty.scatter_add(0, places, flat.softmax(0)),
        (empty - torch.inf).scatter_reduce(0, places, flat, "amax"),
        width,
    )


def _probability(
    given: tuple[int, int], scores: Tensor, words: Sequence[tuple[int, int]], whole: _WholeSpans
) -> float:
    """That of a span of pieces; of whole words, with all that is widened to them."""
    (first, last), more = given, given[1] - given[0]
    if words[first][0] == first and words[last][1] == last:
        inside = more < whole.width
        return float(whole.probabilities[first * whole.width + more]) if inside else 0.0
    inside = more < LONGEST_ANSWER
    return float(scores.flatten().softmax(0)[first * LONGEST_ANSWER + more]) if inside else 0.0


def _stitched(encoded: EncodedQuestion, windows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Start and end logits (pieces, 2) of the context, and scores (pieces, lengths) of its spans.

    `scores[i, n]` is that of the span from piece i to piece i + n; -inf where there is none.
    """
    inside = [
        window[row.second : row.second + end - first]
        for row, (first, end), window in zip(encoded.rows, encoded.windows, windows, strict=True)
    ]
    if len(inside) == 1:
        return inside[0], span_scores(inside[0])
    count = len(encoded.offsets)
    logits = torch.full((count, 2), float("-inf"))
    scores = torch.full((count, LONGEST_ANSWER), float("-inf"))
    for (first, end), window in zip(encoded.windows, inside, strict=True):
        logits[first:end] = torch.maximum(logits[first:end], window)
        scores[first:end] = torch.maximum(scores[first:end], span_scores(window))
    return logits, scores


def span_scores(boundaries: Tensor) -> Tensor:
    """Start plus end logits of every span, (pieces, lengths), from those of the pieces (pieces, 2).

    In row i, column n stands the span from piece i to piece i + n; -inf where there is none.
    """
    starts, ends = boundaries.unbind(1)
    padded = functional.pad(ends, (0, LONGEST_ANSWER - 1), value=float("-inf"))
    return starts[:, None] + padded.unfold(0, LONGEST_ANSWER, 1)


def _span(
    encoded: EncodedQuestion, index: int, width: int, probability: float, score: float
) -> Span:
    first, more = divmod(index, width)
    start, end = encoded.offsets[first][0], encoded.offsets[first + more][1]
    return Span(encoded.context[start:end], start, end, probability, score)


def _score(encoded: EncodedQuestion, logits: Tensor, probability: float) -> SpanScore:
    assert encoded.given is not None
    first, last = encoded.given
    start, end = encoded.offsets[first][0], encoded.offsets[last][1]
    losses = logits.logsumexp(0) - torch.stack([logits[first, 0], logits[last, 1]])
    return SpanScore(encoded.context[start:end], start, end, probability, float(losses.mean()))
