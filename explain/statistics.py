"""Confidence intervals, tests, quantiles and rank correlations.

A ratio of times is taken lap by lap (`paired_ratio`), so that whatever slows the whole machine for
a while slows both sides of the fraction. Its interval is a percentile bootstrap of the median over
blocks of neighbouring laps (Efron 1979; Politis and Romano 1992, circular blocks): neighbouring
laps are correlated, so a bootstrap of single laps would give too narrow an interval. Two models
that answered the same items are compared by McNemar's exact test (1947) on the items where exactly
one of them is right. SciPy is imported when first needed: its statistics take a second to import.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

MARGIN = 0.01  # of the ratio: a difference of less than 1 % is not reported
FEWEST_LAPS = 10  # for an interval
DRAWS = 2_000
BLOCK = 6  # laps resampled together; laps farther apart are hardly correlated


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the interval around it."""

    estimate: float
    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Half, 90 % and 99 % of the values are at most this."""

    p50: float
    p90: float
    p99: float


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided p-value of the hypothesis that two models are right equally often.

    `only_first` counts the items that only the first model has right, `only_second` those that only
    the second has. Under the hypothesis either model is as likely to have such an item right. 1
    when there is none.
    """
    from scipy.stats import binomtest

    assert only_first >= 0 and only_second >= 0
    n = only_first + only_second
    return float(binomtest(only_first, n).pvalue) if n else 1.0


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion, both ends in 0..1; (0, 1) when `n` is 0."""
    from scipy.stats import binomtest

    assert 0 <= successes <= n and 0 < confidence < 1
    if n == 0:
        return 0.0, 1.0
    interval = binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Student's t interval of the mean of two or more values."""
    from scipy.stats import t

    mean, error = fmean(values), stdev(values) / len(values) ** 0.5
    half = error * float(t.ppf(0.5 + confidence / 2, len(values) - 1))
    return mean - half, mean + half


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Rank correlation rho, -1..1; 0 where one list has no order (all equal, or one value)."""
    if not _is_ordered(first) or not _is_ordered(second):
        return 0.0
    from scipy.stats import spearmanr

    return float(spearmanr(first, second).statistic)


def kendall(first: Sequence[float], second: Sequence[float]) -> float:
    """Rank correlation tau-b, -1..1; 0 where one list has no order (all equal, or one value)."""
    if not _is_ordered(first) or not _is_ordered(second):
        return 0.0
    from scipy.stats import kendalltau

    return float(kendalltau(first, second).statistic)


def _is_ordered(values: Sequence[float]) -> bool:
    return len(set(values)) > 1


def quantiles(values: Sequence[float]) -> Quantiles:
    """Median, 90th and 99th percentile, linearly interpolated; `values` must not be empty."""
    p50, p90, p99 = np.quantile(np.asarray(values, dtype=float), (0.5, 0.9, 0.99)).tolist()
    return Quantiles(p50, p90, p99)


def paired_ratio(
    first: Sequence[float],
    second: Sequence[float],
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
    block: int = BLOCK,
) -> Interval:
    """How many times as fast the second is: the median of first / second, lap by lap.

    `first` and `second` are the times of the same laps, in the same unit, all above 0. Fewer than
    `FEWEST_LAPS` laps give the interval 0 to infinity.
    """
    ratios = np.asarray(first, dtype=float) / np.asarray(second, dtype=float)
    middle = float(np.median(ratios))
    if len(ratios) < FEWEST_LAPS:
        return Interval(middle, 0.0, math.inf, confidence)
    random = np.random.default_rng(seed)
    block = max(1, min(block, len(ratios) // 8))  # enough blocks to draw from
    starts = random.integers(len(ratios), size=(draws, -(-len(ratios) // block), 1))
    places = (starts + np.arange(block)).reshape(draws, -1)[:, : len(ratios)]
    drawn = ratios[places % len(ratios)]
    outside = (1 - confidence) / 2
    low, high = np.quantile(np.median(drawn, axis=1), (outside, 1 - outside)).tolist()
    return Interval(middle, low, high, confidence)


def verdict(ratio: Interval, margin: float = MARGIN) -> str:
    """`faster`, `slower` or `inconclusive`, of the second against the first.

    The whole interval must lie beyond 1 by `margin`: if a 95 % interval only had to exclude 1, one
    race in twenty of a model against itself would have a winner.
    """
    if ratio.low > 1 + margin:
        return "faster"
    if ratio.high < 1 / (1 + margin):
        return "slower"
    return "inconclusive"
