"""Frozen records of plain Python values: what the heads answer; and the visitor's error.

Characters are counted as Python counts them in the text as typed; every `end` is exclusive.
Probabilities are 0..1, logits raw, losses in nats, times in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("teacher", "student")  # in this order wherever the two are compared
MODEL_NAMES = {"teacher": "BERT", "student": "DistilBERT"}  # as readers know them


class InputError(ValueError):
    """Something a visitor gave cannot be used; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the time of one answer went; of a batch, each result carries an equal share."""

    tokenise: float  # ms, text to ids
    forward: float  # ms, ids to logits
    pieces: int  # word pieces read in all rows, special tokens included, padding left out
    runs: int = 1  # always: an answer is computed once; part of the Web API


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry of the vocabulary in the place of [MASK]."""

    word: str  # as in the vocabulary; a continuation starts with ##
    token_id: int
    probability: float
    logit: float
    whole_word: bool  # False for a continuation such as ##ing


@dataclass(frozen=True, slots=True)
class WordScore:
    """How well a named word fits in the place of [MASK]."""

    word: str  # as the visitor wrote it
    pieces: tuple[str, ...]  # its word pieces; several are filled in from left to right
    probability: float  # product over the pieces
    loss: float  # nats, -log(probability)
    rank: int | None  # 1 is the best of the vocabulary; None for a word of several pieces


@dataclass(frozen=True, slots=True)
class FillMaskResult:
    """The best candidates for the one [MASK] of a text."""

    text: str  # as typed
    candidates: tuple[Candidate, ...]  # best first
    answer: WordScore | None  # None when no word was named
    unread: int  # word pieces too far from [MASK] to be read; 0 for all but very long text
    timing: Timing
    unknown: tuple[str, ...] = ()  # signs that are not in the vocabulary, each once


@dataclass(frozen=True, slots=True)
class SentimentResult:
    """Negative or positive."""

    text: str
    labels: tuple[str, ...]  # always ("negative", "positive")
    logits: tuple[float, ...]  # parallel to labels
    probabilities: tuple[float, ...]  # parallel to labels
    label: str  # the more probable
    loss: float | None  # nats for the label that was given; None when none was
    unread: int  # word pieces after the last one the model can read
    timing: Timing
    unknown: tuple[str, ...] = ()  # signs that are not in the vocabulary, each once

    @property
    def sureness(self) -> float:
        """By how much the logit of the label exceeds the other one; low for a neutral text."""
        return max(self.logits) - min(self.logits)


@dataclass(frozen=True, slots=True)
class Entity:
    """One named entity in the text as typed."""

    text: str
    kind: str  # PER, ORG, LOC or MISC
    start: int  # characters
    end: int  # characters, exclusive
    probability: float  # product of the tag probabilities of its words
    first_word: int  # index into NerResult.words
    last_word: int  # inclusive


@dataclass(frozen=True, slots=True)
class TaggedWord:
    """One word and its tag."""

    text: str
    start: int  # characters
    end: int  # characters, exclusive
    tag: str  # O, B-PER, I-PER, ...
    probability: float
    logits: tuple[float, ...]  # parallel to NerResult.labels


@dataclass(frozen=True, slots=True)
class NerResult:
    """The named entities of a text."""

    text: str
    labels: tuple[str, ...]
    words: tuple[TaggedWord, ...]  # every word of the text, in order
    entities: tuple[Entity, ...]  # in order, never overlapping
    loss: float | None  # nats per word for the tags that were given; None when none were
    windows: int  # overlapping windows the text was read in
    timing: Timing
    unknown: tuple[str, ...] = ()  # signs that are not in the vocabulary, each once


@dataclass(frozen=True, slots=True)
class MultipleChoiceResult:
    """How plausible each choice is after the prompt."""

    prompt: str
    choices: tuple[str, ...]
    logits: tuple[float, ...]  # parallel to choices
    probabilities: tuple[float, ...]  # parallel to choices
    best: int  # index into choices
    loss: float | None  # nats for the choice that was named right; None when none was
    timing: Timing
    unknown: tuple[str, ...] = ()  # signs that are not in the vocabulary, each once


@dataclass(frozen=True, slots=True)
class Span:
    """One possible answer inside the context."""

    text: str  # context[start:end]
    start: int  # characters of the context
    end: int  # characters, exclusive
    probability: float  # among all spans of at most 30 pieces, ends never before starts
    score: float  # start logit + end logit, of the best span that is widened to these whole words


@dataclass(frozen=True, slots=True)
class SpanScore:
    """How well a given span answers the question."""

    text: str
    start: int  # characters of the context
    end: int  # characters, exclusive
    probability: float
    loss: float  # nats: mean of -log p(start) and -log p(end) over the context's pieces


@dataclass(frozen=True, slots=True)
class ContextPiece:
    """The evidence at one word piece of the context."""

    text: str
    start: int  # characters of the context
    end: int  # characters, exclusive
    start_logit: float
    end_logit: float


@dataclass(frozen=True, slots=True)
class QuestionAnsweringResult:
    """The best spans of a context for one question."""

    question: str
    context: str
    spans: tuple[Span, ...]  # best first
    answer: SpanScore | None  # None when no span was named
    pieces: tuple[ContextPiece, ...]  # every piece of the context, in order
    windows: int  # overlapping windows the context was read in
    timing: Timing
    unknown: tuple[str, ...] = ()  # signs that are not in the vocabulary, each once

    @property
    def sureness(self) -> float:
        """The score of the best span; low where the context does not answer the question."""
        return self.spans[0].score


@dataclass(frozen=True, slots=True)
class Comparison:
    """One quantity of teacher and student."""

    label: str
    teacher: float
    student: float
    unit: str
    digits: int = 0  # decimals to show
    remark: str = ""
