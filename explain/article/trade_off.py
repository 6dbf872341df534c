"""Accuracy against latency: the published pair, and the contestants of a race that have a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explain.article import facts, stored
from explain.race.records import CONTESTANTS, Duel, Result
from explain.statistics import Interval, wilson

DEVELOPMENT = 872  # sentences of SST-2's development set, behind the quoted scores
QUOTED = "SST-2 development set and STS-B pass on a CPU, DistilBERT paper"
STORED = "test sets of the pocket pair; latency of this race"
NOW = "our own labelled sentences, computed now; latency of this race"
TEACHER_TIME = Interval(1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class ModelPoint:
    """One model in the plot of accuracy against latency."""

    name: str
    key: str  # contestant
    kind: str  # quoted or measured
    time: Interval  # per pass, as a share of its own teacher's
    score: Interval  # % of sentences whose sentiment is right
    remark: str  # where both come from


def points(
    pair: str, result: Result | None, scores: Mapping[str, Interval] | None = None
) -> tuple[ModelPoint, ...]:
    """The quoted teacher and student, then each contestant that raced and has a score.

    `scores` are computed now, by contestant; without them those stored with the pocket pair are
    used, for a race of the same pair. Contestants that did not race against the pair's teacher are
    left out.
    """
    quoted = _quoted("teacher", "BERT-base"), _quoted("student", "DistilBERT")
    if result is None or "teacher" not in result.settings.contestants:
        return quoted
    if scores is None and result.settings.pair != pair:
        return quoted
    accuracy = scores or (stored.sentiment_accuracy() if pair == "pocket" else {})
    times = {"teacher": TEACHER_TIME} | {
        duel.second: _time_share(duel) for duel in result.duels if duel.first == "teacher"
    }
    remark = NOW if scores else STORED
    measured = [
        ModelPoint(CONTESTANTS[key].name, key, "measured", time, accuracy[key], remark)
        for key, time in times.items()
        if key in accuracy
    ]
    return (*quoted, *measured)


def _quoted(role: str, name: str) -> ModelPoint:
    time = TEACHER_TIME if role == "teacher" else Interval(*[facts.kept("seconds") / 100] * 3)
    percent = facts.value(f"glue_sst2_{role}")
    low, high = wilson(round(percent / 100 * DEVELOPMENT), DEVELOPMENT)
    score = Interval(percent, 100 * low, 100 * high)
    return ModelPoint(f"{name}, quoted", role, "quoted", time, score, QUOTED)


def _time_share(duel: Duel) -> Interval:
    """The second's time as a share of the first's; an open interval is cut at twice the share."""
    share = 1 / duel.ratio.estimate
    return Interval(share, 1 / duel.ratio.high, 1 / duel.ratio.low if duel.ratio.low else 2 * share)
