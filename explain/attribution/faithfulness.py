"""Does the answer go when the words that are said to matter go? Deletion, with controls.

Comprehensiveness and sufficiency (DeYoung et al., 1911.03429): the mean fall of F as units are
replaced in the order of their scores, and the mean shortfall as only the first are kept. Raw, they
cannot be compared between models (2408.08137): each is put between the worst (0) and the best (1)
order that a greedy search finds for this model and this input, and set beside random orders. A text
full of [MASK] is none that the models were trained on, so even a true order is tested by odd text.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from statistics import fmean, pstdev

from explain.attribution.edits import request_again
from explain.attribution.function import CoalitionCache
from explain.attribution.records import Attribution, Word
from explain.attribution.request import function_of
from explain.attribution.results import AgainstChance, Faithfulness
from explain.models import Loaded
from explain.statistics import kendall

MOST_UNITS = 24  # beyond, neighbouring words are replaced together
ORDERS = 20  # random orders to compare with

Order = Sequence[int]  # units, the first to go first


def faithfulness(
    attribution: Attribution, loaded: Loaded, seed: int = 0, orders: int = ORDERS
) -> Faithfulness:
    """Test one attribution of `loaded` by replacing what it points at; `seed` draws the control."""
    began = time.perf_counter()
    function = function_of(request_again(attribution, loaded), loaded, attribution.baseline)
    units = _units(attribution.words)
    scores = [sum(word.score for word in unit) for unit in units]
    pieces = [[piece for word in unit for piece in word.pieces] for unit in units]
    trial = _Trial(CoalitionCache(function, pieces, function.ends()), len(units))
    generator = random.Random(seed)
    chance = [generator.sample(range(len(units)), len(units)) for _ in range(orders)]
    own = sorted(range(len(units)), key=lambda i: -scores[i])
    best, worst = trial.search(lowest=True), trial.search(lowest=False)
    areas = [trial.area(order) for order in (own, own[::-1], best, worst, best[::-1], worst[::-1])]
    areas += [trial.area(way) for order in chance for way in (order, order[::-1])]
    low, high = min(areas), max(areas)

    def placed(order: Order) -> float:
        return (trial.area(order) - low) / (high - low) if high > low else 0.5

    alone = trial.alone()
    return Faithfulness(
        units=tuple(" ".join(word.text for word in unit) for unit in units),
        comprehensiveness=_against(placed(own), [placed(order) for order in chance], True),
        sufficiency=_against(placed(own[::-1]), [placed(order[::-1]) for order in chance], False),
        comprehensiveness_logits=trial.area(own),
        sufficiency_logits=trial.area(own[::-1]),
        tau=_against(
            kendall(scores, alone), [kendall(_descending(order), alone) for order in chance], True
        ),
        deletion=tuple(trial.curve(own)),
        deletion_chance=tuple(map(fmean, zip(*map(trial.curve, chance), strict=True))),
        deletion_best=tuple(trial.curve(max((own, best, *chance), key=trial.area))),
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


class _Trial:
    """F of one target as units are replaced one after the other."""

    def __init__(self, coalitions: CoalitionCache, count: int) -> None:
        self.coalitions = coalitions
        self.count = count

    def curve(self, order: Order) -> list[float]:
        """F with the first 0, 1, ... all units of an order replaced."""
        masks = [self.coalitions.whole]
        for unit in order:
            masks.append(masks[-1] & ~(1 << unit))
        return self._values(masks)

    def area(self, order: Order) -> float:
        """The mean fall of F along an order; that of the reverse order is its sufficiency."""
        first, *rest = self.curve(order)
        return fmean(first - value for value in rest) if rest else 0.0

    def alone(self) -> list[float]:
        """The fall of F as each unit alone is replaced."""
        whole = self.coalitions.whole
        values = self._values([whole, *(whole & ~(1 << unit) for unit in range(self.count))])
        return [values[0] - value for value in values[1:]]

    def search(self, lowest: bool) -> Order:
        """Replace, each time, the unit that leaves F lowest (or highest)."""
        mask, order = self.coalitions.whole, []
        left = list(range(self.count))
        while left:
            values = self._values([mask & ~(1 << unit) for unit in left])
            chosen = left.pop(values.index(min(values) if lowest else max(values)))
            mask &= ~(1 << chosen)
            order.append(chosen)
        return order

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
