"""Rank correlations against scipy's, ties and all."""

from __future__ import annotations

import random

import pytest
from scipy import stats

from explain.attribution.ranks import kendall, ranks, spearman


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]


@pytest.mark.parametrize("seed", range(20))
def test_they_equal_scipys(seed: int) -> None:
    draw = random.Random(seed)
    levels = draw.choice([2, 5, 1000])
    first = [float(draw.randrange(levels)) for _ in range(25)]
    second = [float(draw.randrange(levels)) + first[i] * draw.random() for i in range(25)]
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert kendall(first, second) == pytest.approx(stats.kendalltau(first, second).statistic)


@pytest.mark.parametrize("measure", [spearman, kendall])
def test_no_order_is_no_correlation(measure: object) -> None:
    assert measure([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) == 0.0
    assert measure([1.0], [2.0]) == 0.0
    assert measure([], []) == 0.0
