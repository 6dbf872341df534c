"""Occlusion, or leave one out: how far F falls when a single piece is replaced by the baseline.

Each score is exact by itself. The scores need not add up: two words with the same meaning each
score near zero, because the other one remains.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from explain.attribution.function import Function
from explain.attribution.methods.method import AttributionStep, Method


def occlusion(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0
) -> Iterator[AttributionStep]:
    """One forward pass per piece; converged when every piece has been left out once."""
    value, _ = ends
    ordinary = torch.tensor(function.ordinary, dtype=torch.long)
    scores = torch.zeros(len(value), function.count)
    targets, done = len(value), 0
    yield AttributionStep(scores, 0, (not function.ordinary,) * targets, (0.0,) * targets)
    for values in function.kept_in_batches(_without_one(function)):
        scores = scores.clone()
        scores[:, ordinary[done : done + len(values)]] = (value - values).T
        done += len(values)
        converged = (done == len(ordinary),) * targets
        yield AttributionStep(scores, done, converged, (0.0,) * targets)


def _without_one(function: Function) -> Tensor:
    """Every way to leave out one ordinary piece: (ordinary, pieces) of bool."""
    keep = torch.ones(len(function.ordinary), function.count, dtype=torch.bool)
    keep[torch.arange(len(keep)), list(function.ordinary)] = False
    return keep


METHOD = Method(
    name="Occlusion",
    summary="How far the logit falls when one piece alone is replaced: exact, one pass per piece.",
    steps=occlusion,
    passes=lambda pieces: (pieces, pieces),
    uses_gradients=False,
    adds_up=False,
)
