"""What would be uploaded as a Space is whole, sound, and opens."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

from deploy import base, pin, program, space
from explain.models.checkpoints import PINS
from explain.models.hub import cached
from tests.hub_cache import files_of, model_of, publish, vocabulary


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("space")
    space.build(built)
    return built


def test_the_folder_is_sound_and_holds_the_app_and_no_tests(folder: Path) -> None:
    assert space.faults(folder) == []
    assert {path.name for path in folder.iterdir()} == set(space.PARTS)


def test_the_page_of_the_folder_opens(folder: Path) -> None:
    with program.running([sys.executable, "app.py"], folder) as address:
        with urllib.request.urlopen(address, timeout=60) as page:
            assert "DistilBERT Explorer" in page.read().decode()


def test_a_zerogpu_space_gets_a_torch_that_it_accepts(tmp_path: Path) -> None:
    space.build(tmp_path, space.ZERO)
    assert space.faults(tmp_path, space.ZERO) == []
    assert space.requirements(tmp_path / "requirements.txt")["torch"] in space.ZERO_TORCHES
    assert space.front_matter(tmp_path / "README.md")[0]["python_version"] == "3.12.12"


def change(folder: Path, tmp_path: Path, **settings: object) -> list[str]:
    """The faults of a folder whose front matter says something else."""
    for name in ("README.md", "requirements.txt", "app.py"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    matter, text = space.front_matter(folder / "README.md")
    changed = yaml.safe_dump({**matter, **settings}, allow_unicode=True)
    (tmp_path / "README.md").write_text(f"---\n{changed}---\n{text}", encoding="utf-8")
    return space.faults(tmp_path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sdk_version": "6.30.0"}, "sdk_version is not the version of gradio"),
        ({"python_version": 3.12}, "python_version is not quoted"),
        ({"short_description": "x" * 61}, "short_description is longer than 60"),
        ({"colorFrom": "teal"}, "not a colour of the Hub"),
        ({"app_file": "main.py"}, "app_file is not there"),
        ({"license": ""}, "lacks license"),
        ({"preload_from_hub": ["a/b config.json"]}, "does not list the checkpoints"),
        (
            {"preload_from_hub": [*space.preloaded()[:-1], space.preloaded()[-1] + " v1"]},
            "is preloaded at v1, which is no commit",
        ),
    ],
)
def test_a_fault_is_named(
    folder: Path, tmp_path: Path, settings: dict[str, object], said: str
) -> None:
    assert any(said in sentence for sentence in change(folder, tmp_path, **settings))


def test_a_version_that_is_not_pinned_is_named(folder: Path, tmp_path: Path) -> None:
    change(folder, tmp_path)
    (tmp_path / "requirements.txt").write_text("gradio==6.31.0\ntorch>=2.8\n")
    assert space.faults(tmp_path) == ["torch is not pinned to one version."]
    assert "torch  is not accepted by ZeroGPU." in space.faults(tmp_path, space.ZERO)


@pytest.mark.parametrize("name", ["", "name", "user/name/more", "user/na me", "user/$(id)"])
def test_a_space_is_named_by_user_and_name(name: str) -> None:
    with pytest.raises(SystemExit, match="user/name"):
        space.upload(name, space.CPU)


def test_a_pin_holds_the_commit_and_the_files_that_are_read() -> None:
    files = ["README.md", "config.json", "model.safetensors", "pytorch_model.bin", "vocab.txt"]
    pins = pin.pinned(PINS, lambda repository: ("0" * 40, files))
    assert pins.keys() == PINS.keys()
    read = ["config.json", "model.safetensors", "vocab.txt"]
    assert pins["dslim/bert-base-NER"] == {"revision": "0" * 40, "files": read}
    with pytest.raises(SystemExit, match="lacks a file"):
        pin.pinned(PINS, lambda repository: ("0" * 40, ["config.json", "pytorch_model.bin"]))


def test_without_the_hub_the_pins_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pin.FILE.read_bytes()
    with pytest.raises(SystemExit, match="stays as it is"):
        pin.main()
    assert pin.FILE.read_bytes() == before
    assert all(len(one["revision"]) == 40 or one["revision"] == "main" for one in PINS.values())
    assert json.loads(before) == PINS


def test_what_the_cache_holds_is_told_and_the_rest_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    model = model_of("sentiment", "student", len(vocabulary()))
    there = base.base_pair()[3]
    publish(tmp_path, there.source, files_of(model))
    assert cached(there) and not cached(base.base_pair()[0])
    with pytest.raises(SystemExit, match="9 of 10 checkpoints are missing"):
        base.main()
    said = capsys.readouterr().out
    assert f"4 of 10: {there.source} is there" in said
    assert said.count("could not be read from the Hugging Face Hub") == 9
    assert os.environ["HF_HUB_OFFLINE"] == "1"
