"""Where do the pieces lie after each layer? One plane for all layers of both models.

The plane is fitted by principal components to the states of both models together, so that places
can be compared between layers and between models. It keeps a part of the variance only: what is
near in it need not be near in all dimensions.
"""

from __future__ import annotations

import torch
from torch import Tensor

from explain.anatomy.inputs import TRUNK_HEAD, model_input, row_of
from explain.anatomy.records import Plane
from explain.anatomy.states import layer_states
from explain.models import ROLES, load
from explain.models.checkpoints import COPIED_LAYERS
from explain.records import InputError

MOST_PIECES = 32  # shown of a text


def plane(text: str, pair: str, second: str = "") -> Plane:
    """Both models on one text, or two as one input; raises `InputError` for other widths."""
    loaded = [load(TRUNK_HEAD, role, pair) for role in ROLES]
    inputs = [model_input(text, each, second) for each in loaded]
    teacher, student = (
        layer_states(each, [row_of(tokenised)])[0][:, :MOST_PIECES]
        for each, tokenised in zip(loaded, inputs, strict=True)
    )
    if teacher.shape[1:] != student.shape[1:]:
        raise InputError("These two models cannot be compared piece by piece.")
    places, explained = project(torch.cat([teacher, student]))
    names = tuple(piece.text for piece in inputs[0].pieces)
    return Plane(
        pieces=names[:MOST_PIECES],
        left_out=len(names[MOST_PIECES:]),
        teacher=_points(places[: len(teacher)]),
        student=_points(places[len(teacher) :]),
        explained=explained,
        copied=tuple(layer + 1 for layer in COPIED_LAYERS[pair]),
    )


def project(states: Tensor) -> tuple[Tensor, float]:
    """(layers, pieces, 2) on the first two principal components, and their share of the variance.

    The sign of a component is that of its largest weight, so that a text always looks the same.
    """
    flat = states.flatten(0, 1).double()
    centred = flat - flat.mean(0)
    _, values, directions = torch.linalg.svd(centred, full_matrices=False)
    axes = directions[:2]
    largest = axes.abs().argmax(1, keepdim=True)
    axes = axes * axes.gather(1, largest).sign()
    explained = float(values[:2].square().sum() / values.square().sum())
    return (centred @ axes.T).unflatten(0, states.shape[:2]), explained


def _points(places: Tensor) -> tuple[tuple[tuple[float, float], ...], ...]:
    return tuple(tuple((x, y) for x, y in layer) for layer in places.tolist())
