"""One trunk with five heads, in memory."""

from __future__ import annotations

import pytest
import torch

from explain.encoding import pieces, row, tensors
from explain.models import ROLES, layers
from tests.tiny import tiny, tiny_models


@pytest.mark.parametrize("role", ROLES)
def test_each_head_has_its_own_labels(role: str) -> None:
    models = tiny_models(role)
    assert models["sentiment"].config.id2label == {0: "negative", 1: "positive"}
    assert models["ner"].config.id2label[3] == "B-ORG"
    assert models["ner"].config.label2id["I-MISC"] == 8
    assert models["ner"].config.num_labels == 9


@pytest.mark.parametrize("role", ROLES)
def test_the_vocabulary_at_chosen_positions_is_scored_as_by_the_whole_model(role: str) -> None:
    loaded = tiny("fill_mask", role)
    batch = tensors(loaded, [row(loaded, pieces(loaded, "Hello, my dog is cute").ids)])
    with torch.inference_mode():
        everywhere = loaded.model(**batch).logits[0]
        hidden = layers.trunk(loaded.model)(**batch).last_hidden_state[0]
        chosen = layers.vocabulary_logits(loaded.model, hidden[[2, 5]])
    assert torch.allclose(chosen, everywhere[[2, 5]], atol=1e-5)
