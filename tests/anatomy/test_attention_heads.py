"""Attention of every head: the model's own weights, with and without sinks, drawn as pictures."""

import base64
import io
from types import SimpleNamespace

import gradio as gr
import pytest
import torch
from PIL import Image

from demos.anatomy import attention as part
from explain.anatomy import attention
from explain.anatomy.inputs import model_input
from explain.models import ROLES, load
from explain.models.layers import eager, trunk
from explain.records import InputError
from explain.render import attention_heads as render
from explain.render.pixels import picture

TEXT = "The river bank was <b>steep</b> & wet."


@pytest.mark.parametrize("sinks", [True, False])
def test_weights_are_the_model_own_and_rows_add_up_to_one(sinks):
    for role, grid in zip(ROLES, attention.attention_grids(TEXT, "pocket", "", sinks), strict=True):
        loaded = load("fill_mask", role)
        ids = torch.tensor([model_input(TEXT, loaded).ids])
        with torch.inference_mode():
            own = eager(trunk(loaded.model))(input_ids=ids, output_attentions=True).attentions
        assert (len(grid.heads), len(grid.heads[0])) == (len(own), 12)
        head = grid.find(2, 5)
        expected = own[1][0, 4]
        if not sinks:
            assert "[CLS]" not in grid.pieces and "[SEP]" not in grid.pieces
            expected = expected[1:-1, 1:-1]
            expected = expected / expected.sum(-1, keepdim=True)
        assert torch.allclose(torch.tensor(head.weights), expected, atol=1e-5)
        assert all(sum(row) == pytest.approx(1, abs=1e-4) for row in head.weights)


def test_a_pattern_is_where_most_of_the_attention_goes():
    patterns = attention._patterns(["[CLS]", "a", "b", "[SEP]"])
    weights = torch.zeros(1, 1, 4, 4)
    weights[0, 0, range(3), range(1, 4)] = 1  # each to the next
    weights[0, 0, 3, 0] = 1
    shares = {name: (weights * where).sum((2, 3)) for name, where in patterns.items()}
    head = attention._head(0, 0, weights, shares, 4)
    assert (head.pattern, head.share) == ("the next piece", 0.75)
    assert {name: float(share) for name, share in shares.items()} == {
        "itself": 0, "the previous piece": 0, "the next piece": 3, "[CLS]": 1, "[SEP]": 1,
    }  # fmt: skip


def test_of_a_long_text_the_first_pieces_are_shown_and_the_rest_is_counted():
    teacher, student = attention.attention_grids("dog " * 40, "pocket")
    assert len(teacher.pieces) == len(student.pieces) == 32 and student.left_out == 10
    assert len(teacher.find(1, 1).weights) == 32
    shown = render.large("teacher", teacher, teacher.find(1, 1))
    assert "the first 32 pieces of 42" in shown


def test_a_picture_is_as_opaque_as_the_root_of_each_cell():
    address = picture(((0.0, 1.0, 0.25), (1.0, 0.0, 0.0)), (10, 20, 30))
    image = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGBA")
    pixels = [image.getpixel((x, y)) for y in range(2) for x in range(3)]
    assert [pixel[3] for pixel in pixels] == [0, 255, 136, 255, 0, 0]
    assert {pixel[:3] for pixel in pixels if pixel[3]} == {(10, 20, 30)}


def test_grid_and_large_head_name_what_they_show_and_escape_pieces():
    shown = part.view(part.Asked(TEXT, "", "pocket"), True)
    assert shown.grid.count("<button") == (6 + 3) * 12
    assert shown.grid.count('aria-pressed="true"') == 1
    assert "BERT, 72 heads:" in shown.grid and "DistilBERT, 36 heads:" in shown.grid
    assert '<th scope="row">&lt;</th>' in shown.large and "<b>steep" not in shown.large


def pressed(**payload):
    return gr.EventData(None, payload)


def test_a_press_shows_that_head_and_the_switch_keeps_it():
    asked = part.view(part.Asked(TEXT, "", "pocket"), True).asked
    chosen, large = part.pick(asked, True, pressed(role="student", layer=3, head=7))
    assert chosen.choice == ("student", 3, 7) and "layer 3, head 7" in large
    without = part.switch_sinks(chosen, False)
    assert without.asked == chosen and "[CLS] and [SEP] left out" in without.large


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"role": "student", "layer": 4, "head": 1},
        {"role": "teacher", "layer": 0, "head": 1},
        {"role": "__class__", "layer": 1, "head": 1},
        {"role": "teacher", "layer": "1", "head": [1]},
    ],
)
def test_a_head_that_is_not_there_is_refused(payload):
    with pytest.raises(gr.Error, match="no such head"):
        part.pick(part.Asked(TEXT, "", "pocket"), True, pressed(**payload))
    with pytest.raises(gr.Error, match="Press Compare first"):
        part.pick(None, True, SimpleNamespace())
    with pytest.raises(InputError):
        part.view(part.Asked("", "", "pocket"), True)
