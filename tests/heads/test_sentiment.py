"""Negative or positive: the softmax, the loss, the labels of other checkpoints, long texts."""

from __future__ import annotations

import math

import pytest
import torch

from explain.heads.sentiment import classify
from explain.models import ROLES
from explain.records import InputError
from tests.tiny import relabelled, tiny

REVIEW = "A charming and often affecting journey."


@pytest.mark.parametrize("role", ROLES)
def test_logits_and_loss_are_those_of_the_model_itself(role: str) -> None:
    loaded = tiny("sentiment", role)
    batch = loaded.tokenizer(REVIEW, return_tensors="pt")
    for number, label in enumerate(loaded.labels):
        with torch.inference_mode():
            output = loaded.model(**batch, labels=torch.tensor([number]))
        found = classify(REVIEW, loaded, label)
        assert found.logits == pytest.approx(output.logits[0].tolist(), abs=1e-4)
        assert found.loss == pytest.approx(float(output.loss), abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_probabilities_are_the_softmax_of_the_logits(role: str) -> None:
    found = classify(REVIEW, tiny("sentiment", role))
    negative, positive = found.logits
    wanted = 1 / (1 + math.exp(negative - positive))
    assert found.probabilities == pytest.approx((1 - wanted, wanted), abs=1e-5)
    assert sum(found.probabilities) == pytest.approx(1.0)
    assert found.label == ("positive" if positive > negative else "negative")
    assert found.labels == ("negative", "positive")
    assert found.loss is None


@pytest.mark.parametrize("role", ROLES)
def test_a_checkpoint_with_its_labels_the_other_way_round_is_turned_round(role: str) -> None:
    loaded = tiny("sentiment", role)
    usual = classify(REVIEW, loaded, "positive")
    turned = classify(REVIEW, relabelled(loaded, ("positive", "negative")), "positive")
    assert turned.labels == ("negative", "positive")
    assert turned.logits == usual.logits[::-1]
    assert turned.probabilities == pytest.approx(usual.probabilities[::-1])
    assert turned.label != usual.label
    assert turned.loss == pytest.approx(-math.log(turned.probabilities[1]), abs=1e-5)


@pytest.mark.parametrize("role", ROLES)
def test_a_list_gives_what_its_texts_give_one_by_one(role: str) -> None:
    loaded = tiny("sentiment", role)
    texts = ["Bad.", REVIEW, "long " * 50, REVIEW]
    labels = ["negative", None, "positive", "negative"]
    together = classify(texts, loaded, labels)
    for both, text, label in zip(together, texts, labels, strict=True):
        alone = classify(text, loaded, label)
        assert both.text == text
        assert both.logits == pytest.approx(alone.logits, abs=1e-4)
        assert both.probabilities == pytest.approx(alone.probabilities, abs=1e-4)
        assert both.loss == pytest.approx(alone.loss, abs=1e-4)
        assert both.timing.pieces == alone.timing.pieces
    assert classify([], loaded) == ()


def test_what_a_long_text_has_after_the_last_piece_that_is_read_is_told() -> None:
    loaded = tiny("sentiment", "teacher", window=32)
    exact, longer = classify("good " * 30, loaded), classify("good " * 37, loaded)
    assert (exact.unread, longer.unread) == (0, 7)
    assert longer.logits == pytest.approx(exact.logits, abs=1e-4)
    assert longer.text == "good " * 37
    assert longer.timing.pieces == 32


@pytest.mark.parametrize("label", ["neutral", "", 2, "possitive", None, ["positive"]])
def test_the_loss_is_for_one_of_the_two_labels(label: object) -> None:
    loaded = tiny("sentiment", "teacher")
    if label is None:
        assert classify(REVIEW, loaded, label).loss is None
        return
    with pytest.raises(InputError, match=r"^The label is negative or positive, not "):
        classify(REVIEW, loaded, label)  # type: ignore[call-overload]
