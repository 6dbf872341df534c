"""Gradient times input (Shrikumar et al., 1605.01713): F's slope at the text, times the step there.

The input is counted from the baseline; with the zero baseline this is the plain product. It is the
first-order estimate of what each piece adds, from one backward pass. The scores need not add up: a
logit that has saturated leaves them near zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from explain.attribution.function import Function
from explain.attribution.methods.method import AttributionStep, Method


def gradient_x_input(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0
) -> Iterator[AttributionStep]:
    """One step from one pass; `ends` and `seed` are not used."""
    (gradients,) = function.gradients(function.input[None])
    scores = function.by_piece(gradients * (function.input - function.baseline))
    yield AttributionStep(scores, 1, (True,) * len(scores), (0.0,) * len(scores))


METHOD = Method(
    name="Gradient × input",
    summary="The gradient at the text times its distance from the baseline: quick and rough.",
    steps=gradient_x_input,
    passes=lambda pieces: (1, 1),
    uses_gradients=True,
    adds_up=False,
    offered_for_sets=True,
)
