"""Inputs, targets, and attributions: the signed score of every word piece.

Each head has an input and a target. A target says which number is explained: a logit, or a sum of
logits for a span, an entity or a word of several pieces, minus that of a rival when `against` names
one ("why A and not B"). What a target leaves open is fixed from the model's own answer, once,
before anything is attributed. Offsets are characters of the text as typed; `end` is exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

BASELINES = {"mask": "[MASK]", "pad": "[PAD]", "zero": "a zero vector"}  # key to displayed name


@dataclass(frozen=True, slots=True)
class HeadInput:
    """What one head reads, as typed. The inputs of each head are in `explain.attribution.heads`."""

    def text_of(self, part: str) -> str:
        """The text as typed that the offsets of one part refer to."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class TextInput(HeadInput):
    """A single text."""

    text: str

    def text_of(self, part: str) -> str:
        """The text itself: it is the only part."""
        return self.text


@dataclass(frozen=True, slots=True)
class Target:
    """Which number is explained. Every field that may be left open has a default."""

    def covers(self, word: Word) -> bool:
        """Whether a word belongs to what is explained, so that deleting it makes no sense."""
        return False

    def as_asked(self) -> Target:
        """Without what a model adds, to compare the targets of two models."""
        return self


@dataclass(frozen=True, slots=True)
class Piece:
    """One word piece that the model reads."""

    text: str  # as in the vocabulary; a continuation starts with ##
    id: int
    part: str  # text, prompt, choice 1 to choice 8, question, context, or special
    start: int  # characters of its part; 0 for [CLS] and [SEP]
    end: int  # exclusive
    word: int  # index of its word within its part; -1 for a special piece
    is_special: bool  # [CLS], [SEP] and the [MASK] to be filled: never replaced, score 0
    is_edited: bool = False  # put there by an edit; the offsets are those of what it replaced


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of what a model reads, made to the ids themselves."""

    pieces: tuple[int, ...]  # neighbours, indices into Attribution.pieces before any edit
    action: str  # delete, mask or replace
    word: str = ""  # what replaces them


@dataclass(frozen=True, slots=True)
class Term:
    """One logit of the explained number."""

    row: int  # of the rows read; several only for a contrast of two choices
    position: int  # piece of that row whose output is read; 0 for a whole text's logit
    output: int  # index into the logits there
    name: str  # what that output stands for
    weight: float  # +1.0, or -1.0 for the rival
    reads_last: bool = False  # of the pieces that replace its word: an end, not a start


@dataclass(frozen=True, slots=True)
class Ledger:
    """Do the scores add up to what they explain? F is the explained number, in logits."""

    value: float  # F of the text
    baseline_value: float  # F with every ordinary piece replaced
    total: float  # sum of the scores
    delta: float  # total - (value - baseline_value)
    relative_delta: float  # |delta| / max(|value - baseline_value|, 0.01)
    steps: int  # nodes of the integral, permutations, replaced pieces; 1 for one gradient
    forward_passes: int  # of one text each, however they were batched
    backward_passes: int
    seconds: float
    adds_up: bool  # whether the method promises delta = 0
    converged: bool  # whether it did what it promises: see each method
    error: float  # the largest standard error of a score, logits; 0.0 where nothing is sampled


@dataclass(frozen=True, slots=True)
class Word:
    """The pieces of one word, added up."""

    text: str  # as typed; the pieces themselves where an edit put them
    part: str
    start: int  # characters of its part
    end: int  # exclusive
    score: float  # sum of its pieces, logits
    pieces: tuple[int, ...]  # indices into Attribution.pieces


@dataclass(frozen=True, slots=True)
class Attribution:
    """What every piece of one input adds to, or takes from, one model's explained number."""

    input: HeadInput
    target: Target  # nothing left open
    description: str  # the explained number in words
    terms: tuple[Term, ...]  # the explained number, exactly
    method: str  # a key of METHODS
    method_name: str  # as displayed
    baseline: str  # a key of BASELINES
    pieces: tuple[Piece, ...]
    scores: tuple[float, ...]  # parallel to pieces, signed, logits
    ledger: Ledger
    unread: int  # word pieces of the text outside the window that was explained
    model: str
    head: str
    role: str
    pair: str
    seed: int
    versions: tuple[tuple[str, str], ...]  # (package, version)
    edits: tuple[Edit, ...] = ()  # of what was typed, before it was read

    @property
    def baseline_name(self) -> str:
        """As displayed."""
        return BASELINES[self.baseline]

    @property
    def words(self) -> tuple[Word, ...]:
        """The scores by words, in reading order; special pieces left out."""
        return words_of(self.pieces, self.scores, self.input)


def words_of(
    pieces: tuple[Piece, ...], scores: tuple[float, ...], head_input: HeadInput
) -> tuple[Word, ...]:
    """Pieces of the same word added up, so that the sum over words equals that over pieces."""
    words = []
    ordinary = (i for i, piece in enumerate(pieces) if not piece.is_special)
    for (part, _), group in groupby(ordinary, lambda i: (pieces[i].part, pieces[i].word)):
        indices = tuple(group)
        start = min(pieces[i].start for i in indices)
        end = max(pieces[i].end for i in indices)
        text = head_input.text_of(part)[start:end]
        if any(pieces[i].is_edited for i in indices):
            text = "".join(pieces[i].text.removeprefix("##") for i in indices)
        score = sum(scores[i] for i in indices)
        words.append(Word(text, part, start, end, score, indices))
    return tuple(words)
