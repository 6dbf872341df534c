"""Every handler of the page, sent what no page sends: a sentence, and nothing in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest

import app as program
from demos.hosting import application
from explain.settings import Settings
from tests.hosting.conftest import ended, serving

OBJECT, LIST = {"__class__": "x"}, [[1, None, {"b": 2}]]


@pytest.fixture(scope="module")
def blocks() -> gr.Blocks:
    return program.page()


@pytest.fixture(scope="module")
def visit(blocks: gr.Blocks) -> Iterator[httpx.Client]:
    settings = Settings(queue_size=40)
    site = application.application(blocks, settings, program.launch_settings())
    with serving(site) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    ("value", "missing"),
    [(None, 0), (OBJECT, 0), (LIST, 0), (None, 1)],
    ids=["nothing", "object", "list", "too few"],
)
def test_wrong_values_and_too_few_of_them_are_refused_in_a_sentence(
    blocks: gr.Blocks,
    visit: httpx.Client,
    value: object,
    missing: int,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    handlers = [(number, fn) for number, fn in blocks.fns.items() if callable(fn.fn)]
    assert len(handlers) > 150
    for number, fn in handlers:
        values = [value] * (len(fn.inputs) - missing)
        message = ended(visit, number, values, event_data={"word": value, "index": "__class__"})
        assert message["success"] or message["output"]["error"], (fn.name, values)
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out and not caplog.records
