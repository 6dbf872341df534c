"""The door to weights: names, cache, locks, and the classifier that is drawn again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from explain.encoding import pieces, row, tensors
from explain.heads import multiple_choice, sentiment
from explain.models import HEADS, PAIRS, ROLES, Checkpoint, Loaded, fresh_classifier, hub, load
from explain.models import loading as models
from explain.models.layers import trunk
from explain.records import InputError
from tests.tiny import tiny

WAIT = 30.0  # seconds before a test gives a thread up


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing loaded yet; what the test loads is forgotten afterwards."""
    for name in ("_cache", "_pockets", "_locks"):
        monkeypatch.setattr(models, name, {})
    yield


def stand_in(checkpoint: Checkpoint, head: str, role: str, pair: str) -> Loaded:
    """A tiny head under a checkpoint's name."""
    return replace(tiny(head, role), pair=pair, name=checkpoint.name)


# The pocket pair, as it lies in assets/models


@pytest.mark.parametrize("role", ROLES)
def test_the_five_heads_of_a_pocket_model_share_one_trunk(role: str) -> None:
    loaded = [load(head, role) for head in HEADS]
    words = {trunk(one.model).get_input_embeddings().weight.data_ptr() for one in loaded}
    assert len(words) == 1
    assert [load(head, role) for head in HEADS] == loaded  # the same ones, from memory


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("head", HEADS)
def test_a_pocket_model_is_float32_ready_to_answer_and_of_its_roles_family(
    head: str, role: str
) -> None:
    loaded = load(head, role)
    assert (loaded.head, loaded.role, loaded.pair) == (head, role, "pocket")
    assert loaded.model.config.model_type == models.FAMILY[role]
    assert not any(module.training for module in loaded.model.modules())
    assert {tensor.dtype for tensor in loaded.model.parameters()} == {torch.float32}
    assert not any(tensor.is_meta for tensor in loaded.model.buffers())
    logits = 2 if head == "sentiment" else 9 if head == "ner" else 0
    assert len(loaded.labels) == logits


@pytest.mark.parametrize("role", ROLES)
def test_the_tokenizer_and_the_model_fit_together(role: str) -> None:
    loaded = load("sentiment", role)
    batch = loaded.tokenizer("Hello, my dog is cute", return_tensors="pt")
    assert ("token_type_ids" in batch) == (role == "teacher")
    with torch.inference_mode():
        assert loaded.model(**batch).logits.shape == (1, 2)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("poetry", "teacher", "pocket"), "There is no task named 'poetry'; choose fill_mask, "),
        (("ner", "pupil", "pocket"), "There is no model named 'pupil'; choose teacher, student."),
        (("ner", "teacher", "large"), "There is no pair named 'large'; choose pocket, base."),
        (("ner", None, "pocket"), "There is no model named 'None'; choose teacher, student."),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(
    names: tuple[str, str, str], sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        load(*names)
    assert str(refused.value).startswith(sentence)


def test_the_table_names_every_head_of_both_models_of_both_pairs() -> None:
    for pair, roles in PAIRS.items():
        for role, checkpoints in roles.items():
            assert tuple(checkpoints) == tuple(HEADS)
            for one in checkpoints.values():
                assert one.name and one.licence and one.training
                assert ("/" in one.source) == (pair == "base")
                assert 64 <= one.window <= 512, f"{pair} {role} {one.name}"


# Cache and locks


def test_many_threads_that_ask_at_once_get_one_model_read_once(
    empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []

    def read(checkpoint: Checkpoint, head: str, role: str) -> Loaded:
        reads.append(head)
        threading.Event().wait(0.05)
        return stand_in(checkpoint, head, role, "pocket")

    monkeypatch.setattr(models, "_load_pocket", read)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load("ner", "student"), range(8)))
    assert reads == ["ner"]
    assert len({id(one) for one in found}) == 1


def test_a_slow_download_holds_up_neither_the_pocket_pair_nor_another_model(
    empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, started, finish = PAIRS["base"]["teacher"]["ner"], threading.Event(), threading.Event()

    def fetch(checkpoint: Checkpoint) -> Path:
        if checkpoint is slow:
            started.set()
            assert finish.wait(WAIT)
        return Path()

    def read(checkpoint: Checkpoint, folder: Path, head: str, role: str) -> Loaded:
        return stand_in(checkpoint, head, role, "base")

    monkeypatch.setattr(hub, "fetch", fetch)
    monkeypatch.setattr(hub, "read", read)
    with ThreadPoolExecutor(4) as pool:
        waiting = pool.submit(load, "ner", "teacher", "base")
        assert started.wait(WAIT)
        try:
            others = [("ner", "teacher", "pocket"), ("ner", "student", "base")]
            found = [pool.submit(load, *names).result(WAIT) for names in others]
            assert [one.pair for one in found] == ["pocket", "base"]
            assert not waiting.done()
        finally:
            finish.set()
        assert waiting.result(WAIT).name == slow.name


def test_the_least_recently_used_full_size_models_leave_memory_first(
    empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []

    def read(checkpoint: Checkpoint, head: str, role: str) -> Loaded:
        reads.append((head, role))
        return stand_in(checkpoint, head, role, "base")

    monkeypatch.setattr(models, "_load_from_hub", read)
    monkeypatch.setattr(models, "FULL_SIZE_KEPT", 3)
    pocket = load("ner", "student")
    asked = [("fill_mask", "teacher"), ("fill_mask", "student"), ("ner", "teacher")]
    for names in [*asked, asked[0], ("ner", "student")]:  # the first is used again
        load(*names, "base")
    assert reads == [*asked, ("ner", "student")]
    load(*asked[0], "base")
    assert len(reads) == 4  # still in memory
    load(*asked[1], "base")
    assert reads[4:] == [asked[1]]  # had to be read again
    assert load("ner", "student") is pocket


def test_a_model_that_could_not_be_loaded_is_tried_again(
    empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([InputError("The Hub sleeps."), None])

    def read(checkpoint: Checkpoint, head: str, role: str) -> Loaded:
        if error := next(answers):
            raise error
        return stand_in(checkpoint, head, role, "base")

    monkeypatch.setattr(models, "_load_from_hub", read)
    with pytest.raises(InputError, match=r"^The Hub sleeps\.$"):
        load("ner", "teacher", "base")
    assert load("ner", "teacher", "base").pair == "base"


# The freshly initialised classifier


def scores(loaded: Loaded) -> tuple[float, ...]:
    """Logits of one input."""
    if loaded.head == "sentiment":
        return sentiment.classify("A charming journey.", loaded).logits
    return multiple_choice.choose("The glass fell.", ["It broke.", "It sang."], loaded).logits


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("head", ["sentiment", "multiple_choice"])
def test_a_fresh_classifier_leaves_the_loaded_model_as_it_was(head: str, role: str) -> None:
    loaded = tiny(head, role)
    before = {name: tensor.clone() for name, tensor in loaded.model.state_dict().items()}
    answer = scores(loaded)
    fresh = fresh_classifier(loaded)
    assert scores(fresh) != answer
    assert scores(loaded) == answer
    for name, tensor in loaded.model.state_dict().items():
        assert torch.equal(tensor, before[name])
    assert fresh.name == f"{loaded.name}, untrained classifier"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("head", ["sentiment", "multiple_choice"])
def test_a_fresh_classifier_draws_only_the_layers_above_the_trunk(head: str, role: str) -> None:
    loaded = tiny(head, role)
    fresh = fresh_classifier(loaded).model.state_dict()
    drawn = {n for n, tensor in loaded.model.state_dict().items() if fresh[n] is not tensor}
    drawn = {n for n in drawn if fresh[n].data_ptr() != loaded.model.state_dict()[n].data_ptr()}
    below = "bert.pooler.dense" if role == "teacher" else "pre_classifier"
    assert drawn == {f"{layer}.{kind}" for layer in (below, "classifier") for kind in WEIGHTS}


WEIGHTS = ("weight", "bias")


@pytest.mark.parametrize("role", ROLES)
def test_a_fresh_classifier_is_drawn_from_its_seed_as_transformers_would(role: str) -> None:
    loaded = tiny("sentiment", role)
    weight = fresh_classifier(loaded, seed=3).model.classifier.weight
    assert torch.equal(weight, fresh_classifier(loaded, seed=3).model.classifier.weight)
    assert not torch.equal(weight, fresh_classifier(loaded, seed=4).model.classifier.weight)
    below = fresh_classifier(loaded, seed=3).model
    below = below.bert.pooler.dense if role == "teacher" else below.pre_classifier
    spread = loaded.model.config.initializer_range
    assert float(below.weight.detach().std()) == pytest.approx(spread, rel=0.1)
    assert float(below.weight.detach().mean()) == pytest.approx(0.0, abs=spread / 5)
    assert not below.bias.any()


def test_a_fresh_classifier_sees_the_same_hidden_states() -> None:
    loaded = tiny("sentiment", "student")
    batch = tensors(loaded, [row(loaded, pieces(loaded, "A charming journey.").ids)])
    with torch.inference_mode():
        mine = trunk(loaded.model)(**batch).last_hidden_state
        same = trunk(fresh_classifier(loaded).model)(**batch).last_hidden_state
    assert torch.equal(mine, same)
