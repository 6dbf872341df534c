"""What is found out about attributions: frozen records, drawn by the page, never recomputed."""

from __future__ import annotations

from dataclasses import dataclass

from explain.attribution.records import Attribution, Piece, Word


@dataclass(frozen=True, slots=True)
class WordPair:
    """One word in both models."""

    text: str
    part: str
    start: int  # characters of its part
    end: int  # exclusive
    teacher: float  # logits
    student: float  # logits
    difference: float  # teacher - student, logits


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far teacher and student rely on the same words."""

    words: tuple[WordPair, ...]
    same_target: bool  # whether both explain the same number
    spearman: float  # -1..1, over words
    top_shared: int  # words among the largest scores of both
    top: int  # how many largest scores were compared
    flips: tuple[
        int, ...
    ]  # indices of words that count for the answer in one, against in the other
    sentence: str


@dataclass(frozen=True, slots=True)
class PairAttribution:
    """Attributions of the same targets by teacher and student, as far as they are computed."""

    teacher: tuple[Attribution, ...]  # parallel to the targets; () before its first step
    student: tuple[Attribution, ...]  # likewise
    agreement: tuple[Agreement, ...]  # parallel to the targets; () until both have a step
    done: bool
    left_out: int  # entities beyond the limit, which are not explained


@dataclass(frozen=True, slots=True)
class MethodAgreement:
    """How far several methods rank the same words alike."""

    methods: tuple[str, ...]  # displayed names
    spearman: tuple[tuple[float, ...], ...]  # methods x methods, -1..1
    sentence: str


@dataclass(frozen=True, slots=True)
class AgainstChance:
    """A measure of one attribution, beside the same measure of random orders."""

    value: float
    chance: float  # mean over the random orders
    spread: float  # their standard deviation
    percentile: float  # 0..1, share of the random orders that do worse


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Does the answer go when the words that are said to matter go?"""

    units: tuple[str, ...]  # what was replaced as one: a word, or neighbouring words of a long text
    comprehensiveness: AgainstChance  # 0 worst, 1 best order that a search found; higher is better
    sufficiency: AgainstChance  # the same scale, words kept instead of deleted; lower is better
    comprehensiveness_logits: float  # mean fall of F; not comparable between models
    sufficiency_logits: float  # mean shortfall of F; not comparable between models
    tau: AgainstChance  # Kendall's, -1..1, with leave-one-out of the same units
    deletion: tuple[float, ...]  # F with the first 0, 1, ... all units replaced, logits
    deletion_chance: tuple[float, ...]  # the same, mean over the random orders
    deletion_best: tuple[float, ...]  # the same, for the best order found
    orders: int  # random orders
    seed: int
    baseline: str
    forward_passes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answers, and how sure it is."""

    text: str
    probability: float  # 0..1
    original: float  # 0..1, probability of the answer before any edit


@dataclass(frozen=True, slots=True)
class EditEffect:
    """One model before and after edits."""

    before: Answer
    after: Answer
    flipped: bool
    attribution: Attribution  # of what is read after the edits


@dataclass(frozen=True, slots=True)
class Attempt:
    """The changes of one number of words that were tried."""

    size: int  # words changed at once
    groups: int  # of so many words, each changed in every way
    complete: bool  # whether these are all there are


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change found that changes one model's answer, or the search for it so far."""

    words: tuple[Word, ...]  # () when none was found; their pieces are those of all choices
    action: str  # what was done to them: mask or delete
    before: Answer
    after: Answer  # equal to before when none was found
    actions: tuple[str, ...]  # that were tried
    attempts: tuple[Attempt, ...]  # fewest words first
    tried: int  # changes tried
    most: int  # changes that are tried at most; at least 1
    seconds: float

    @property
    def smallest(self) -> bool:
        """Whether every change of fewer words was tried."""
        return bool(self.words) and all(
            attempt.complete for attempt in self.attempts if attempt.size < len(self.words)
        )


@dataclass(frozen=True, slots=True)
class Attention:
    """How much each piece is looked at from where the answer is read; not an explanation."""

    pieces: tuple[Piece, ...]
    layers: tuple[tuple[float, ...], ...]  # layers x pieces, 0..1, mean over heads; a row sums to 1
    read_from: tuple[int, ...]  # indices of the pieces that look
    model: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long an attribution will take on this machine, from one pass timed now."""

    pieces: int  # word pieces read, special pieces included
    unread: int  # word pieces of the text outside the window
    passes: tuple[int, int]  # at least, at most
    seconds: tuple[float, float]  # at least, at most
