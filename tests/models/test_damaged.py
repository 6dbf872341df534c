"""A stored pair that is damaged says so in one sentence, and never answers from what is left."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from explain.models import load, stored
from explain.models import loading as models
from explain.models.check import check
from explain.models.checkpoints import ASSETS
from explain.records import InputError

NAME = "distilbert-pocket"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 35450416\n"


def weights(folder: Path) -> Path:
    return stored.weight_files(folder)[0]


def changed(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Path], None]:
    """Changes one tensor of the trunk."""

    def damage(folder: Path) -> None:
        path = weights(folder)
        tensors = load_file(path)
        name = next(name for name in tensors if tensors[name].ndim == 2)
        save_file(tensors | {name: change(tensors[name])}, path, metadata={"format": "pt"})

    return damage


def one_nan(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.clone()
    tensor[0, 0] = float("nan")
    return tensor


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda f: weights(f).write_bytes(weights(f).read_bytes()[:1_000_000]),
    "empty": lambda f: weights(f).write_bytes(b""),
    "missing": lambda f: weights(f).unlink(),
    "swapped": lambda f: shutil.copy(weights(ASSETS / "bert-pocket"), weights(f)),
    "a pickle": lambda f: weights(f).write_bytes(pickle.dumps({"weight": [1.0]})),
    "a pointer": lambda f: weights(f).write_bytes(POINTER),
    "not a number": changed(one_nan),
    "a broken tokenizer": lambda f: stored.vocabulary(f).write_text("{"),
    "a broken configuration": lambda f: [p.write_text("[]") for p in f.glob("*/config.json")],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the pocket pair, of which nothing is in memory."""
    for name in (NAME, "bert-pocket"):
        shutil.copytree(ASSETS / name, tmp_path / name)
    monkeypatch.setattr(models, "ASSETS", tmp_path)
    for name in ("_cache", "_pockets", "_locks"):
        monkeypatch.setattr(models, name, {})
    yield tmp_path / NAME


@pytest.mark.parametrize("with_sums", [True, False], ids=["checksums", "no checksums"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_named_in_one_sentence(
    folder: Path, damage: str, with_sums: bool
) -> None:
    if not with_sums:
        (folder / stored.CHECKSUMS).unlink()
    DAMAGE[damage](folder)
    with pytest.raises(InputError, match=rf"^The stored model {NAME} is damaged \(") as refused:
        load("sentiment", "student")
    assert "get assets/models again" in str(refused.value)
    assert str(folder.parent) not in str(refused.value) and "\n" not in str(refused.value)
    assert load("sentiment", "teacher").name == "bert-pocket"  # the other one still answers


def test_weights_that_are_finite_and_wrong_are_told_by_their_checksum(folder: Path) -> None:
    changed(torch.neg)(folder)
    with pytest.raises(InputError, match=r"is damaged \(\S+ missing or changed\)"):
        load("sentiment", "student")


def test_the_check_names_what_is_whole_and_what_is_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    DAMAGE["truncated"](folder)
    assert check() == 1
    teacher, student = capsys.readouterr().out.splitlines()
    assert teacher.startswith("bert-pocket: whole; ")
    assert student.startswith(f"The stored model {NAME} is damaged (")


def test_the_pair_in_assets_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert check() == 0
    assert capsys.readouterr().out.count("5 heads") == 2
    for name in (NAME, "bert-pocket"):
        assert (ASSETS / name / stored.CHECKSUMS).is_file()
        assert json.loads((ASSETS / name / "sentiment" / "config.json").read_text())
