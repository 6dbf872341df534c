"""The start list: what each way to be faster changes in a model, and that it still answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from explain import encoding
from explain.anatomy import parameters
from explain.article import facts
from explain.evaluation import sets
from explain.heads.sentiment import LABELS, classify
from explain.models import PAIRS, ROLES, load
from explain.race import contestants
from explain.race.laps import texts, timed
from explain.race.records import CONTESTANTS, Settings
from explain.records import InputError
from tests.hub_cache import publish


def logits(loaded, text="A charming and often affecting journey."):
    row = encoding.row(loaded, encoding.pieces(loaded, text).ids)
    with torch.inference_mode():
        return loaded.model(**encoding.tensors(loaded, [row])).logits.float()


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
@pytest.mark.parametrize("role", ["teacher", "student"])
def test_a_cheaper_precision_says_nearly_the_same(role: str, precision: str) -> None:
    plain, cheap = load("sentiment", role), contestants.prepare(f"{role}-{precision}", "pocket")
    before = plain.model.state_dict()["classifier.weight"].clone()
    assert 0 < (logits(plain) - logits(cheap)).abs().max() < 0.5
    assert precision in cheap.name and not cheap.model.training
    assert torch.equal(before, load("sentiment", role).model.state_dict()["classifier.weight"])


def test_int8_quantises_every_linear_layer_and_no_embedding() -> None:
    model = contestants.prepare("student-int8", "pocket").model
    kinds = {type(module).__module__ for module in model.modules() if "Linear" in str(type(module))}
    assert kinds and all("quantized" in kind for kind in kinds)
    assert model.get_input_embeddings().weight.dtype == torch.float32


def test_full_size_architectures_have_the_papers_parameters_and_keep_the_random_state() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    found = contestants.prepare("full-student", "pocket", seed=1)
    assert torch.equal(torch.rand(1), wanted)
    trunk = found.model.distilbert
    assert sum(p.numel() for p in trunk.parameters()) == facts.value("size_student")
    assert "untrained" in found.name and not found.model.training
    tokenise, forward = timed(found, texts(8, 1))
    assert tokenise > 0 and forward > 0


def test_all_use_the_same_attention() -> None:
    keys = [key for key, entry in CONTESTANTS.items() if not entry.full | entry.own]
    used = {contestants.prepare(key, "pocket").model.config._attn_implementation for key in keys}
    assert used == {"sdpa"}


def test_an_unknown_contestant_is_refused() -> None:
    with pytest.raises(InputError, match="no contestant named 'hare'"):
        contestants.prepare("hare", "pocket")


@pytest.mark.parametrize("role", ROLES)
def test_sizes_are_those_of_the_ledger(role: str) -> None:
    size = contestants.size(role, load("sentiment", role))
    ledger = dict(zip(ROLES, parameters.tables("pocket"), strict=True))[role]
    assert size.embeddings == ledger.total("embeddings")
    assert size.layers == ledger.total("layers")
    assert size.parameters == sum(p.numel() for p in load("sentiment", role).model.parameters())
    assert size.memory == 4 * size.parameters and 0 < size.file < size.memory


def test_the_file_of_the_base_pair_is_that_in_the_cache_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert contestants.file_size("base", "student") == 0
    source = PAIRS["base"]["student"]["sentiment"].source
    publish(tmp_path, source, {"model.safetensors": b"1234"})
    assert contestants.file_size("base", "student") == 4
    assert contestants.file_size("full", "student") == 0


def test_int8_keeps_the_parameters_and_saves_memory() -> None:
    plain = contestants.size("student", load("sentiment", "student"))
    small = contestants.size("student-int8", contestants.prepare("student-int8", "pocket"))
    half = contestants.size("student-bfloat16", contestants.prepare("student-bfloat16", "pocket"))
    assert small.parameters == half.parameters == plain.parameters
    linear = sum(
        module.weight.numel()
        for module in load("sentiment", "student").model.modules()
        if isinstance(module, torch.nn.Linear)
    )
    assert small.memory == plain.memory - 3 * linear
    assert half.memory == plain.memory // 2 and half.file == 0


def test_scores_computed_now_are_the_share_of_right_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = sets.ours("sentiment")
    few = replace(ours, items=ours.items[:25])
    monkeypatch.setattr(sets, "ours", lambda head: few)
    found = contestants.sentiment_accuracy(
        Settings(("student", "full-student"), "pocket", length=16, batch=2, threads=1, laps=10)
    )
    loaded = load("sentiment", "student")
    right = [
        classify(item.row["text"], loaded).label == LABELS[item.row["label"]] for item in few.items
    ]
    assert found.keys() == {"student"}
    assert found["student"].estimate == pytest.approx(100 * sum(right) / 25)
