"""The start list: what each way to be faster changes in a model, and that it still answers."""

from __future__ import annotations

import pytest
import torch

from explain import encoding
from explain.article import facts
from explain.models import load
from explain.race import contestants
from explain.race.laps import texts, timed
from explain.race.records import CONTESTANTS
from explain.records import InputError


def logits(loaded, text="A charming and often affecting journey."):
    row = encoding.row(loaded, encoding.pieces(loaded, text).ids)
    with torch.inference_mode():
        return loaded.model(**encoding.tensors(loaded, [row])).logits.float()


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
@pytest.mark.parametrize("role", ["teacher", "student"])
def test_a_cheaper_precision_says_nearly_the_same(role: str, precision: str) -> None:
    plain, cheap = load("sentiment", role), contestants.ready(f"{role}-{precision}", "pocket")
    before = plain.model.state_dict()["classifier.weight"].clone()
    assert 0 < (logits(plain) - logits(cheap)).abs().max() < 0.5
    assert precision in cheap.name and not cheap.model.training
    assert torch.equal(before, load("sentiment", role).model.state_dict()["classifier.weight"])


def test_int8_quantises_every_linear_layer_and_no_embedding() -> None:
    model = contestants.ready("student-int8", "pocket").model
    kinds = {type(module).__module__ for module in model.modules() if "Linear" in str(type(module))}
    assert kinds and all("quantized" in kind for kind in kinds)
    assert model.get_input_embeddings().weight.dtype == torch.float32


def test_full_size_architectures_have_the_papers_parameters_and_keep_the_random_state() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    found = contestants.ready("full-student", "pocket", seed=1)
    assert torch.equal(torch.rand(1), wanted)
    trunk = found.model.distilbert
    assert sum(p.numel() for p in trunk.parameters()) == facts.value("size_student")
    assert "untrained" in found.name and not found.model.training
    tokenise, forward = timed(found, texts(8, 1))
    assert tokenise > 0 and forward > 0


def test_all_use_the_same_attention() -> None:
    keys = [key for key, entry in CONTESTANTS.items() if not entry.full]
    used = {contestants.ready(key, "pocket").model.config._attn_implementation for key in keys}
    assert used == {"sdpa"}


def test_an_unknown_contestant_is_refused() -> None:
    with pytest.raises(InputError, match="no contestant named 'hare'"):
        contestants.ready("hare", "pocket")
