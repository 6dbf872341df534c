"""Scores with their confidence intervals, from tallies: counts of each row that can be summed.

The tally of a row holds, for instance, how many entities were found, predicted and labelled. Every
metric is a ratio of sums of tallies, so a bootstrap over rows only has to weight the rows anew.
Intervals are of 95 %. Which tallies and metrics a head has is in `explain.evaluation.heads`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.evaluation import heads
from explain.statistics import wilson

Numbers = NDArray[np.float64]

RESAMPLES, SEED = 1000, 0
BINS = 15  # of the calibration error


@dataclass(frozen=True, slots=True)
class Metric:
    """A ratio of two weighted sums of tally columns."""

    name: str
    over: dict[str, float]  # column -> weight
    under: dict[str, float]
    proportion: bool = False  # hits over trials: Wilson's interval where a row is one trial
    gain: bool = True  # False where less is better
    unit: str = "%"  # in which readers see it; a value itself is a ratio

    @property
    def scale(self) -> float:
        """What turns a value into its unit."""
        return 100.0 if self.unit == "%" else 1.0

    def shown(self, value: float) -> str:
        """A value in its unit, rounded."""
        return f"{self.scale * value:.{3 if self.unit == 'nats' else 1}f}"


@dataclass(frozen=True, slots=True)
class MetricEstimate:
    """A score with its interval of 95 %.

    Both ends are None where the sample cannot vary: no resample gives another value.
    """

    value: float
    low: float | None
    high: float | None


def estimates(head: str, tallies: Numbers) -> dict[str, MetricEstimate]:
    """Every metric of one head over `tallies` (rows, columns), by name; none of an empty share.

    So F1 is left out where no entity is labelled or predicted.
    """
    entry, resampled = heads.of(head), _resampled(tallies)
    return {
        metric.name: _estimate(metric, entry.columns, tallies, resampled)
        for metric in entry.metrics
        if _weighted(metric.under, entry.columns, tallies.sum(0)) != 0
    }


def kept(head: str, teacher: Numbers, student: Numbers) -> dict[str, MetricEstimate]:
    """The share of the teacher's score that the student keeps, for metrics where more is better.

    Both read the same rows, so each resample draws the same rows for both. A share of next to
    nothing (the teacher's own interval reaches zero) is left out.
    """
    columns = heads.of(head).columns
    pairs = _resampled(np.concatenate([teacher, student], axis=1))
    shares = {}
    for metric in heads.of(head).metrics:
        whole = _value(metric, columns, teacher.sum(0))
        share = _value(metric, columns, student.sum(0)) / whole if whole > 0 else np.nan
        of = _value(metric, columns, pairs[:, : len(columns)])
        if not metric.gain or np.isnan(share) or np.nanquantile(of, 0.025) <= 0:
            continue
        ratios = _ratio(_value(metric, columns, pairs[:, len(columns) :]), of)
        shares[metric.name] = _with_spread(float(share), ratios)
    return shares


def rate(count: int, total: int) -> dict[str, float]:
    """A proportion and its Wilson interval as plain values, for a report."""
    low, high = wilson(count, total)
    value = count / total if total else 0.0
    return {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5)}


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error (Guo et al., 1706.04599) over 15 bins of equal width.

    The mean distance, over predictions, between a bin's mean confidence and its accuracy.
    """
    confident, hits = np.asarray(confidences, float), np.asarray(right, float)
    which = np.clip(np.ceil(confident * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(which, confident - hits, BINS)
    return float(np.abs(gaps).sum() / len(confident))


def _estimate(
    metric: Metric, columns: tuple[str, ...], tallies: Numbers, resampled: Numbers
) -> MetricEstimate:
    sums = tallies.sum(0)
    value = float(_value(metric, columns, sums))
    trials = _weighted(metric.under, columns, tallies)
    if metric.proportion and bool((trials == 1).all()):
        successes = round(_weighted(metric.over, columns, sums).item())
        return MetricEstimate(value, *wilson(successes, len(tallies)))
    estimate = _with_spread(value, _value(metric, columns, resampled))
    if estimate.low is None and metric.unit == "%" and 0 <= value <= 1:
        rows = int((trials > 0).sum())  # each counts once: all right, or all wrong
        return MetricEstimate(value, *wilson(round(value * rows), rows))
    return estimate


def _with_spread(value: float, resampled: Numbers) -> MetricEstimate:
    """The value with the spread of those resamples in which it is defined."""
    low, high = np.nanpercentile(resampled, [2.5, 97.5]).tolist()
    return (
        MetricEstimate(value, low, high) if high - low > 1e-9 else MetricEstimate(value, None, None)
    )


def _value(metric: Metric, columns: tuple[str, ...], sums: Numbers) -> Numbers:
    over = _weighted(metric.over, columns, sums)
    return _ratio(over, _weighted(metric.under, columns, sums))


def _weighted(weights: dict[str, float], columns: tuple[str, ...], sums: Numbers) -> Numbers:
    return sums @ np.array([weights.get(name, 0.0) for name in columns])


def _ratio(over: Numbers, under: Numbers) -> Numbers:
    """NaN for a share of nothing."""
    nothing = np.full_like(over, np.nan, dtype=float)
    return np.divide(over, under, out=nothing, where=under != 0)


def _resampled(tallies: Numbers) -> Numbers:
    """Sums (resamples, columns) over rows drawn with replacement; the same draw on every call."""
    return np.concatenate([weights @ tallies for weights in _weights(len(tallies))])


def _weights(rows: int, at_once: int = 20) -> Iterator[NDArray[np.int64]]:
    draw = np.random.default_rng(SEED)
    for _ in range(RESAMPLES // at_once):
        yield draw.multinomial(rows, np.full(rows, 1 / rows), size=at_once)
