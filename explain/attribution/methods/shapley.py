"""Shapley values by sampling (Castro et al., 2009): what a piece adds, averaged over all orders.

Pieces are put into the baseline one after the other, in a random order and then in its reverse
(which evens out much of the chance), and each is credited with the rise of F. Every order adds up
to the whole difference, so the sum is exact and the standard error tells how good each score is.
F of a set of pieces is computed once. For short text: an order costs a forward pass a piece.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from explain.attribution.function import Function
from explain.attribution.methods.coalitions import Sets
from explain.attribution.methods.step import Partial
from explain.records import InputError

MOST_PIECES = 48  # ordinary pieces of a text
MOST_PAIRS = 2_000  # orders, each with its reverse
MOST_SETS = 4_000  # sets of pieces that F is computed of
PAIRS_AT_ONCE = 4  # at first; later a quarter more each time
TOLERANCE = 0.05  # standard error, relative to the largest score


def shapley(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0, tolerance: float = TOLERANCE
) -> Iterator[Partial]:
    """Converged when no standard error is above `tolerance` of the largest score."""
    players = function.ordinary
    if len(players) > MOST_PIECES:
        raise InputError(
            f"Shapley values are for short text: this has {len(players)} word pieces, the limit is "
            f"{MOST_PIECES}. Shorten it, or choose integrated gradients."
        )
    sets = Sets(function, [(player,) for player in players], ends)
    targets = len(ends[0])
    generator = random.Random(seed)
    pairs: list[Tensor] = []  # (targets, players) each, the mean of an order and its reverse
    while True:
        more = range(max(PAIRS_AT_ONCE, len(pairs) // 4))
        orders = [generator.sample(range(len(players)), len(players)) for _ in more]
        sets.values(mask for order in orders for mask in _passed(order) + _passed(order[::-1]))
        pairs += [(_credits(order, sets) + _credits(order[::-1], sets)) / 2 for order in orders]
        samples = torch.stack(pairs)
        found = torch.zeros(2, targets, function.count)  # mean, standard error
        found[:, :, list(players)] = torch.stack(
            [samples.mean(0), samples.std(0) / len(pairs) ** 0.5]
        )
        scores, errors = found[0], found[1].amax(-1)
        converged = tuple((errors <= tolerance * scores.abs().amax(-1)).tolist())
        yield Partial(scores, 2 * len(pairs), converged, tuple(errors.tolist()))
        if all(converged) or len(pairs) >= MOST_PAIRS or len(sets) >= MOST_SETS:
            return


def _credits(order: Sequence[int], sets: Sets) -> Tensor:
    """The rise of F as each player joins, (targets, players)."""
    values = sets.values(_passed(order))
    credits = torch.zeros(values.shape[1], len(order))
    credits[:, list(order)] = values.diff(dim=0).T
    return credits


def _passed(order: Sequence[int]) -> list[int]:
    """The sets that an order passes through, from empty to whole."""
    masks = [0]
    for player in order:
        masks.append(masks[-1] | 1 << player)
    return masks
