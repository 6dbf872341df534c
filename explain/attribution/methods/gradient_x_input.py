"""Gradient times input (Shrikumar et al., 1605.01713): F's slope at the text, times the step there.

The input is counted from the baseline; with the zero baseline this is the plain product. It is the
first-order guess of what each piece adds, from one backward pass, and promises no sum: a logit
that has levelled off leaves it near zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from explain.attribution.function import Function
from explain.attribution.methods.step import Partial


def gradient_x_input(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0
) -> Iterator[Partial]:
    """One pass; nothing is drawn at random, and nothing is refined."""
    (gradients,) = function.gradients(function.input[None])
    scores = function.by_piece(gradients * (function.input - function.baseline))
    yield Partial(scores, 1, (True,) * len(scores), (0.0,) * len(scores))
