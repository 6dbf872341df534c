"""The stored form of a pocket model: read back as it was, and by transformers alone."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from explain.models import ASSETS, FAMILY, HEADS, ROLES, layers, load, multitask, stored
from explain.models.architectures import PREFIXES, class_name
from explain.models.tokenizer import read_tokenizer
from tests.tiny import tiny_config, tiny_tokenizer

Models = dict[str, PreTrainedModel]


def saved(role: str, folder: Path) -> Models:
    """Tiny models, and the same stored in a folder."""
    torch.manual_seed(2)
    models = multitask.build(tiny_config(role, max_position_embeddings=24))
    stored.save(models, tiny_tokenizer(role), folder)
    return {head: model.eval() for head, model in models.items()}


def outputs(model: PreTrainedModel, head: str) -> tuple[torch.Tensor, ...]:
    """Everything that a model computes for one row of ids."""
    ids = torch.tensor([[101, 7592, 103, 2003, 102]])
    with torch.inference_mode():
        result: tuple[torch.Tensor, ...] = model(
            ids[None] if head == "multiple_choice" else ids
        ).to_tuple()
    return result


def same(first: tuple[torch.Tensor, ...], second: tuple[torch.Tensor, ...]) -> bool:
    return all(torch.allclose(a, b, atol=1e-6) for a, b in zip(first, second, strict=True))


@pytest.fixture(scope="module", params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    """Teacher, then student."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def folder(role: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny stored model."""
    path = tmp_path_factory.mktemp(role)
    saved(role, path)
    return path


def test_a_stored_model_comes_back_rounded_to_half_precision(role: str, tmp_path: Path) -> None:
    models = saved(role, tmp_path)
    before = multitask.named_tensors(models)
    after = multitask.named_tensors(stored.read(tmp_path))
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        assert after[name].dtype == torch.float32
        assert torch.equal(after[name], tensor.half().float()), name


def test_a_model_that_was_read_shares_its_trunk_and_ties_its_vocabulary(folder: Path) -> None:
    models = stored.read(folder)
    trunks = [layers.trunk(model) for model in models.values()]
    for name in multitask.SHARED[models["ner"].config.model_type]:
        assert len({id(getattr(trunk, name)) for trunk in trunks}) == 1
    words = layers.trunk(models["ner"]).get_input_embeddings().weight
    assert models["fill_mask"].get_output_embeddings().weight is words


def test_every_weight_is_stored_once_in_float16(folder: Path) -> None:
    files = stored.weight_files(folder)
    assert len(files) == 1 + len(HEADS)
    tensors = [tensor for path in files for tensor in load_file(path).values()]
    assert {tensor.dtype for tensor in tensors} == {torch.float16}
    models = stored.read(folder).values()
    parameters = {id(p): p.numel() for model in models for p in model.parameters()}
    assert sum(tensor.numel() for tensor in tensors) == sum(parameters.values())
    assert sum(stored.sizes(folder)) == sum(parameters.values())


@pytest.mark.parametrize("head", HEADS)
def test_transformers_alone_loads_a_head_from_its_folder(
    head: str, role: str, folder: Path
) -> None:
    automatic = f"AutoModel{HEADS[head].architecture}"
    model, report = getattr(transformers, automatic).from_pretrained(
        folder / head, output_loading_info=True
    )
    assert type(model).__name__ == class_name(FAMILY[role], head)
    assert not report["missing_keys"] and not report["unexpected_keys"]
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}
    assert same(outputs(model, head), outputs(stored.read(folder)[head], head))
    names = dict(enumerate(HEADS[head].labels or ("LABEL_0", "LABEL_1")))
    assert model.config.id2label == names


@pytest.mark.parametrize("head", HEADS)
def test_transformers_alone_loads_the_tokenizer_that_is_stored_once(
    head: str, role: str, folder: Path
) -> None:
    text = "Don't you  like Zoë's cafés, 東京 and [MASK]?"
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / head)
    ours = read_tokenizer(stored.vocabulary(folder), FAMILY[role])
    assert type(tokenizer).__name__ == f"{PREFIXES[FAMILY[role]]}Tokenizer"
    assert dict(tokenizer(text, "And it?")) == dict(ours(text, "And it?"))
    assert tokenizer.model_max_length == 512
    assert len(list(folder.rglob("tokenizer.4.json"))) == 1


@pytest.mark.parametrize(
    ("task", "head"),
    [
        ("fill-mask", "fill_mask"),
        ("text-classification", "sentiment"),
        ("token-classification", "ner"),
    ],
)
def test_a_pipeline_runs_on_the_folder_of_a_head(task: str, head: str, folder: Path) -> None:
    answers: Any = transformers.pipeline(task, str(folder / head))("Paris is [MASK].")
    model, ids = stored.read(folder)[head], torch.tensor([[101, 3000, 2003, 103, 1012, 102]])
    with torch.inference_mode():
        probabilities = model(ids).logits[0].softmax(-1)
    if head == "fill_mask":
        assert answers[0]["token"] == int(probabilities[3].argmax())
        assert answers[0]["score"] == pytest.approx(float(probabilities[3].max()), abs=1e-6)
    elif head == "sentiment":
        assert answers[0]["label"] == HEADS[head].labels[int(probabilities.argmax())]
        assert answers[0]["score"] == pytest.approx(float(probabilities.max()), abs=1e-6)
    else:
        for answer in answers:
            place = answer["index"]
            assert answer["entity"] == HEADS[head].labels[int(probabilities[place].argmax())]


def test_every_file_has_its_checksum(folder: Path) -> None:
    lines = (folder / stored.CHECKSUMS).read_text().splitlines()
    named = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert named.keys() == files - {stored.CHECKSUMS}
    for name, digest in named.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        assert (folder / name).stat().st_mode & 0o044 == 0o044  # readable by all


@pytest.mark.parametrize("name", ["bert-pocket", "distilbert-pocket"])
def test_the_files_of_the_pocket_pair_are_those_of_its_checksums(name: str) -> None:
    if not (ASSETS / name / stored.CHECKSUMS).is_file():
        pytest.skip("stored in the layout before this one")
    command = ["sha256sum", "--check", "--quiet", stored.CHECKSUMS]
    assert subprocess.run(command, cwd=ASSETS / name, check=False).returncode == 0


@pytest.mark.parametrize("change", ["missing", "unexpected"])
def test_a_file_that_lacks_a_tensor_or_has_one_too_many_is_not_read(
    change: str, tmp_path: Path
) -> None:
    saved("student", tmp_path)
    path = tmp_path / "ner" / stored.HEAD
    tensors = load_file(path)
    if change == "missing":
        del tensors["classifier.bias"]
    else:
        tensors["more"] = torch.zeros(2)
    save_file(tensors, path)
    with pytest.raises(ValueError, match=r"tensors missing or unexpected: \['ner\."):
        stored.read(tmp_path)


def test_the_pocket_pair_answers_as_its_stored_weights_do(role: str, tmp_path: Path) -> None:
    loaded = load("sentiment", role)
    stored.copy_model(ASSETS / loaded.name, tmp_path)
    kind = transformers.AutoModelForSequenceClassification
    model = kind.from_pretrained(tmp_path / "sentiment")
    assert same(outputs(model, "sentiment"), outputs(loaded.model, "sentiment"))
