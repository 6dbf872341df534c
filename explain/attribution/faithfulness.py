"""Does F fall when the words with the highest scores are deleted? Deletion tests, with controls.

Comprehensiveness and sufficiency (DeYoung et al., 1911.03429): the mean fall of F as units are
rescaled in the order of their scores, and the mean shortfall as only the first are kept. Raw, they
cannot be compared between models (2408.08137): each is scaled from the worst (0) to the best (1)
order that a greedy search finds for this model and this input, and compared with random orders. The
models were not trained on texts full of [MASK], so even a correct order is tested off distribution.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from statistics import fmean, pstdev

from explain.attribution.edits import request_again
from explain.attribution.function import CoalitionCache
from explain.attribution.records import Attribution, Word
from explain.attribution.request import function_of
from explain.attribution.results import AgainstChance, Faithfulness
from explain.models import Loaded
from explain.statistics import kendall

MOST_UNITS = 24  # of a longer text, neighbouring words are rescaled together
ORDERS = 20  # random orders to compare with

Order = Sequence[int]  # units, the first to go first


def faithfulness(
    attribution: Attribution, loaded: Loaded, seed: int = 0, orders: int = ORDERS
) -> Faithfulness:
    """The result of `faithfulness_steps`."""
    steps = faithfulness_steps(attribution, loaded, seed, orders)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Faithfulness = end.value
            return result


def faithfulness_steps(
    attribution: Attribution, loaded: Loaded, seed: int = 0, orders: int = ORDERS
) -> Generator[float, None, Faithfulness]:
    """Test an attribution of `loaded` by deletion; `seed` draws the random orders.

    Gives the share of the work that is done, 0..1, then the result. Close it to cancel.
    """
    began = time.perf_counter()
    function = function_of(request_again(attribution, loaded), loaded, attribution.baseline)
    units = _units(attribution.words)
    scores = [sum(word.score for word in unit) for unit in units]
    pieces = [[piece for word in unit for piece in word.pieces] for unit in units]
    deletion = _Deletion(CoalitionCache(function, pieces, function.ends()), len(units))
    generator = random.Random(seed)
    chance = [generator.sample(range(len(units)), len(units)) for _ in range(orders)]
    by_score = sorted(range(len(units)), key=lambda i: -scores[i])
    best: list[int] = []
    worst: list[int] = []
    steps = 2 * len(units) + len(chance) + 1
    for done, _ in enumerate(deletion.evaluate(best, worst, (by_score, *chance)), start=1):
        yield done / steps
    scaled = deletion.scale((by_score, best, worst, *chance))
    alone = deletion.alone()
    return Faithfulness(
        units=tuple(" ".join(word.text for word in unit) for unit in units),
        comprehensiveness=_against(scaled(by_score), [scaled(order) for order in chance], True),
        sufficiency=_against(
            scaled(by_score[::-1]), [scaled(order[::-1]) for order in chance], False
        ),
        comprehensiveness_logits=deletion.area(by_score),
        sufficiency_logits=deletion.area(by_score[::-1]),
        tau=_against(
            kendall(scores, alone), [kendall(_descending(order), alone) for order in chance], True
        ),
        deletion=tuple(deletion.curve(by_score)),
        deletion_chance=tuple(map(fmean, zip(*map(deletion.curve, chance), strict=True))),
        deletion_best=tuple(deletion.curve(max((by_score, best, *chance), key=deletion.area))),
        orders=orders,
        seed=seed,
        baseline=attribution.baseline,
        forward_passes=function.forward_passes,
        seconds=time.perf_counter() - began,
    )


def _units(words: Sequence[Word]) -> list[Sequence[Word]]:
    """At most `MOST_UNITS` groups of neighbouring words."""
    size = max(1, -(-len(words) // MOST_UNITS))
    return [words[start : start + size] for start in range(0, len(words), size)]


class _Deletion:
    """F of one target as units are rescaled one after the other."""

    def __init__(self, coalitions: CoalitionCache, count: int) -> None:
        self.coalitions = coalitions
        self.count = count

    def curve(self, order: Order) -> list[float]:
        """F with the first 0, 1, ... all units of an order rescaled."""
        masks = [self.coalitions.whole]
        for unit in order:
            masks.append(masks[-1] & ~(1 << unit))
        return self._values(masks)

    def area(self, order: Order) -> float:
        """The mean fall of F along an order; that of the reverse order is its sufficiency."""
        first, *rest = self.curve(order)
        return fmean(first - value for value in rest) if rest else 0.0

    def scale(self, orders: Sequence[Order]) -> Callable[[Order], float]:
        """The area of an order from the lowest (0) to the highest (1) of some, read both ways."""
        areas = [self.area(way) for order in orders for way in (order, order[::-1])]
        low, high = min(areas), max(areas)
        return lambda order: (self.area(order) - low) / (high - low) if high > low else 0.5

    def alone(self) -> list[float]:
        """The fall of F as each unit alone is rescaled."""
        whole = self.coalitions.whole
        values = self._values([whole, *(whole & ~(1 << unit) for unit in range(self.count))])
        return [values[0] - value for value in values[1:]]

    def evaluate(self, best: list[int], worst: list[int], orders: Sequence[Order]) -> Iterator[int]:
        """Fill `best` and `worst` by greedy search; then F along all orders is at hand.

        Gives the number of units placed or of orders evaluated, step by step.
        """
        yield from self._search(best, lowest=True)
        yield from self._search(worst, lowest=False)
        for number, order in enumerate(orders, start=1):
            self.curve(order)
            self.curve(order[::-1])
            yield number

    def _search(self, order: list[int], lowest: bool) -> Iterator[int]:
        """Replace, each time, the unit that leaves F lowest (or highest)."""
        mask, left = self.coalitions.whole, list(range(self.count))
        while left:
            values = self._values([mask & ~(1 << unit) for unit in left])
            chosen = left.pop(values.index(min(values) if lowest else max(values)))
            mask &= ~(1 << chosen)
            order.append(chosen)
            yield len(order)

    def _values(self, masks: Sequence[int]) -> list[float]:
        return self.coalitions.values(masks)[:, 0].tolist()


def _descending(order: Order) -> list[float]:
    """Scores that would give an order: the first unit's is the highest."""
    scores = [0.0] * len(order)
    for position, unit in enumerate(order):
        scores[unit] = -float(position)
    return scores


def _against(value: float, chance: Sequence[float], higher_is_better: bool) -> AgainstChance:
    worse = sum(other < value if higher_is_better else other > value for other in chance)
    return AgainstChance(value, fmean(chance), pstdev(chance), worse / len(chance))
