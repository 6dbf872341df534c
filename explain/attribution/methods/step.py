"""What a method has found so far: the one shape that all methods yield."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

SMALLEST_DIFFERENCE = 0.01  # logits; a relative error is taken of this where F hardly moves


@dataclass(frozen=True, slots=True)
class Partial:
    """Scores of every target, to be refined by the next one."""

    scores: Tensor  # (targets, pieces), logits
    steps: int
    converged: tuple[bool, ...]  # parallel to targets
    errors: tuple[float, ...]  # parallel to targets: largest standard error of a score, logits
