"""Intervals, p-values and correlations by their definitions; verdicts on races with a known end."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import combinations
from statistics import NormalDist, correlation, fmean

import numpy as np
import pytest
from scipy import stats

from explain.statistics import (
    Interval,
    kendall,
    mcnemar_exact,
    mean_interval,
    paired_ratio,
    quantiles,
    spearman,
    verdict,
    wilson,
)


@pytest.mark.parametrize("confidence", [0.95, 0.8])
@pytest.mark.parametrize(("successes", "n"), [(0, 7), (7, 7), (1, 2), (81, 263), (991, 1000)])
def test_wilson_solves_its_equation(successes: int, n: int, confidence: float) -> None:
    """Each end p of the interval lies z standard errors, sqrt(p (1 - p) / n), from the share."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    for end in wilson(successes, n, confidence):
        assert (successes / n - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / n, abs=1e-12)


def test_wilson_of_nothing_is_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 9), (9, 3), (40, 41)])
def test_mcnemar_counts_the_throws_of_a_coin(first: int, second: int) -> None:
    n = first + second
    tail = sum(math.comb(n, k) for k in range(min(first, second) + 1)) / 2**n
    assert mcnemar_exact(first, second) == pytest.approx(min(1.0, 2 * tail), rel=1e-9)


def test_mcnemar_by_hand() -> None:
    assert mcnemar_exact(0, 0) == 1.0
    assert mcnemar_exact(0, 5) == pytest.approx(2 / 32)
    assert mcnemar_exact(1, 5) == pytest.approx(14 / 64)
    assert mcnemar_exact(4, 4) == 1.0


def ranks(values: list[float]) -> list[float]:
    """1 for the smallest; equal values share the mean of their ranks."""
    return [
        fmean(rank for rank, other in enumerate(sorted(values), 1) if other == value)
        for value in values
    ]


@pytest.mark.parametrize("seed", range(20))
def test_rank_correlations_by_their_definitions_ties_and_all(seed: int) -> None:
    draw = random.Random(seed)
    levels = draw.choice([2, 5, 1000])
    first = [float(draw.randrange(levels)) for _ in range(25)]
    second = [float(draw.randrange(levels)) + first[i] * draw.random() for i in range(25)]
    signs = [
        (np.sign(a - c), np.sign(b - d))
        for (a, b), (c, d) in combinations(zip(first, second, strict=True), 2)
    ]
    ordered = sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs)
    assert kendall(first, second) == pytest.approx(sum(a * b for a, b in signs) / ordered**0.5)
    assert spearman(first, second) == pytest.approx(correlation(ranks(first), ranks(second)))


@pytest.mark.parametrize("measure", [spearman, kendall])
def test_no_order_is_no_correlation(measure: Callable[..., float]) -> None:
    assert measure([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) == 0.0
    assert measure([1.0], [2.0]) == 0.0
    assert measure([], []) == 0.0


def test_quantiles_lie_between_neighbours() -> None:
    found = quantiles(range(101))
    assert (found.p50, found.p90, found.p99) == (50, 90, 99)
    assert quantiles([1.0, 2.0]).p90 == pytest.approx(1.9)


def test_what_slows_both_sides_of_a_lap_leaves_the_ratio_alone() -> None:
    drift = np.linspace(1, 5, 40)
    found = paired_ratio(3.4 * drift, 2.0 * drift)
    assert (found.estimate, found.low, found.high) == pytest.approx((1.7, 1.7, 1.7))


def test_a_few_laps_have_no_interval_and_no_winner() -> None:
    found = paired_ratio([2.0] * 9, [1.0] * 9)
    assert (found.estimate, found.low, found.high) == (2.0, 0.0, math.inf)
    assert verdict(found) == "inconclusive"


def test_the_interval_is_scipys_bootstrap_of_the_median() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.gamma(9, size=60), generator.gamma(6, size=60)
    wanted = stats.bootstrap(
        (first / second,), np.median, method="percentile", n_resamples=5_000, rng=2
    ).confidence_interval
    found = paired_ratio(first, second, draws=5_000, block=1)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=0.02)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.99, 1.02, "inconclusive"),
        (1.001, 1.02, "inconclusive"),  # misses 1, by less than what is called a difference
        (1.02, 1.05, "faster"),
        (0.95, 0.98, "slower"),
        (0.98, 0.995, "inconclusive"),
    ],
)
def test_the_whole_interval_must_lie_beyond_one(low: float, high: float, said: str) -> None:
    assert verdict(Interval((low + high) / 2, low, high)) == said


def simulated(slowed: float, seed: int, laps: int = 60) -> Interval:
    """A race on a machine that drifts, jitters by 3 % and is interrupted now and then."""
    generator = np.random.default_rng(seed)
    drift = np.exp(np.cumsum(generator.normal(0, 0.01, laps)))[:, None]
    jitter = generator.lognormal(0, 0.03, (laps, 2))
    interrupted = 1 + (generator.random((laps, 2)) < 0.05) * generator.exponential(1, (laps, 2))
    times = drift * jitter * interrupted * (slowed, 1)
    return paired_ratio(times[:, 0], times[:, 1], draws=500, seed=seed)


def test_a_simulated_race_of_equals_has_no_winner() -> None:
    found = [verdict(simulated(1.0, seed)) for seed in range(200)]
    assert found.count("inconclusive") >= 190


def test_laps_that_are_like_their_neighbours_get_an_interval_as_wide_as_their_noise() -> None:
    covered = {1: 0, 6: 0}
    for seed in range(200):
        noise = np.random.default_rng(seed).normal(0, 0.03, 64)
        alike = np.convolve(noise, [0.5, 0.5, 0.5, 0.5], "valid")[:60]  # each lap like three others
        for block in covered:
            found = paired_ratio(np.exp(alike), np.ones(60), draws=500, seed=seed, block=block)
            covered[block] += found.low <= 1 <= found.high
    assert covered[1] < 160 < 175 < covered[6]


@pytest.mark.parametrize("slowed", [1.05, 1.1, 1.2])
def test_a_simulated_race_finds_a_known_difference(slowed: float) -> None:
    found = [simulated(slowed, seed) for seed in range(200)]
    assert sum(one.low <= slowed <= one.high for one in found) >= 180
    assert sum(verdict(one) == "faster" for one in found) >= 190


def test_the_interval_of_a_mean_is_that_of_the_tables() -> None:
    low, high = mean_interval([1.0, 2.0, 3.0])
    assert (low + high) / 2 == pytest.approx(2.0)
    assert (high - low) / 2 == pytest.approx(4.30265 / 3**0.5, rel=1e-4)  # t of two degrees: 4.303
