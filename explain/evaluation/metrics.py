"""Scores and their uncertainty: from tallies, numbers of each row that add up.

A row's tally says, say, how many entities were found, predicted and named. Every metric here is a
ratio of sums of tallies, so that a bootstrap over rows only has to weigh the rows anew. Intervals
hold 95 %. Nothing here knows a model.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.statistics import wilson

Numbers = NDArray[np.float64]

RESAMPLES, SEED = 1000, 0
BINS = 15  # of the calibration error
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Metric:
    """A ratio of two weighted sums of tally columns."""

    name: str
    over: dict[str, float]  # column -> weight
    under: dict[str, float]
    proportion: bool = False  # hits over trials: Wilson's interval where a row is one trial
    gain: bool = True  # False where less is better


@dataclass(frozen=True, slots=True)
class MetricEstimate:
    """A score with its interval of 95 %."""

    value: float
    low: float
    high: float


COLUMNS = {
    "sentiment": ("rows", "right", "loss"),
    "ner": ("found", "predicted", "named", "words", "loss"),
    "multiple_choice": ("rows", "right", "chance", "loss"),
    "question_answering": ("rows", "exact", "f1"),
    "fill_mask": ("masks", "top1", "top5", "loss"),
}
METRICS = {  # the first of each head is the one it is known by
    "sentiment": (
        Metric("accuracy", {"right": 1}, {"rows": 1}, proportion=True),
        Metric("loss", {"loss": 1}, {"rows": 1}, gain=False),
    ),
    "ner": (
        Metric("f1", {"found": 2}, {"predicted": 1, "named": 1}),
        Metric("precision", {"found": 1}, {"predicted": 1}),
        Metric("recall", {"found": 1}, {"named": 1}),
        Metric("loss", {"loss": 1}, {"words": 1}, gain=False),
    ),
    "multiple_choice": (
        Metric("points_above_chance", {"right": 100, "chance": -100}, {"rows": 1}),
        Metric("accuracy", {"right": 1}, {"rows": 1}, proportion=True),
        Metric("loss", {"loss": 1}, {"rows": 1}, gain=False),
    ),
    "question_answering": (
        Metric("f1", {"f1": 1}, {"rows": 1}),
        Metric("exact_match", {"exact": 1}, {"rows": 1}, proportion=True),
    ),
    "fill_mask": (
        Metric("top5", {"top5": 1}, {"masks": 1}, proportion=True),
        Metric("top1", {"top1": 1}, {"masks": 1}, proportion=True),
        Metric("loss", {"loss": 1}, {"masks": 1}, gain=False),
    ),
}


def estimates(head: str, tallies: Numbers) -> dict[str, MetricEstimate]:
    """Every metric of one head over `tallies` (rows, columns), by name."""
    resampled = _resampled(tallies)
    return {
        metric.name: _estimate(metric, COLUMNS[head], tallies, resampled)
        for metric in METRICS[head]
    }


def kept(head: str, teacher: Numbers, student: Numbers) -> dict[str, MetricEstimate]:
    """The share of the teacher's score that the student keeps, for every metric to be raised.

    Both read the same rows, so each resample draws the same rows for both. A share of next to
    nothing (the teacher's own interval reaches zero) is left out.
    """
    columns = COLUMNS[head]
    pairs = _resampled(np.concatenate([teacher, student], axis=1))
    shares = {}
    for metric in METRICS[head]:
        whole = _value(metric, columns, teacher.sum(0))
        of = _value(metric, columns, pairs[:, : len(columns)])
        if not metric.gain or whole <= 0 or np.quantile(of, 0.025) <= 0:
            continue
        share = _value(metric, columns, student.sum(0)) / whole
        ratios = _ratio(_value(metric, columns, pairs[:, len(columns) :]), of)
        shares[metric.name] = _with_spread(float(share), ratios)
    return shares


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error (Guo et al., 1706.04599) over 15 bins of equal width.

    The mean distance, over predictions, between a bin's mean confidence and its accuracy.
    """
    confident, hits = np.asarray(confidences, float), np.asarray(right, float)
    which = np.clip(np.ceil(confident * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(which, confident - hits, BINS)
    return float(np.abs(gaps).sum() / len(confident))


def entities(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """(kind, first word, last word) of every entity in BIO tags, as seqeval reads them.

    B- starts an entity; I- goes on with one of its own kind, or else starts one.
    """
    found = []
    kind, first = "", 0
    for number, tag in enumerate([*tags, "O"]):
        prefix, _, own = tag.partition("-")
        if kind and (prefix != "I" or own != kind):
            found.append((kind, first, number - 1))
            kind = ""
        if prefix != "O" and not kind:
            kind, first = own, number
    return set(found)


def normalise(answer: str) -> str:
    """SQuAD's form of an answer: lower case, no punctuation, no articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, wanted: Sequence[str]) -> float:
    """1.0 if the answer equals one of those wanted, after SQuAD's normalisation, else 0.0."""
    return float(any(normalise(answer) == normalise(one) for one in wanted))


def answer_f1(answer: str, wanted: Sequence[str]) -> float:
    """SQuAD's F1 over the words of the answer, the best over those wanted."""
    return max(_word_f1(normalise(answer).split(), normalise(one).split()) for one in wanted)


def _word_f1(answer: list[str], wanted: list[str]) -> float:
    if not answer or not wanted:
        return float(answer == wanted)
    common = sum((Counter(answer) & Counter(wanted)).values())
    return 2 * common / (len(answer) + len(wanted))


def _estimate(
    metric: Metric, columns: tuple[str, ...], tallies: Numbers, resampled: Numbers
) -> MetricEstimate:
    sums = tallies.sum(0)
    value = float(_value(metric, columns, sums))
    trials = _weighted(metric.under, columns, tallies)
    if metric.proportion and bool((trials == 1).all()):
        successes = round(_weighted(metric.over, columns, sums).item())
        return MetricEstimate(value, *wilson(successes, len(tallies)))
    return _with_spread(value, _value(metric, columns, resampled))


def _with_spread(value: float, resampled: Numbers) -> MetricEstimate:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return MetricEstimate(value, float(low), float(high))


def _value(metric: Metric, columns: tuple[str, ...], sums: Numbers) -> Numbers:
    over = _weighted(metric.over, columns, sums)
    return _ratio(over, _weighted(metric.under, columns, sums))


def _weighted(weights: dict[str, float], columns: tuple[str, ...], sums: Numbers) -> Numbers:
    return sums @ np.array([weights.get(name, 0.0) for name in columns])


def _ratio(over: Numbers, under: Numbers) -> Numbers:
    """A share of nothing counts as zero."""
    return np.divide(over, under, out=np.zeros_like(over, dtype=float), where=under != 0)


def _resampled(tallies: Numbers) -> Numbers:
    """Sums (resamples, columns) over rows drawn with replacement; the same draw on every call."""
    return np.concatenate([weights @ tallies for weights in _weights(len(tallies))])


def _weights(rows: int, at_once: int = 20) -> Iterator[NDArray[np.int64]]:
    draw = np.random.default_rng(SEED)
    for _ in range(RESAMPLES // at_once):
        yield draw.multinomial(rows, np.full(rows, 1 / rows), size=at_once)
