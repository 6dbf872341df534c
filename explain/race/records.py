"""Races and sweeps as frozen records of plain Python values. Times are milliseconds.

A pass is one call of one model on one batch. In a lap every contestant runs twice, in
counterbalanced order (ABBA), so that a machine whose speed drifts slowly favours none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from explain.environment import Circumstances
from explain.statistics import Interval, Quantiles


@dataclass(frozen=True, slots=True)
class Settings:
    """What is raced, and how."""

    contestants: tuple[str, ...]  # keys of `CONTESTANTS`, at least one
    pair: str
    length: int  # word pieces of every text, special tokens included
    batch: int  # texts per pass
    threads: int  # of the forward pass
    laps: int
    seed: int = 0  # of the bootstrap and of untrained weights


@dataclass(frozen=True, slots=True)
class Pass:
    """One timed call of one contestant."""

    lap: int  # from 0
    direction: int  # 0 in the lap’s order, 1 in the reverse order
    contestant: str
    tokenise: float  # ms, texts to tensors
    forward: float  # ms, tensors to logits


@dataclass(frozen=True, slots=True)
class Standing:
    """One contestant's times over all passes of the complete laps."""

    contestant: str
    passes: int
    forward: Quantiles  # ms per batch
    tokenise: Quantiles  # ms per batch


@dataclass(frozen=True, slots=True)
class Duel:
    """Two contestants, compared lap by lap."""

    first: str
    second: str
    ratio: Interval  # time of the first / time of the second: how many times as fast the second is
    verdict: str  # faster, slower or inconclusive: the second against the first
    laps: int


@dataclass(frozen=True, slots=True)
class Size:
    """Parameters, memory and file size of one contestant, with its one head."""

    contestant: str
    embeddings: int  # parameters
    layers: int  # parameters
    head: int  # parameters, BERT's pooler included
    memory: int  # bytes of the weights as loaded
    file: int  # bytes on disk as shipped, all heads; 0 where there is no such file

    @property
    def parameters(self) -> int:
        """All of them."""
        return self.embeddings + self.layers + self.head


@dataclass(frozen=True, slots=True)
class Result:
    """A race, finished or ended early."""

    settings: Settings
    circumstances: Circumstances
    passes: tuple[Pass, ...]
    laps: int  # complete ones; standings and duels are computed from these
    standings: tuple[Standing, ...]  # in the order of the settings
    duels: tuple[Duel, ...]  # each contestant against the first, or the teacher of its size
    sizes: tuple[Size, ...]  # in the order of the settings
    ended: str  # finished, cancelled or out of time


@dataclass(frozen=True, slots=True)
class Contestant:
    """One model that can race."""

    name: str
    role: str  # teacher or student
    precision: str  # float32, bfloat16 or int8
    full: bool  # BERT-base size with untrained weights, whichever pair is chosen
    own: bool = False  # the student that the visitor has trained in the Distil tab


CONTESTANTS: dict[str, Contestant] = {
    "teacher": Contestant("BERT", "teacher", "float32", False),
    "student": Contestant("DistilBERT", "student", "float32", False),
    "teacher-bfloat16": Contestant("BERT, bfloat16", "teacher", "bfloat16", False),
    "student-bfloat16": Contestant("DistilBERT, bfloat16", "student", "bfloat16", False),
    "teacher-int8": Contestant("BERT, int8", "teacher", "int8", False),
    "student-int8": Contestant("DistilBERT, int8", "student", "int8", False),
    "own-student": Contestant("Your student", "student", "float32", False, own=True),
    "full-teacher": Contestant("BERT-base size", "teacher", "float32", True),
    "full-student": Contestant("DistilBERT-base size", "student", "float32", True),
}


@dataclass(frozen=True, slots=True)
class RaceStep:
    """What has just happened in a race."""

    status: str  # one sentence
    latest: Pass | None = None  # None while contestants are prepared or another race runs
    size: Size | None = None  # of a contestant that has just been prepared
    cancelled: bool = False  # by its owner; nothing comes after


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a race."""

    status: str  # one sentence
    settings: Settings
    passes: tuple[Pass, ...]  # so far, warm-up included
    laps: int  # complete ones
    duel: Duel | None  # the headline, so far
    trail: tuple[tuple[int, Interval], ...]  # number of laps, the headline's ratio after them
    sizes: tuple[Size, ...]  # of the contestants prepared so far
    result: Result | None  # when it is over


@dataclass(frozen=True, slots=True)
class Point:
    """One contestant at one length or batch size."""

    what: str  # length or batch
    value: int  # word pieces per text, or texts per pass
    contestant: str
    low: float  # ms per pass, first quartile
    middle: float  # ms per pass, median
    high: float  # ms per pass, third quartile
    rate: float  # texts per second at the median
    passes: int


@dataclass(frozen=True, slots=True)
class PartTimes:
    """Where one contestant's forward pass spends its time; medians, ms."""

    contestant: str
    embeddings: float
    layers: float
    head: float  # the classifier, and the overhead between the parts


@dataclass(frozen=True, slots=True)
class SweepState:
    """The state of a sweep."""

    status: str  # one sentence
    settings: Settings
    points: tuple[Point, ...]
    shares: tuple[PartTimes, ...]
    done: bool
