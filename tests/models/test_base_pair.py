"""The base pair without a network: tiny checkpoints in a Hub cache, under the real repositories.

What must load: both kinds of vocabulary, old names of weights, labels in any order. What must not:
the wrong architecture, missing weights, damaged files, code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from huggingface_hub import constants
from huggingface_hub.errors import HTTPError, LocalEntryNotFoundError, RemoteEntryNotFoundError

from explain.encoding import pieces, splitter
from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.heads.sentiment import classify
from explain.models import HEADS, PAIRS, ROLES, Loaded, load
from explain.models import loading as models
from explain.records import InputError
from tests.hub_cache import NER_LABELS, files_of, model_of, pack, publish, vocabulary

SIZE, CASED_SIZE = len(vocabulary()), len(vocabulary(cased=True))
LABELS = {
    "sentiment": {"teacher": ("LABEL_0", "LABEL_1"), "student": ("NEGATIVE", "POSITIVE")},
    "ner": {"teacher": NER_LABELS, "student": NER_LABELS[::-1]},
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty Hub cache, the Hub out of reach, and no model of the base pair in memory."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(models, "_cache", {k: v for k, v in models._cache.items() if "pocket" in k})
    yield tmp_path


def checkpoint_model(head: str, role: str) -> Any:
    """A tiny model of the kind that the table's repository holds, with labels of its own."""
    names = LABELS.get(head, {}).get(role)
    settings = {"id2label": dict(enumerate(names))} if names else {}
    return model_of(head, role, CASED_SIZE if head == "ner" else SIZE, **settings)


def put(
    cache: Path, head: str, role: str, model: Any = None, without: str = "", **kind: Any
) -> tuple[Any, Path]:
    """Publish a model under the table's repository for a head: (model, snapshot)."""
    model = model or checkpoint_model(head, role)
    files = files_of(model, cased=head == "ner", **kind)
    files.pop(without, None)
    return model, publish(cache, PAIRS["base"][role][head].source, files)


def put_row(cache: Path, head: str, role: str) -> Any:
    """Publish one row of the table in the form its repository has, tokenizer and all."""
    pieces = "vocab.txt" if role == "teacher" else "tokenizer.json"
    return put(cache, head, role, pieces=pieces)[0]


def ask(loaded: Loaded) -> Any:
    """One answer of a head."""
    if loaded.head == "fill_mask":
        return fill("the capital of france is [MASK].", loaded, answer="paris")
    if loaded.head == "sentiment":
        return classify("a good film", loaded, "positive")
    if loaded.head == "ner":
        return tag("Jim Henson was a film", loaded)
    if loaded.head == "multiple_choice":
        return choose("who was a film?", ["jim", "paris"], loaded, 1)
    return answer("who was it?", "jim was a good film", loaded, span=(0, 3))


def refused(head: str, role: str) -> str:
    """The sentence with which a checkpoint is refused."""
    with pytest.raises(InputError) as error:
        load(head, role, "base")
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence


# What loads


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("head", HEADS)
def test_every_row_of_the_table_loads_from_the_cache_and_answers(
    cache: Path, head: str, role: str
) -> None:
    model, row = put_row(cache, head, role), PAIRS["base"][role][head]
    loaded = load(head, role, "base")
    assert (loaded.head, loaded.role, loaded.pair, loaded.name) == (head, role, "base", row.name)
    assert loaded.window == 80  # the tiny model's positions; the table's is longer
    assert {tensor.dtype for tensor in loaded.model.parameters()} == {torch.float32}
    assert not any(module.training for module in loaded.model.modules())
    ids = torch.tensor([[2, 9, 8, 7, 3]])
    ids = ids[None] if head == "multiple_choice" else ids
    with torch.inference_mode():
        mine, theirs = loaded.model(ids).to_tuple(), model(ids).to_tuple()
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(mine, theirs, strict=True))
    assert ask(loaded).timing.pieces > 4


def test_labels_of_any_name_and_order_come_out_as_ours(cache: Path) -> None:
    for role in ROLES:
        put_row(cache, "sentiment", role)
        assert load("sentiment", role, "base").labels == ("negative", "positive")
    put_row(cache, "ner", "student")
    loaded = load("ner", "student", "base")
    assert loaded.labels == NER_LABELS[::-1]
    found = tag("Jim Henson", loaded)
    for word in found.words:
        assert word.tag == found.labels[word.logits.index(max(word.logits))]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("positive", "negative"), ("positive", "negative")),
        (("POS", "NEG"), ("positive", "negative")),
        (("0", "1"), ("negative", "positive")),
        (("LABEL_1", "LABEL_0"), ("positive", "negative")),
    ],
)
def test_a_polarity_is_recognised_by_its_name(
    cache: Path, names: tuple[str, str], wanted: tuple[str, str]
) -> None:
    model = model_of("sentiment", "student", SIZE, id2label=dict(enumerate(names)))
    put(cache, "sentiment", "student", model)
    loaded = load("sentiment", "student", "base")
    assert loaded.labels == wanted
    found = classify("a good film", loaded)
    ids = torch.tensor([[2, *pieces(loaded, "a good film").ids, 3]])
    with torch.inference_mode():
        logits = model(ids).logits[0].tolist()
    order = [wanted.index(name) for name in ("negative", "positive")]
    assert found.logits == pytest.approx([logits[i] for i in order], abs=1e-5)


def test_weights_of_the_old_names_and_of_heads_we_do_not_use_are_read(cache: Path) -> None:
    model = model_of("fill_mask", "teacher", SIZE)
    state = {
        key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("Norm.bias", "Norm.beta"): tensor
        for key, tensor in model.state_dict().items()
        if "decoder" not in key
    }
    assert any("gamma" in key for key in state)
    state["cls.seq_relationship.weight"] = torch.zeros(2, 32)
    state["bert.pooler.dense.weight"] = torch.zeros(32, 32)
    state["bert.embeddings.position_ids"] = torch.arange(80)[None]
    files = files_of(model) | {"model.safetensors": pack(state)}
    publish(cache, PAIRS["base"]["teacher"]["fill_mask"].source, files)
    loaded = load("fill_mask", "teacher", "base")
    ids = torch.tensor([[2, 9, 4, 7, 3]])
    with torch.inference_mode():
        assert torch.equal(loaded.model(ids).logits, model(ids).logits)


def test_half_precision_weights_are_read_as_float32(cache: Path) -> None:
    model = model_of("sentiment", "student", SIZE)
    state = {key: tensor.half() for key, tensor in model.state_dict().items()}
    files = files_of(model) | {"model.safetensors": pack(state)}
    config = json.loads(files["config.json"]) | {"dtype": "float16", "torch_dtype": "float16"}
    files["config.json"] = json.dumps(config).encode()
    publish(cache, PAIRS["base"]["student"]["sentiment"].source, files)
    loaded = load("sentiment", "student", "base")
    assert {tensor.dtype for tensor in loaded.model.parameters()} == {torch.float32}


@pytest.mark.parametrize("kind", ["tokenizer.json", "vocab.txt"])
@pytest.mark.parametrize("claim", [None, True])
def test_a_vocabulary_with_capitals_keeps_them_whatever_the_repository_says(
    cache: Path, kind: str, claim: bool | None
) -> None:
    files = files_of(checkpoint_model("ner", "teacher"), cased=True, pieces=kind)
    if claim is not None:
        files["tokenizer_config.json"] = json.dumps({"do_lower_case": claim}).encode()
    publish(cache, PAIRS["base"]["teacher"]["ner"].source, files)
    put(cache, "sentiment", "student", pieces=kind)
    cased, uncased = load("ner", "teacher", "base"), load("sentiment", "student", "base")
    assert pieces(cased, "Jim Henson").tokens == ["Jim", "Henson"]
    assert cased.tokenizer.tokenize("Jim Henson") == ["Jim", "Henson"]
    assert pieces(uncased, "Paris").tokens == ["paris"]
    assert splitter(cased).get_vocab_size() == CASED_SIZE


def test_bert_gets_segments_from_its_tokenizer_and_distilbert_does_not(cache: Path) -> None:
    for role in ROLES:
        put_row(cache, "question_answering", role)
        given = load("question_answering", role, "base").tokenizer("who?", "jim")
        assert ("token_type_ids" in given) == (role == "teacher")


# What is refused


def test_the_wrong_architecture_is_refused(cache: Path) -> None:
    other = model_of("sentiment", "teacher", SIZE)
    publish(cache, PAIRS["base"]["student"]["sentiment"].source, files_of(other))
    assert refused("sentiment", "student") == (
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english was not loaded: its "
        "architecture is bert, not distilbert. Choose the pocket pair."
    )


@pytest.mark.parametrize(
    ("head", "lost"),
    [
        ("sentiment", "classifier.weight"),
        ("ner", "classifier.bias"),
        ("multiple_choice", "pre_classifier.weight"),
        ("question_answering", "qa_outputs.weight"),
        ("fill_mask", "vocab_transform.bias"),
        ("sentiment", "distilbert.transformer.layer.1.ffn.lin1.weight"),
    ],
)
def test_a_checkpoint_without_a_weight_of_the_task_is_refused(
    cache: Path, head: str, lost: str
) -> None:
    model = checkpoint_model(head, "student")
    files = files_of(model, cased=head == "ner")
    state = {key: t.clone() for key, t in model.state_dict().items() if key != lost}
    files["model.safetensors"] = pack(state)
    publish(cache, PAIRS["base"]["student"][head].source, files)
    assert f"its weights for this task are missing or of another size ({lost})" in refused(
        head, "student"
    )


def test_weights_of_another_size_than_the_configuration_says_are_refused(cache: Path) -> None:
    model = model_of("sentiment", "teacher", SIZE, id2label={0: "a", 1: "b", 2: "c"})
    files = files_of(model)
    config = json.loads(files["config.json"]) | {"id2label": {"0": "NEGATIVE", "1": "POSITIVE"}}
    files["config.json"] = json.dumps(config).encode()
    publish(cache, PAIRS["base"]["teacher"]["sentiment"].source, files)
    assert "missing or of another size (classifier.bias)" in refused("sentiment", "teacher")


@pytest.mark.parametrize(
    ("head", "names", "why"),
    [
        ("ner", [f"LABEL_{n}" for n in range(9)], "its labels are LABEL_0, LABEL_1, LABEL_2, "),
        ("ner", ["O", "B-GPE", "I-GPE"], "not O, B-PER, I-PER, B-ORG, ..."),
        ("ner", ["B-PER", "I-PER"], "not O, B-PER, I-PER, B-ORG, ..."),
        ("sentiment", ["bad", "neutral", "good"], "bad, neutral, good, not negative, positive"),
        ("sentiment", ["positive", "positive"], "not negative, positive"),
        ("sentiment", ["LABEL_0", "LABEL_1", "LABEL_2"], "not negative, positive"),
        ("sentiment", ["only"], "not negative, positive"),
        (
            "question_answering",
            ["a", "b", "c"],
            "it has 3 outputs per word piece, not start and end",
        ),
    ],
)
def test_labels_of_another_kind_are_refused(
    cache: Path, head: str, names: list[str], why: str
) -> None:
    size = CASED_SIZE if head == "ner" else SIZE
    model = model_of(head, "teacher", size, id2label=dict(enumerate(names)))
    put(cache, head, "teacher", model)
    assert why in refused(head, "teacher")


def test_a_vocabulary_larger_than_the_models_is_refused(cache: Path) -> None:
    put(cache, "sentiment", "student", model_of("sentiment", "student", SIZE - 3))
    assert "more word pieces than the model knows" in refused("sentiment", "student")


@pytest.mark.parametrize("without", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_cache_that_lacks_a_file_is_told_in_one_sentence(cache: Path, without: str) -> None:
    put(cache, "sentiment", "teacher", without=without)
    assert refused("sentiment", "teacher") == (
        "JeremiahZ/bert-base-uncased-sst2 could not be read from the Hugging Face Hub or its "
        "cache. Check the connection and try again, or choose the pocket pair, which needs no "
        "network."
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"nonsense"),
        ("model.safetensors", b""),
        ("config.json", b"{"),
        ("config.json", b"[1, 2]"),
        ("config.json", b'{"model_type": "bert", "hidden_size": "wide"}'),
        ("config.json", b'{"model_type": "bert", "hidden_size": 30, "num_attention_heads": 7}'),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b'{"model": {"vocab": {"a": 0}}}'),
    ],
)
def test_damaged_files_are_told_in_one_sentence(cache: Path, name: str, content: bytes) -> None:
    files = files_of(checkpoint_model("question_answering", "teacher"))
    publish(cache, "csarron/bert-base-uncased-squad-v1", files | {name: content})
    assert refused("question_answering", "teacher") == (
        "The files of csarron/bert-base-uncased-squad-v1 are damaged or of another kind than "
        "expected, so it was not loaded. Choose the pocket pair."
    )


def test_without_a_cache_the_base_pair_says_so_and_the_pocket_pair_goes_on(cache: Path) -> None:
    for role in ROLES:
        for head in HEADS:
            assert "could not be read from the Hugging Face Hub" in refused(head, role)
    assert classify("A charming journey.", load("sentiment", "student")).label


# What is never run


def test_code_that_a_repository_brings_along_is_ignored(cache: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    code = f"import os\nos.mkdir({str(trace)!r})\n".encode()
    files = files_of(checkpoint_model("sentiment", "student"))
    hooks = {
        "auto_map": {
            "AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model",
            "AutoTokenizer": ["evil.Tokenizer", "evil.Tokenizer"],
        },
        "custom_pipelines": {"x": {"impl": "evil.Pipeline"}},
        "attn_implementation": "someone/kernel", "_attn_implementation": "someone/kernel",
        "quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True},
    }  # fmt: skip
    config = json.loads(files["config.json"]) | hooks
    files |= {"config.json": json.dumps(config).encode(), "evil.py": code}
    files["tokenizer_config.json"] = json.dumps(hooks | {"tokenizer_class": "evil.T"}).encode()
    files["adapter_config.json"] = b'{"peft_type": "LORA", "base_model_name_or_path": "some/one"}'
    publish(cache, PAIRS["base"]["student"]["sentiment"].source, files)
    loaded = load("sentiment", "student", "base")
    assert type(loaded.model).__module__.startswith("transformers.models.distilbert")
    assert loaded.model.config._attn_implementation == "sdpa"
    assert ask(loaded).label
    assert not trace.exists()


def test_a_repository_of_another_kind_with_its_own_code_is_refused(
    cache: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    files = files_of(checkpoint_model("sentiment", "student"))
    config = {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config"}}
    files |= {"config.json": json.dumps(config).encode()}
    files["evil.py"] = f"import os\nos.mkdir({str(trace)!r})\n".encode()
    publish(cache, PAIRS["base"]["student"]["sentiment"].source, files)
    assert "its architecture is evil, not distilbert" in refused("sentiment", "student")
    assert not trace.exists()


# The Hub itself, played by a cache that stands elsewhere


class Hub:
    """Plays the Hub's client: what is asked for, in order, and how the network does."""

    def __init__(self, files: dict[str, bytes], cache: Path, monkeypatch: pytest.MonkeyPatch):
        self.files, self.cache, self.requests = files, cache, list[str]()
        self.revisions: list[str] = []
        self.connected, self.breaks = True, False
        self.snapshot_download = huggingface_hub.snapshot_download
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(huggingface_hub, "get_session", lambda: self)
        monkeypatch.setattr(huggingface_hub, "hf_hub_download", self.download)
        monkeypatch.setattr(huggingface_hub, "snapshot_download", self.snapshot)

    def head(self, address: str, timeout: float) -> None:
        assert address.startswith("https://")
        assert 0 < timeout <= 10
        self.requests.append("?")
        if not self.connected:
            raise HTTPError("no route")

    def snapshot(
        self,
        repository: str,
        revision: str,
        allow_patterns: list[str],
        local_files_only: bool = False,
    ) -> str:
        if local_files_only:
            return self.snapshot_download(repository, revision=revision, local_files_only=True)
        names = [name for name in allow_patterns if name in self.files]
        return str(self.publish(repository, names, revision))

    def download(self, repository: str, name: str, revision: str) -> str:
        return str(self.publish(repository, [name], revision) / name)

    def publish(self, repository: str, names: list[str], revision: str) -> Path:
        self.requests += names
        self.revisions.append(revision)
        if self.breaks:
            raise LocalEntryNotFoundError("the connection broke")
        if missing := [name for name in names if name not in self.files]:
            raise RemoteEntryNotFoundError(f"404: {missing}", response=_Response())
        return publish(self.cache, repository, {name: self.files[name] for name in names})


class _Response:
    """The least of an answer that the client's error wants."""

    headers: dict[str, str] = {}  # noqa: RUF012
    request = None


def test_what_the_cache_lacks_is_downloaded_once(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Hub(files_of(checkpoint_model("sentiment", "student")), cache, monkeypatch)
    load("sentiment", "student", "base")
    assert client.requests == ["?", "config.json", "tokenizer.json", "model.safetensors"]
    client.requests.clear()
    models._cache.clear()
    load("sentiment", "student", "base")
    assert not client.requests  # nothing is asked of the network for what is there


def test_a_hub_out_of_reach_is_told_after_one_short_try(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Hub({}, cache, monkeypatch)
    client.connected = False
    assert "could not be read from the Hugging Face Hub" in refused("ner", "teacher")
    assert client.requests == ["?"]


@pytest.mark.parametrize("without", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_file_that_the_repository_lacks_is_not_asked_for_again_and_again(
    without: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(checkpoint_model("sentiment", "student"))
    files.pop(without)
    client = Hub(files, cache, monkeypatch)
    assert "could not be read from the Hugging Face Hub" in refused("sentiment", "student")
    assert client.requests.count("model.safetensors") == 1


def test_a_connection_that_breaks_is_one_sentence(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Hub(files_of(checkpoint_model("sentiment", "student")), cache, monkeypatch)
    client.breaks = True
    assert "could not be read from the Hugging Face Hub" in refused("sentiment", "student")
    assert client.requests == ["?", "config.json", "tokenizer.json"]


def test_all_files_are_of_one_commit_though_the_branch_moves(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Hub(files_of(checkpoint_model("sentiment", "student")), cache, monkeypatch)
    load("sentiment", "student", "base")
    first, second = client.revisions
    assert first == "main"
    assert len(second) == 40


def test_a_revision_in_the_table_is_the_one_that_is_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, pinned = PAIRS["base"]["student"]["sentiment"], "a" * 40
    old, new = (model_of("sentiment", "student", SIZE, **k) for k in ({}, {"n_layers": 1}))
    publish(cache, row.source, files_of(old), pinned)
    publish(cache, row.source, files_of(new), "b" * 40)  # main moved on
    assert load("sentiment", "student", "base").model.config.n_layers == 1
    table = {"base": {"student": {"sentiment": replace(row, revision=pinned)}}}
    monkeypatch.setattr(models, "PAIRS", table)
    models._cache.clear()
    assert load("sentiment", "student", "base").model.config.n_layers == 2
