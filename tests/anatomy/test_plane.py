"""The pieces in a plane: one projection for both models, drawn in one frame."""

import math

import pytest
import torch

from explain.anatomy.inputs import model_input, row_of
from explain.anatomy.plane import plane, project
from explain.anatomy.records import Plane
from explain.anatomy.states import layer_states
from explain.models import ROLES, load
from explain.render import plane as render

TEXT = "She sat on the <b>bank</b> of the river."


def test_states_that_lie_in_a_plane_keep_their_distances():
    flat = torch.randn(3, 7, 2, generator=torch.Generator().manual_seed(0))
    rotation = torch.linalg.qr(torch.randn(9, 9, generator=torch.Generator().manual_seed(1)))[0]
    places, explained = project(flat @ rotation[:2] + 4)
    assert explained == pytest.approx(1)
    expected = torch.cdist(flat.flatten(0, 1), flat.flatten(0, 1)).double()
    assert torch.allclose(
        torch.cdist(places.flatten(0, 1), places.flatten(0, 1)), expected, atol=1e-4
    )


def test_the_first_axis_has_the_larger_spread_and_the_sign_is_fixed():
    states = torch.randn(2, 20, 5, generator=torch.Generator().manual_seed(2))
    places, explained = project(states)
    spread = places.flatten(0, 1).var(0)
    assert spread[0] >= spread[1] and 0.4 < explained < 1
    assert torch.equal(project(states)[0], places)


def test_both_models_are_projected_onto_one_plane():
    drawn = plane(TEXT, "pocket")
    assert (len(drawn.teacher), len(drawn.student), drawn.copied) == (7, 4, (1, 3, 6))
    states = []
    for role in ROLES:
        loaded = load("fill_mask", role)
        states.append(layer_states(loaded, [row_of(model_input(TEXT, loaded))])[0])
    together = torch.cat(states).flatten(0, 1).double()
    centred = together - together.mean(0)
    # the squared distances in the plane are those of the best approximation of rank 2
    values = torch.linalg.svdvals(centred)
    points = torch.tensor(
        [point for m in (drawn.teacher, drawn.student) for la in m for point in la]
    )
    assert float(points.square().sum()) == pytest.approx(float(values[:2].square().sum()), rel=1e-4)
    assert drawn.explained == pytest.approx(
        float(values[:2].square().sum() / values.square().sum()), abs=1e-5
    )


def test_of_a_long_text_the_first_pieces_are_drawn():
    drawn = plane("dog " * 60, "pocket")
    assert len(drawn.pieces) == 32 and drawn.left_out == 30
    assert "The first 32 of 62 pieces." in render.plane(drawn)


def test_a_layer_stands_beside_the_layer_that_started_from_it():
    shown = render.plane(plane(TEXT, "pocket"))
    assert shown.count("<svg") == 7 and shown.count("no layer of the student") == 3
    assert "BERT, layer 3, and ◆ DistilBERT, layer 2" in shown
    assert "&lt;" in shown and "<b>bank" not in shown


def test_distances_are_drawn_alike_in_both_directions():
    frame = render.Frame(0, 10, 0, 2)
    origin, right, up = (frame.place(point) for point in ((0, 0), (1, 0), (0, 1)))
    assert math.dist(origin, right) == pytest.approx(math.dist(origin, up))
    assert up[1] < origin[1] and right[0] > origin[0]
    assert all(0 <= value <= render.WIDTH for value in (*frame.place((10, 2)), *origin))


def test_names_never_cover_each_other_or_a_mark():
    crowd = tuple((float(i % 4), float(i // 4)) for i in range(16)) + ((0.0, 0.0),) * 4
    names = tuple(f"piece{i}" for i in range(20))
    step = render._step(
        Plane(names, 0, (crowd,), (crowd,), 0.5, ()), 0, 0, render.Frame(0, 3, 0, 3)
    )
    boxes = [
        (*mark.label, mark.label[0] + len(mark.piece) * render.LETTER)
        for mark in step.teacher
        if mark.label
    ]
    assert boxes
    for number, (left, base, right) in enumerate(boxes):
        for other_left, other_base, other_right in boxes[:number]:
            apart = right <= other_left or other_right <= left
            assert apart or abs(base - other_base) >= render.LINE
    assert step.distance == 0
