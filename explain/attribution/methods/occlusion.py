"""Leave one out: how far F falls when a single piece is replaced by the baseline.

Each score is exact and stands alone. They promise no sum: two words that say the same each score
near zero, because the other is still there.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from explain.attribution.function import Function
from explain.attribution.methods.step import Partial


def occlusion(function: Function, ends: tuple[Tensor, Tensor], seed: int = 0) -> Iterator[Partial]:
    """One forward pass a piece; converged when every piece has had its turn."""
    value, _ = ends
    ordinary = torch.tensor(function.ordinary, dtype=torch.long)
    scores = torch.zeros(len(value), function.count)
    targets, done = len(value), 0
    yield Partial(scores, 0, (not function.ordinary,) * targets, (0.0,) * targets)
    for found in function.kept_in_turn(without_one(function)):
        scores = scores.clone()
        scores[:, ordinary[done : done + len(found)]] = (value - found).T
        done += len(found)
        yield Partial(scores, done, (done == len(ordinary),) * targets, (0.0,) * targets)


def without_one(function: Function) -> Tensor:
    """Every way to leave out one ordinary piece: (ordinary, pieces) of bool."""
    keep = torch.ones(len(function.ordinary), function.count, dtype=torch.bool)
    keep[torch.arange(len(keep)), list(function.ordinary)] = False
    return keep
