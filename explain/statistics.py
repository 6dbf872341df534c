"""What may be said of some numbers: intervals, quantiles, and a verdict that can be "inconclusive".

A ratio of times is taken lap by lap (`paired_ratio`), so that what slows the whole machine for a
while slows both sides of the fraction. Its interval is a percentile bootstrap of the median over
blocks of neighbouring laps (Efron 1979; Politis and Romano 1992, circular blocks): laps that follow
each other are alike, so drawn one by one they would promise too narrow an interval. Two models
that answered the same items are compared by McNemar's exact test (1947), which looks at the items
they differ on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MARGIN = 0.01  # of the ratio: a difference of less than 1 % is not called
FEWEST_LAPS = 10  # fewer have no interval worth the name
DRAWS = 2_000
BLOCK = 6  # laps drawn together; what a lap has in common with the fourth after it is noise


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
    """Two-sided p-value that two models are right equally often.

    `only_first` counts the items that the first alone has right, `only_second` those of the
    second. Were they equals, each such item would be a fair coin's throw. 1 when there is none.
    """
    assert only_first >= 0 and only_second >= 0
    n = only_first + only_second
    ways, tail = 1, 0
    for k in range(min(only_first, only_second) + 1):
        tail += ways
        ways = ways * (n - k) // (k + 1)
    return min(1.0, 2 * tail / 2**n)


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

    `first` and `second` are times of the same laps, in any one unit, all above 0. Fewer than
    `FEWEST_LAPS` laps give an interval without ends (0 to infinity).
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

    The whole interval must lie beyond 1 by `margin`: at a 95 % interval that merely missed 1, one
    race in twenty of a model against itself would have a winner.
    """
    if ratio.low > 1 + margin:
        return "faster"
    if ratio.high < 1 / (1 + margin):
        return "slower"
    return "inconclusive"
