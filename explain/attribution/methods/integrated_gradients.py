"""Integrated gradients (Sundararajan et al., 1703.01365), refined where the path is not straight.

The gradient of F is integrated along the straight line from the baseline to the text, by Captum's
Gauss-Legendre rule. The line is divided into panels. The error of a panel is known, because its
scores should add up to the difference of F between its ends. So only the worst panels are halved,
the others keep their result, and the errors of all panels add up to the delta of the whole. Several
targets share the forward passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explain.attribution.function import GRADIENT_BUDGET, Function
from explain.attribution.methods.method import SMALLEST_DIFFERENCE, AttributionStep, Method

NODES = 6  # of a panel
MOST_STEPS = 160  # forward-and-backward passes after which refinement stops
TOLERANCE = 0.01  # of the difference between text and baseline


@dataclass(frozen=True, slots=True)
class _Panel:
    """A part of the path and the scores along it."""

    start: float  # 0 is the baseline
    end: float  # 1 is the text
    first: Tensor  # F at the start, (targets,)
    last: Tensor  # F at the end, (targets,)
    scores: Tensor  # (targets, pieces)

    @property
    def error(self) -> Tensor:
        """What the scores miss of the difference of F, (targets,)."""
        return self.scores.sum(-1) - (self.last - self.first)


def integrated_gradients(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0, tolerance: float = TOLERANCE
) -> Iterator[AttributionStep]:
    """Refine until every target's scores add up to within `tolerance`, or the budget is spent.

    `ends` are F of the text and of the baseline; converged means a relative delta of at most
    `tolerance`. `seed` is not used.
    """
    value, empty = ends
    scale = (value - empty).abs().clamp_min(SMALLEST_DIFFERENCE)
    panels = _halves(function, [_Panel(0.0, 1.0, empty, value, torch.zeros(0))])
    together = max(1, function.chunk(GRADIENT_BUDGET) // (2 * NODES))  # panels of one batch
    spent = 2 * NODES
    while True:
        relative = _relative_error(panels, scale)
        yield _step(panels, scale, tolerance)
        room = (MOST_STEPS - spent) // (2 * NODES)
        if bool((relative <= tolerance).all()) or not room:
            return
        worst = _worst(panels, scale, relative > tolerance, tolerance)[:room]
        kept = [panel for number, panel in enumerate(panels) if number not in worst]
        for start in range(0, len(worst), together):
            kept += _halves(function, [panels[number] for number in worst[start:][:together]])
            rest = [panels[number] for number in worst[start + together :]]
            if rest:
                yield _step([*kept, *rest], scale, tolerance)
        panels = kept
        spent += 2 * NODES * len(worst)


def _relative_error(panels: Sequence[_Panel], scale: Tensor) -> Tensor:
    """What all scores miss of the difference of F, as a share of it, (targets,)."""
    return torch.stack([panel.error for panel in panels]).sum(0).abs() / scale


def _step(panels: Sequence[_Panel], scale: Tensor, tolerance: float) -> AttributionStep:
    """The scores of all panels, added up."""
    converged = tuple((_relative_error(panels, scale) <= tolerance).tolist())
    scores = torch.stack([panel.scores for panel in panels]).sum(0)
    return AttributionStep(scores, NODES * len(panels), converged, (0.0,) * len(converged))


def _worst(panels: list[_Panel], scale: Tensor, unsettled: Tensor, tolerance: float) -> list[int]:
    """The fewest panels without which the errors of the others sum to half of the tolerance."""
    errors = [float((panel.error.abs() / scale)[unsettled].max()) for panel in panels]
    order = sorted(range(len(panels)), key=lambda i: -errors[i])
    count = 1
    while sum(errors[i] for i in order[count:]) > tolerance / 2:
        count += 1
    return order[:count]


def _halves(function: Function, panels: list[_Panel]) -> list[_Panel]:
    """Each panel divided in the middle."""
    middles = [(panel.start + panel.end) / 2 for panel in panels]
    parts = []
    for panel, middle, value in zip(panels, middles, function.at(middles), strict=True):
        parts.append((panel.start, middle, panel.first, value))
        parts.append((middle, panel.end, value, panel.last))
    starts = torch.stack([function.point(start) for start, *_ in parts])
    ends = torch.stack([function.point(end) for _, end, *_ in parts])
    scores = function.by_piece(integral(function, starts, ends, NODES))
    return [_Panel(*part, scores=row) for part, row in zip(parts, scores, strict=True)]


def integral(function: Function, starts: Tensor, ends: Tensor, nodes: int) -> Tensor:
    """Captum's integrated gradients on straight paths: (paths, targets, rows, pieces, width).

    Captum gets one example per path and target. The targets of a path share its nodes: these go
    forward once for all targets, and backward once for each.
    """
    from captum.attr import IntegratedGradients  # late: it imports matplotlib

    paths, targets = len(starts), len(function.places)

    def shared(inputs: tuple[Tensor, ...], **unused: object) -> tuple[Tensor]:
        points = inputs[0].unflatten(0, (-1, targets))[:, 0]  # (nodes * paths, ...)
        return (function.gradients(points).flatten(0, 1),)

    integrator = IntegratedGradients(function)
    integrator.gradient_func = shared
    gradients = integrator.attribute(
        ends.repeat_interleave(targets, 0),
        baselines=starts.repeat_interleave(targets, 0),
        n_steps=nodes,
        method="gausslegendre",
    )
    return gradients.unflatten(0, (paths, targets))


METHOD = Method(
    name="Integrated gradients",
    summary="The gradient averaged on the way from the baseline to the text: the scores add up.",
    steps=integrated_gradients,
    passes=lambda pieces: (2 * NODES, MOST_STEPS),
    uses_gradients=True,
    adds_up=True,
    offered_for_sets=True,
)
