"""The triple loss piece by piece: the parts add up to what is trained on."""

import pytest

from distill.live.triple import triple_loss
from explain.distillation.records import Weights
from explain.models import load
from explain.records import InputError
from explain.render import distillation as render
from tests.tiny import tiny

TEXT = "The old fisherman repaired his net on the beach before the <storm> came in."


def test_the_losses_are_the_means_of_those_of_the_pieces():
    found = triple_loss(TEXT, load("fill_mask", "teacher"), load("fill_mask", "student"), 2.0)
    masked = [piece for piece in found.pieces if piece.masked]
    assert masked and all(0 < piece.student_right < 1 for piece in masked)
    count = len(masked)
    assert found.losses.soft == pytest.approx(sum(p.soft for p in masked) / count, rel=1e-3)
    assert found.losses.hard == pytest.approx(sum(p.hard for p in masked) / count, rel=1e-3)
    cosines = [piece.cosine for piece in found.pieces]
    assert found.losses.cosine == pytest.approx(sum(cosines) / len(cosines), abs=1e-4)
    drawn = render.triple_loss(found, Weights())
    total = 5 * found.losses.soft + 2 * found.losses.hard + found.losses.cosine
    assert f"{total:.3f}" in drawn and "<storm>" not in drawn


def test_a_model_asks_nothing_of_itself_but_the_words():
    teacher = tiny("fill_mask", "teacher")
    found = triple_loss(TEXT, teacher, teacher, 2.0)
    assert found.losses.soft == pytest.approx(0, abs=1e-5)
    assert found.losses.cosine == pytest.approx(0, abs=1e-5)
    assert found.losses.hard > 0
    assert not any(piece.rise or piece.fall for piece in found.pieces)


def test_a_text_with_a_gap_is_refused():
    with pytest.raises(InputError, match=r"without \[MASK\]"):
        triple_loss(
            "The [MASK] is red.", tiny("fill_mask", "teacher"), tiny("fill_mask", "student"), 2
        )


def test_a_text_of_which_a_part_could_not_be_read_is_refused():
    models = load("fill_mask", "teacher"), load("fill_mask", "student")
    assert triple_loss(TEXT * 2, *models, 2.0).pieces
    with pytest.raises(InputError, match="longer than what is read here: shorten it"):
        triple_loss(TEXT * 400, *models, 2.0)
