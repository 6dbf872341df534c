"""The drawn architecture: counts, gaps, copied layers and shapes are those of the modules."""

import pytest
import torch

from explain.anatomy.architecture import WEIGHTS, architecture
from explain.anatomy.parameters import tables
from explain.models import ROLES, load
from explain.models.layers import eager, trunk, without_weights
from explain.render import architecture as render

DRAWN = architecture("pocket", 9)
RUNGS = {rung.name: rung for rung in DRAWN.rungs}


def test_blocks_hold_every_parameter_once():
    for role, table in zip(ROLES, tables("pocket"), strict=True):
        assert DRAWN.total(role) == table.total()


def test_gaps_are_what_distillation_removed():
    gone = [rung.name for rung in DRAWN.rungs if rung.student is None]
    assert gone == ["token-type embeddings", "layer 2", "layer 4", "layer 5", "pooler"]
    assert not [rung.name for rung in DRAWN.rungs if rung.teacher is None]
    shown = render.architecture(DRAWN)
    assert shown.count("ix-gap") == 5
    assert "token-type embeddings (768), layer 2 (1.77" in shown


def test_student_layers_stand_beside_the_layer_they_were_copied_from():
    beside = {name: rung.student.title for name, rung in RUNGS.items() if rung.student}
    assert [beside[f"layer {number}"] for number in (1, 3, 6)] == ["layer 1", "layer 2", "layer 3"]


def test_shapes_are_those_of_a_real_pass():
    loaded = load("fill_mask", "teacher")
    seen = {}
    model = eager(trunk(loaded.model))
    layer = model.encoder.layer[2]
    for name, module in layer.named_modules():
        module.register_forward_hook(lambda m, i, o, name=name: seen.update({name: o}))
    model(input_ids=torch.zeros((1, 9), dtype=torch.long))
    for flow in RUNGS["layer 3"].teacher.flows:
        output = seen[flow.module]
        own = output[1] if flow.kind == WEIGHTS else output
        assert flow.shape == tuple(own.shape), flow
    assert [flow.shape for flow in RUNGS["layer 3"].teacher.flows if flow.kind == WEIGHTS] == [
        (1, 12, 9, 9)
    ]
    assert RUNGS["Fill-mask head"].student.flows[-1].shape == (1, 9, 30_522)
    assert RUNGS["Sentiment head"].student.flows[-1].shape == (1, 2)


def test_the_copy_without_weights_leaves_the_model_as_it_is():
    model = load("sentiment", "student").model
    twin = without_weights(model)
    assert {tensor.device.type for tensor in twin.parameters()} == {"meta"}
    assert {tensor.device.type for tensor in model.parameters()} == {"cpu"}


def test_filled_areas_are_proportional_to_parameters():
    boxes = {
        box.title: box
        for rung in DRAWN.rungs
        for box in [render._box(rung.teacher, rung, 1e-5)]
        if box
    }
    words, layer = boxes["word embeddings"], boxes["layer 1"]
    areas = [box.height * box.filled for box in (words, layer)]
    assert areas[0] / areas[1] == pytest.approx(11_720_448 / 1_774_464)
    assert all(0 < box.filled <= 101 and box.height >= render.LEAST for box in boxes.values())


def test_details_list_every_parameter_of_a_block():
    for rung in DRAWN.rungs:
        for block in filter(None, (rung.teacher, rung.student)):
            assert sum(row.count for row in render.modules(block)) == block.count
