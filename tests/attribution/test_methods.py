"""A method is a file and a row of the registry: nothing else in the product names one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
import torch
from torch import Tensor

from demos.why.follow_ups import compare_methods
from demos.why.handlers import attribute, explain
from demos.why.panel import panel
from demos.wiring import controls, panels
from explain.attribution.engine import estimate
from explain.attribution.function import Function
from explain.attribution.heads.sentiment import SentimentInput, SentimentTarget
from explain.attribution.methods import METHODS
from explain.attribution.methods.method import AttributionStep, Method
from tests.tiny import tiny

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    path
    for pattern in ("app.py", "demos/**/*.py", "explain/**/*.py", "explain/**/*.html")
    for path in ROOT.glob(pattern)
    if "methods" not in path.parts
]
TEXT = "a charming film"


def uniform(
    function: Function, ends: tuple[Tensor, Tensor], seed: int = 0
) -> Iterator[AttributionStep]:
    """The same score for every piece: a sixth method, made of nothing but this function."""
    value, baseline_value = ends
    scores = torch.zeros(len(value), function.count)
    scores[:, list(function.ordinary)] = ((value - baseline_value) / len(function.ordinary))[
        :, None
    ]
    yield AttributionStep(scores, 1, (True,) * len(value), (0.0,) * len(value))


ADDED = Method("Uniform", "The same for all.", uniform, lambda pieces: (1, 1), False, True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_other_file_names_a_method(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for key, method in METHODS.items():
        quoted = rf"""["'](?:{key}|{re.escape(method.name)})["']"""
        assert not re.search(quoted, text), f"{path.name} names {key}"


def test_a_method_in_the_registry_is_on_the_page_and_in_the_api(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(METHODS, "uniform", ADDED)
    answer = attribute("sentiment", {"text": TEXT}, method="uniform")
    for role in ("teacher", "student"):
        scores = {round(word["score"], 5) for word in answer[role]["words"]}
        assert len(scores) == 1 and answer[role]["ledger"]["relative_delta"] < 1e-3
    *_, last = explain("sentiment", ("text",), TEXT, "", "", "uniform", "mask", "pocket")
    assert "Uniform, words replaced by [MASK]" in last.result
    *_, (_, table) = compare_methods(last.attributions)
    assert table.count("Uniform") >= 4  # a row and a column for each model
    loaded = tiny("sentiment", "teacher")
    expected = estimate(SentimentInput(TEXT), loaded, SentimentTarget("positive"), "uniform")
    assert expected.passes == (1, 1)


def test_the_menu_lists_what_the_registry_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "uniform", ADDED)
    with gr.Blocks() as page:
        text, pair = gr.Textbox(), gr.Radio(["pocket"])
        row, shown = controls("sentiment", [("a text", "fine")], [text]), panels("sentiment")
        panel("sentiment", {"text": text}, pair, row, shown[-1])
    blocks = page.get_config_file()["components"]
    (menu,) = [b["props"] for b in blocks if b["props"].get("elem_id") == "why-sentiment-method"]
    offered = [(method.name, key) for key, method in METHODS.items() if method.offered]
    assert [tuple(choice) for choice in menu["choices"]] == offered
    assert ("Uniform", "uniform") in offered
