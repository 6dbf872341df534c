"""What a method is, and what it yields: the contract of every file in this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from explain.attribution.function import Function

SMALLEST_DIFFERENCE = 0.01  # logits; a relative error is taken of this where F hardly moves


@dataclass(frozen=True, slots=True)
class AttributionStep:
    """Scores of every target so far; the next step refines them."""

    scores: Tensor  # (targets, pieces), logits
    steps: int
    converged: tuple[bool, ...]  # parallel to targets
    errors: tuple[float, ...]  # parallel to targets: largest standard error of a score, logits


@dataclass(frozen=True, slots=True)
class Method:
    """One attribution method, as the registry lists it."""

    name: str  # as displayed
    summary: str  # one sentence
    steps: Callable[[Function, tuple[Tensor, Tensor], int], Iterator[AttributionStep]]
    """Called with F, its values of the text and of the baseline (targets,), and a seed."""
    passes: Callable[[int], tuple[int, int]]  # ordinary word pieces -> fewest and most passes
    uses_gradients: bool  # whether a pass goes backward, too
    adds_up: bool  # whether the scores are meant to sum to F(text) - F(baseline)
    most_pieces: int | None = None  # ordinary word pieces it takes; None for no limit
    offered: bool = True  # in the menu, and where methods are compared
    offered_for_sets: bool = False  # where a whole labelled set is explained
