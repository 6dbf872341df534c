"""Shapley values by sampling (Castro et al., 2009): what a piece adds, averaged over all orders.

Pieces are put into the baseline one after the other, in a random order and then in its reverse
(antithetic sampling, which reduces the variance), and each is credited with the rise of F. Every
order adds up to the whole difference, so the sum is exact; the standard error says how precise each
score is. F of each coalition is computed once. For short text: an order costs one forward pass per
piece.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from explain.attribution.function import CoalitionCache, Function
from explain.attribution.methods.method import AttributionStep, Method
from explain.records import InputError

MOST_PIECES = 48  # ordinary pieces of a text
MOST_PAIRS = 2_000  # orders, each with its reverse
MOST_COALITIONS = 4_000  # of which F is computed
PAIRS_AT_ONCE = 4  # at first; later a quarter of those there are
TOLERANCE = 0.05  # standard error, relative to the largest score


def shapley(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0, tolerance: float = TOLERANCE
) -> Iterator[AttributionStep]:
    """Converged when no standard error is above `tolerance` of the largest score."""
    players = function.ordinary
    if len(players) > MOST_PIECES:
        raise InputError(
            f"Shapley values are for short text: this has {len(players)} word pieces, the limit is "
            f"{MOST_PIECES}. Shorten it, or choose another method."
        )
    coalitions = CoalitionCache(function, [(player,) for player in players], ends)
    targets = len(ends[0])
    generator = random.Random(seed)
    pairs: list[Tensor] = []  # (targets, players) each, the mean of an order and its reverse
    while True:
        more = range(max(PAIRS_AT_ONCE, len(pairs) // 4))
        orders = [generator.sample(range(len(players)), len(players)) for _ in more]
        both_ways = [way for order in orders for way in (order, order[::-1])]
        coalitions.values(mask for order in both_ways for mask in _prefixes(order))
        pairs += [
            (_credits(order, coalitions) + _credits(order[::-1], coalitions)) / 2
            for order in orders
        ]
        samples = torch.stack(pairs)
        moments = torch.zeros(2, targets, function.count)  # mean, standard error
        moments[:, :, list(players)] = torch.stack(
            [samples.mean(0), samples.std(0) / len(pairs) ** 0.5]
        )
        scores, errors = moments[0], moments[1].amax(-1)
        converged = tuple((errors <= tolerance * scores.abs().amax(-1)).tolist())
        yield AttributionStep(scores, 2 * len(pairs), converged, tuple(errors.tolist()))
        if all(converged) or len(pairs) >= MOST_PAIRS or len(coalitions) >= MOST_COALITIONS:
            return


def _credits(order: Sequence[int], coalitions: CoalitionCache) -> Tensor:
    """The rise of F as each player joins, (targets, players)."""
    values = coalitions.values(_prefixes(order))
    credits = torch.zeros(values.shape[1], len(order))
    credits[:, list(order)] = values.diff(dim=0).T
    return credits


def _prefixes(order: Sequence[int]) -> list[int]:
    """The coalitions along an order, from empty to whole."""
    masks = [0]
    for player in order:
        masks.append(masks[-1] | 1 << player)
    return masks


METHOD = Method(
    name="Shapley values",
    summary="The mean rise of the logit as a piece joins the others in random order, by sampling.",
    steps=shapley,
    passes=lambda pieces: (2 * PAIRS_AT_ONCE * max(0, pieces - 1), MOST_COALITIONS),
    uses_gradients=False,
    adds_up=True,
    most_pieces=MOST_PIECES,
)
