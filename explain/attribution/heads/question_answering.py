"""Explaining an answer in a context: its start logit, its end logit, or their sum."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import torch
from torch import Tensor

from explain.attribution.heads import OWN, AttributionHead, ReadAnswer, Result
from explain.attribution.parsing import fields, pieces_between, place, write_place
from explain.attribution.piece_rows import PieceRows, piece_rows
from explain.attribution.records import HeadInput, Piece, Target, Term, Word
from explain.attribution.request import AttributionRequest
from explain.heads import question_answering
from explain.heads.question_answering import span_scores
from explain.models import Loaded
from explain.records import InputError
from explain.words import unbroken

PARTS = ("start", "end", "span")
CANDIDATES = 3  # answers of each model to choose from


@dataclass(frozen=True, slots=True)
class QuestionAnsweringInput(HeadInput):
    """A question and the context that holds its answer."""

    question: str
    context: str

    def text_of(self, part: str) -> str:
        """The question or the context."""
        return self.question if part == "question" else self.context


@dataclass(frozen=True, slots=True)
class QuestionAnsweringTarget(Target):
    """A span of the context: its start logit, its end logit, or their sum."""

    part: str = "span"  # start, end or span
    start: int | None = None  # characters of the context; the model's own answer when None
    end: int | None = None  # exclusive
    against_start: int | None = None  # a rival span
    against_end: int | None = None  # exclusive

    def covers(self, word: Word) -> bool:
        """The words of the answer."""
        assert self.start is not None and self.end is not None
        return word.part == "context" and word.start < self.end and word.end > self.start


def _parse(
    head_input: QuestionAnsweringInput, written: str, against: str
) -> QuestionAnsweringTarget:
    """Words of the context, after "start of" or "end of" if only that is to be explained."""
    part, context = "span", head_input.context
    named = re.fullmatch(r"(start|end) of(?:\s+(.*))?", written, re.DOTALL)
    if named and (named[2] is None or written not in context):
        part, written = named[1], named[2] or OWN
    start, end = place(context, written, "context") if written else (None, None)
    rival = place(context, against, "context") if against else (None, None)
    return QuestionAnsweringTarget(part, start, end, *rival)


def _fix(
    head_input: QuestionAnsweringInput,
    loaded: Loaded,
    target: QuestionAnsweringTarget,
    result: Result,
) -> QuestionAnsweringTarget:
    if target.part not in PARTS:
        raise InputError(f"Ask about the start, the end or the span, not {target.part[:40]!r}.")
    if (target.against_start is None) != (target.against_end is None):
        raise InputError("Give both the start and the end of the answer to compare with.")
    if target.start is None or target.end is None:
        best = result().spans[0]
        return replace(target, start=best.start, end=best.end)
    span = target.start, target.end
    question_answering.encode(head_input.question, head_input.context, loaded, span)
    return target


def _spans(target: QuestionAnsweringTarget) -> list[tuple[int, int, float]]:
    """Start, end and weight of the span and of its rival."""
    spans = [(target.start, target.end, 1.0), (target.against_start, target.against_end, -1.0)]
    return [(a, b, weight) for a, b, weight in spans if a is not None and b is not None]


def _windows(
    head_input: QuestionAnsweringInput, loaded: Loaded, target: QuestionAnsweringTarget
) -> tuple[PieceRows, ...]:
    """Every window of the context that holds the span, and its rival."""
    encoded = question_answering.encode(head_input.question, head_input.context, loaded)
    inside = [
        index
        for start, end, _ in _spans(target)
        for index in pieces_between(encoded.offsets, start, end, "The answer")
    ]
    windows = tuple(
        piece_rows(loaded, [row])
        for row, (start, end) in zip(encoded.rows, encoded.windows, strict=True)
        if start <= min(inside) and max(inside) < end
    )
    if not windows:
        raise InputError(
            "No window holds all of what was asked about: choose a shorter answer, or two answers "
            "that stand nearer to each other."
        )
    return windows


def _terms(
    window: PieceRows,
    head_input: QuestionAnsweringInput,
    loaded: Loaded,
    target: QuestionAnsweringTarget,
) -> tuple[Term, ...]:
    terms = []
    for start, end, weight in _spans(target):
        inside = [i for i, p in _context(window) if p.start < end and p.end > start]
        for output, (part, position) in enumerate((("start", inside[0]), ("end", inside[-1]))):
            if target.part in (part, "span"):
                terms.append(Term(0, position, output, part, weight, reads_last=part == "end"))
    return tuple(terms)


def _context(window: PieceRows) -> list[tuple[int, Piece]]:
    return [(i, piece) for i, piece in enumerate(window.pieces) if piece.part == "context"]


def _names(
    head_input: QuestionAnsweringInput, target: QuestionAnsweringTarget
) -> tuple[str, str | None]:
    what = {"start": "the start of ", "end": "the end of ", "span": ""}[target.part]
    span, *rival = [f"{what}“{head_input.context[a:b]}”" for a, b, _ in _spans(target)]
    return span, rival[0] if rival else None


def _answer(
    logits: Sequence[Tensor], request: AttributionRequest, loaded: Loaded, original: Hashable
) -> ReadAnswer:
    """The best span of the context that is read; its key is its characters as typed.

    As in the head, spans count with the whole words that they begin and end in: the probabilities
    of those that read alike are added up.
    """
    assert isinstance(request.head_input, QuestionAnsweringInput)
    context = _context(request.piece_rows)
    scores = span_scores(logits[0][[i for i, _ in context]])
    first, more = (scores > float("-inf")).nonzero(as_tuple=True)
    sides = torch.tensor(_whole_words([piece for _, piece in context], request.head_input.context))
    (starts, start), (ends, end) = (side.unique(return_inverse=True) for side in sides.unbind(1))
    sums = torch.zeros(len(starts) * len(ends)).index_add(
        0, start[first] * len(ends) + end[first + more], scores[first, more].softmax(0)
    )
    best = int(sums.argmax())
    key = int(starts[best // len(ends)]), int(ends[best % len(ends)])
    before = key if original is None else original
    assert isinstance(before, tuple)
    kept = torch.outer(starts == before[0], ends == before[1]).flatten()
    read = [piece for _, piece in context if piece.start >= key[0] and piece.end <= key[1]]
    text = edited_text(read, request.head_input.context)
    return ReadAnswer(key, text, float(sums[best]), float(sums[kept].sum()))


def _whole_words(pieces: Sequence[Piece], context: str) -> list[tuple[int, int]]:
    """Where the word that each piece belongs to stands."""
    words = [*unbroken(context)]
    begins = [start for start, _ in words]
    places = []
    for piece in pieces:
        index = bisect_right(begins, piece.start) - 1
        inside = index >= 0 and piece.end <= words[index][1]
        places.append(words[index] if inside else (piece.start, piece.end))
    return places


def edited_text(pieces: Sequence[Piece], context: str) -> str:
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


HEAD = AttributionHead(
    input_type=QuestionAnsweringInput,
    target_type=QuestionAnsweringTarget,
    read=lambda values: QuestionAnsweringInput(*fields(values, "question", "context")),
    predict=lambda head_input, loaded: question_answering.answer(
        head_input.question, head_input.context, loaded, CANDIDATES
    ),
    options=(
        ("each model’s own answer", OWN), ("where its answer starts", "start of"),
        ("where its answer ends", "end of"),
    ),
    candidates=lambda head_input, result: [
        write_place(head_input.context, span.start, span.end) for span in result().spans
    ],
    parse=_parse,
    fix=_fix,
    windows=_windows,
    terms=_terms,
    names=_names,
    answer=_answer,
)  # fmt: skip
