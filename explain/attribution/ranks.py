"""Do two lists of numbers put the same things in the same order? Spearman's rho, Kendall's tau."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations


def ranks(values: Sequence[float]) -> list[float]:
    """1 for the smallest; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    found = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for position in range(first, last + 1):
            found[order[position]] = (first + last) / 2 + 1
        first = last + 1
    return found


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Correlation of the ranks, -1..1; 0 where one list has no order (all equal, or one value)."""
    a, b = ranks(first), ranks(second)
    mean = (len(a) + 1) / 2
    shared = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    spread = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    return shared / spread**0.5 if spread else 0.0


def kendall(first: Sequence[float], second: Sequence[float]) -> float:
    """Tau-b: pairs in the same order less those in opposite order, -1..1; 0 where no order is."""
    same = ordered_first = ordered_second = 0
    for (a, b), (c, d) in combinations(zip(first, second, strict=True), 2):
        one, other = (a > c) - (a < c), (b > d) - (b < d)
        same += one * other
        ordered_first += one != 0
        ordered_second += other != 0
    ordered = ordered_first * ordered_second
    return same / ordered**0.5 if ordered else 0.0
