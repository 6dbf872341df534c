"""Attention from an eager copy, and the estimate of the time."""

from __future__ import annotations

import copy

import pytest
import torch

from explain import encoding
from explain.attribution import METHODS, attribute
from explain.attribution.attention import attention, eager
from explain.attribution.engine import estimate
from explain.models import HEADS, load
from explain.models.layers import trunk
from tests.attribution.questions import EVERY, PLAIN, asked, model
from tests.tiny import tiny


@pytest.mark.parametrize(("pair", "role", "head"), EVERY)
def test_every_layer_spends_all_its_attention(pair: str, role: str, head: str) -> None:
    loaded, head_input = model(pair, role, head), PLAIN[head]
    explained = attribute(head_input, loaded, asked(head_input), "gradient_x_input")
    found = attention(explained, loaded)
    layers = getattr(loaded.model.config, "num_hidden_layers", 0)
    assert len(found.layers) == layers
    for layer in found.layers:
        assert len(layer) == len(found.pieces)
        assert sum(layer) == pytest.approx(1.0, abs=1e-4)
    assert found.read_from == tuple(sorted({term.position for term in explained.terms}))


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_the_copy_shares_its_tensors_and_leaves_the_model_as_it_was(role: str) -> None:
    loaded = load("sentiment", role)
    before = loaded.model.config._attn_implementation
    own = eager(trunk(loaded.model))
    assert all(
        a.data_ptr() == b.data_ptr()
        for a, b in zip(own.parameters(), trunk(loaded.model).parameters(), strict=True)
    )
    assert loaded.model.config._attn_implementation == before != "eager"
    inputs = encoding.tensors(loaded, [encoding.row(loaded, [2023, 2003, 2204])])
    with torch.no_grad():
        plain = trunk(loaded.model)(**copy.copy(inputs)).last_hidden_state
        torch.testing.assert_close(own(**inputs).last_hidden_state, plain, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("method", METHODS)
def test_the_estimate_covers_the_passes_that_are_made(head: str, method: str) -> None:
    loaded, head_input = tiny(head, "teacher"), PLAIN[head]
    found = attribute(head_input, loaded, asked(head_input), method)
    expected = estimate(head_input, loaded, found.target, method)
    passes = found.ledger.backward_passes or found.ledger.forward_passes - 2
    assert expected.passes[0] <= passes <= expected.passes[1]
    assert 0 < expected.seconds[0] <= expected.seconds[1]
    assert expected.pieces == len(found.pieces)
