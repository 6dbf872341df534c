"""Frozen records of what distillation compares and of a live training: plain Python values.

Losses, entropies and divergences are in nats, times in seconds, rates 0..1 unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

SOFT, HARD, COSINE = "soft", "hard", "cosine"  # L_ce, L_mlm (or the task's), L_cos
Outcomes = tuple[tuple[str, float], ...]  # words, labels or names, each with its probability
PARTS = (SOFT, HARD, COSINE)
WAITING, PREPARING, TRAINING, PAUSED, ENDED = PHASES = (
    "waiting", "preparing", "training", "paused", "ended",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each loss counts, and the temperature of the soft targets."""

    soft: float = 5.0
    hard: float = 2.0
    cosine: float = 1.0
    temperature: float = 2.0


@dataclass(frozen=True, slots=True)
class Losses:
    """The three losses of one batch, unweighted."""

    soft: float  # KL(teacher || student) at the temperature, times its square
    hard: float  # cross-entropy against the labels
    cosine: float  # 1 - cosine of the last hidden states


@dataclass(frozen=True, slots=True)
class Marks:
    """A student on the held-out rows."""

    agreement: float  # share of answers that are the teacher's; of names, F1 against the teacher's
    score: float  # accuracy, or F1 of names, against the labels
    divergence: float  # KL(teacher || student) at T = 1, mean per prediction
    rows: int


@dataclass(frozen=True, slots=True)
class Softened:
    """Both models' distributions at one temperature, and the loss between them."""

    temperature: float
    teacher: tuple[float, ...]  # probability of each outcome that is shown
    student: tuple[float, ...]
    teacher_entropy: float
    student_entropy: float
    divergence: float  # KL(teacher || student), without the factor T squared
    gradient: float  # norm of its gradient at the student's logits
    scaled: float  # the same norm with the factor T squared


@dataclass(frozen=True, slots=True)
class DarkKnowledge:
    """What both models hold of every outcome of one text, at every temperature of the slider."""

    text: str
    outcomes: tuple[str, ...]  # words or labels; the teacher's best first, then those asked about
    asked: int  # how many of them, at the end, were asked about
    teacher_ranks: tuple[int, ...]  # 1 is the most probable
    student_ranks: tuple[int, ...]
    total: int  # outcomes there are: the vocabulary, or the labels
    softened: tuple[Softened, ...]  # by temperature


@dataclass(frozen=True, slots=True)
class PieceLosses:
    """What the losses say at one word piece."""

    piece: str
    masked: bool
    cosine: float  # 1 - cosine of the two last hidden states
    soft: float = 0.0  # these and what follows: of a masked piece
    hard: float = 0.0
    teacher_best: tuple[str, float] = ("", 0.0)  # word and probability at T = 1
    student_best: tuple[str, float] = ("", 0.0)
    student_right: float = 0.0  # probability of the piece that was masked
    rise: tuple[str, ...] = ()  # words that the teacher's soft targets ask more for
    fall: tuple[str, ...] = ()  # and less for


@dataclass(frozen=True, slots=True)
class TripleLoss:
    """The three losses of a pair on one text."""

    pieces: tuple[PieceLosses, ...]
    losses: Losses  # means: over the masked pieces, or over all (cosine)
    temperature: float


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How a live training is made."""

    head: str
    layers: tuple[int, ...]  # of the teacher, counted from 0; () for a start at random
    weights: Weights
    rate: float  # peak learning rate
    seed: int
    seconds: int
    rival: str  # name of a control; "" for none
    sentence: str  # watched while it learns
    text: tuple[str, ...] = ()  # a visitor's sentences; () for ours
    recorded: bool = False  # the rival, if any, is drawn from a recorded run, not trained

    @property
    def is_rival_recorded(self) -> bool:
        """Whether there is a rival that is not trained."""
        return self.recorded and self.rival != ""


@dataclass(frozen=True, slots=True)
class Point:
    """Where a student stands at one time of its training."""

    seconds: float  # of training, both students together
    steps: int
    losses: Losses | None  # means since the last point; None before the first step
    marks: Marks


@dataclass(frozen=True, slots=True)
class Student:
    """One student of a live training."""

    name: str
    points: tuple[Point, ...]
    answer: Outcomes  # to the watched sentence
    end: Marks | None  # on all held-out rows, once the training is over
    recorded: str = ""  # of a run that is not of now: when and where it was


@dataclass(frozen=True, slots=True)
class LiveState:
    """A live training as it is shown."""

    phase: str  # one of PHASES
    remark: str  # what it waits for; "" for nothing
    settings: LiveSettings
    seconds: float  # of training
    sentences: int  # in the transfer set
    students: tuple[Student, ...]  # the visitor's, then its rival; () until they are ready
    teacher: Outcomes  # the teacher's answer to the watched sentence
    teacher_score: float  # on the held-out rows of the points
    teacher_end: float  # on all of them
    metric: str  # what a score counts
    hard: str  # what the hard loss is called for this head
