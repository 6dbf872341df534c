"""Questions about a model's answer, and the signed score of every word piece that answers them.

One input and one target a head. A target says which number is explained: a logit, or a sum of
logits for a span, an entity or a word of several pieces, less that of a rival when `against` names
one ("why A and not B"). What a target leaves open is filled in from the model's own answer, once,
before anything is attributed. Offsets are characters of the text as typed; `end` is exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

BASELINES = {"mask": "[MASK]", "pad": "[PAD]", "zero": "a zero vector"}  # key to displayed name


@dataclass(frozen=True, slots=True)
class FillMaskInput:
    """A text with exactly one [MASK]."""

    text: str


@dataclass(frozen=True, slots=True)
class SentimentInput:
    """A text to be judged."""

    text: str


@dataclass(frozen=True, slots=True)
class NerInput:
    """A text with names."""

    text: str


@dataclass(frozen=True, slots=True)
class MultipleChoiceInput:
    """A prompt and 2 to 8 choices."""

    prompt: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionAnsweringInput:
    """A question and the context that holds its answer."""

    question: str
    context: str


@dataclass(frozen=True, slots=True)
class FillMaskTarget:
    """A word in the place of [MASK]; of several pieces, it fills as many masks side by side."""

    word: str | None = None  # the model's best when None
    against: str | None = None  # a word of as many pieces
    ids: tuple[int, ...] = ()  # of the word's pieces; filled in
    against_ids: tuple[int, ...] = ()  # parallel to ids, or () without a rival


@dataclass(frozen=True, slots=True)
class SentimentTarget:
    """One of the two labels."""

    label: str | None = None  # the model's own when None
    against: str | None = None


@dataclass(frozen=True, slots=True)
class NerTarget:
    """The tags of the words between two characters: their sum of logits."""

    start: int | None = None  # the surest entity when None
    end: int | None = None  # exclusive
    kind: str | None = None  # PER, ORG, LOC, MISC or O; the model's own when None
    against: str | None = None  # a kind
    tags: tuple[str, ...] = ()  # one a word; filled in: the likelier of B- and I-
    against_tags: tuple[str, ...] = ()  # parallel to tags, or () without a rival


@dataclass(frozen=True, slots=True)
class MultipleChoiceTarget:
    """One choice, counted from 0."""

    choice: int | None = None  # the model's own when None
    against: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionAnsweringTarget:
    """A span of the context: its start logit, its end logit, or their sum."""

    part: str = "span"  # start, end or span
    start: int | None = None  # characters of the context; the model's own answer when None
    end: int | None = None  # exclusive
    against_start: int | None = None  # a rival span
    against_end: int | None = None  # exclusive


HeadInput = FillMaskInput | SentimentInput | NerInput | MultipleChoiceInput | QuestionAnsweringInput
Target = (
    FillMaskTarget | SentimentTarget | NerTarget | MultipleChoiceTarget | QuestionAnsweringTarget
)


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
    def method_name(self) -> str:
        """As displayed."""
        from explain.attribution.methods import METHODS  # late: methods import this module

        return METHODS[self.method].name

    @property
    def baseline_name(self) -> str:
        """As displayed."""
        return BASELINES[self.baseline]

    @property
    def words(self) -> tuple[Word, ...]:
        """The scores by words, in reading order; special pieces left out."""
        return words_of(self.pieces, self.scores, self.input)


def part_text(head_input: HeadInput, part: str) -> str:
    """The text as typed that the offsets of one part refer to."""
    if isinstance(head_input, MultipleChoiceInput):
        number = part.removeprefix("choice ")
        return head_input.prompt if part == "prompt" else head_input.choices[int(number) - 1]
    if isinstance(head_input, QuestionAnsweringInput):
        return head_input.question if part == "question" else head_input.context
    return head_input.text


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
        text = part_text(head_input, part)[start:end]
        if any(pieces[i].is_edited for i in indices):
            text = "".join(pieces[i].text.removeprefix("##") for i in indices)
        score = sum(scores[i] for i in indices)
        words.append(Word(text, part, start, end, score, indices))
    return tuple(words)
