"""A visitor who leaves the page: the work that only they would have seen ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import httpx
import pytest

import app as program
from demos.hosting import application
from distill.live import control
from explain.models import ROLES, load
from explain.race import lock
from explain.settings import Settings
from tests.hosting.conftest import serving

SOON = 20.0  # seconds; an idle machine needs under five
PATIENCE = 60.0
WORK = {  # the first output, and the inputs, of work that takes long
    "explained-verdict": [
        "question_answering",
        "ours",
        None,
        "integrated_gradients",
        200,
        "pocket",
    ],
    "accuracy-verdict": ["fill_mask", "ours", None, 500, "pocket"],
    "race-verdict": [["teacher", "student"], 64, 1, 500, 1, "pocket"],
    "sweep-status": [["teacher", "student"], 64, 1, 1, "pocket"],
}


@pytest.fixture(scope="module")
def blocks() -> gr.Blocks:
    return program.page()


@pytest.fixture(scope="module")
def visit(blocks: gr.Blocks) -> Iterator[httpx.Client]:
    site = application.application(blocks, Settings(), program.launch_settings())
    for head in ("question_answering", "fill_mask"):
        for role in ROLES:
            load(head, role)
    with serving(site) as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
        yield client


def waited(until: bool) -> float:
    """Seconds until something runs, or until nothing does."""
    began = time.monotonic()
    while bool(lock.blocking_job()) is not until:
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("place", WORK)
def test_work_ends_soon_after_its_visitor_has_left(
    blocks: gr.Blocks, visit: httpx.Client, place: str
) -> None:
    number = next(
        number
        for number, fn in blocks.fns.items()
        if fn.inputs and fn.outputs and fn.outputs[0].elem_id == place
        if len(fn.inputs) == len(WORK[place])
    )
    session = f"visitor of {place}"
    body = {"data": WORK[place], "fn_index": number, "session_hash": session}
    visit.post("/gradio_api/queue/join", json=body).raise_for_status()
    with visit.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        for line in stream.iter_lines():
            message = json.loads(line.partition(":")[2] or "{}").get("msg")
            assert message != "process_completed", line
            if message == "process_generating" and lock.blocking_job():
                break
    assert waited(until=False) < SOON
    assert lock.current_job() == ""


def generator(blocks: gr.Blocks, place: str) -> Any:
    """The event of the page that draws step by step and shows first in this place."""
    return next(
        fn
        for fn in blocks.fns.values()
        if fn.outputs and fn.outputs[0].elem_id == place and fn.types_generator and fn.inputs
    )


def leave(visit: httpx.Client, number: int, values: list[Any], session: str) -> None:
    """Press, see a first picture, and close the page."""
    body = {"data": values, "fn_index": number, "session_hash": session}
    headers = {"x-gradio-user": "app"}
    visit.post("/gradio_api/queue/join", json=body, headers=headers).raise_for_status()
    with visit.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        for line in stream.iter_lines():
            message = json.loads(line.partition(":")[2] or "{}").get("msg")
            assert message != "process_completed", line
            if message == "process_generating":
                return


def test_an_explanation_ends_soon_after_its_visitor_has_left(
    blocks: gr.Blocks, visit: httpx.Client
) -> None:
    fn = generator(blocks, "why-question_answering-status")
    fields = ["Who kept the log?", "The ferry ran twice a day and Ada Lind kept its log. " * 14]
    sessions = blocks._queue.server_app.state_holder  # type: ignore[union-attr]
    sessions["reader"][fn.inputs[0]._id] = (*fields, "pocket")
    choices = ["", "", "occlusion", "mask", "pocket"]
    leave(visit, fn._id, [None, *fields, *choices], "reader")
    assert lock.blocking_job() == "an explanation" or "an explanation;" in lock.blocking_job()
    assert waited(until=False) < SOON


def test_a_live_training_ends_soon_after_its_visitor_has_left(
    blocks: gr.Blocks, visit: httpx.Client
) -> None:
    fn = generator(blocks, "distil-status")
    control.begin("trainer")
    leave(visit, fn._id, [each.value for each in fn.inputs], "trainer")
    began = time.monotonic()
    while control.find("trainer") is not None:
        assert time.monotonic() - began < SOON
        time.sleep(0.02)
