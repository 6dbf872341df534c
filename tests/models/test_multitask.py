"""One trunk with five heads: what is stored comes back, shared and tied as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from explain.encoding import pieces, row, tensors
from explain.models import HEADS, ROLES, layers, multitask
from tests.tiny import tiny, tiny_config, tiny_models


def plain_config(role: str) -> object:
    return tiny_config(role, vocab_size=40, max_position_embeddings=24)


@pytest.mark.parametrize("role", ROLES)
def test_a_stored_model_comes_back_rounded_to_half_precision(role: str, tmp_path: Path) -> None:
    models = multitask.build(plain_config(role))
    multitask.save(models, tmp_path)
    again = multitask.read(tmp_path)
    before, after = multitask.named_tensors(models), multitask.named_tensors(again)
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert after[name].dtype == torch.float32
        assert torch.equal(after[name], tensor.half().float()), name
    ids = torch.tensor([[1, 5, 9, 2]])
    with torch.inference_mode():
        for head, model in models.items():
            given = ids[None] if head == "multiple_choice" else ids
            for mine, yours in zip(
                model.eval()(given).to_tuple(), again[head](given).to_tuple(), strict=True
            ):
                assert torch.allclose(mine, yours, atol=2e-2), head


@pytest.mark.parametrize("role", ROLES)
def test_every_weight_is_stored_once_in_float16(role: str, tmp_path: Path) -> None:
    models = multitask.build(plain_config(role))
    multitask.save(models, tmp_path)
    stored = load_file(tmp_path / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16}
    parameters = {id(p): p.numel() for model in models.values() for p in model.parameters()}
    assert sum(tensor.numel() for tensor in stored.values()) == sum(parameters.values())
    assert all(name.split(".")[0] in ("trunk", *models) for name in stored)


@pytest.mark.parametrize("role", ROLES)
def test_a_model_that_was_read_shares_its_trunk_and_ties_its_vocabulary(
    role: str, tmp_path: Path
) -> None:
    multitask.save(multitask.build(plain_config(role)), tmp_path)
    models = multitask.read(tmp_path)
    trunks = {head: layers.trunk(model) for head, model in models.items()}
    for name in multitask.SHARED[models["ner"].config.model_type]:
        assert len({id(getattr(one, name)) for one in trunks.values()}) == 1
    words = trunks["ner"].embeddings.word_embeddings.weight
    assert models["fill_mask"].get_output_embeddings().weight is words
    if role == "teacher":
        predictions = models["fill_mask"].cls.predictions
        assert predictions.decoder.bias is predictions.bias


@pytest.mark.parametrize("change", ["missing", "unexpected"])
def test_a_file_that_lacks_a_tensor_or_has_one_too_many_is_not_read(
    change: str, tmp_path: Path
) -> None:
    multitask.save(multitask.build(plain_config("student")), tmp_path)
    stored = load_file(tmp_path / "model.safetensors")
    if change == "missing":
        del stored["ner.classifier.bias"]
    else:
        stored["ner.more"] = torch.zeros(2)
    save_file(stored, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"tensors missing or unexpected: \['ner\."):
        multitask.read(tmp_path)


@pytest.mark.parametrize("role", ROLES)
def test_the_stored_configuration_names_the_heads_and_no_labels(role: str, tmp_path: Path) -> None:
    multitask.save(multitask.build(plain_config(role)), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["heads"] == list(HEADS)
    assert not {"id2label", "label2id", "architectures"} & config.keys()


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
