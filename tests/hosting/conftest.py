"""A small page, served in this process as the app is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import httpx
import pytest

from demos.hosting import application
from explain.settings import Settings, bind

PATIENCE = 60.0  # seconds


class Site:
    """What the tests need of a served page."""

    def __init__(self) -> None:
        self.gate = threading.Event()  # `slow` answers once it is set
        self.gate.set()
        self.order: list[str] = []
        with gr.Blocks(analytics_enabled=False) as self.blocks:
            kept, shown = gr.State([]), gr.Textbox()
            button, stop = gr.Button(), gr.Button()
            button.click(self._remember, [kept, shown], [kept, shown], api_visibility="private")
            stop.click(lambda: "cancelled", None, shown, queue=False, api_name="cancel")
            shown.change(self._strict, shown, None, queue=False, api_name="strict")
            choice = gr.Radio(["a", "<b>"], value="a")
            choice.input(self.echo, [choice], shown, api_name="choose")
            gr.Slider(0, 9).release(self.echo, [gr.Number(minimum=0)], shown, api_name="count")
            gr.Examples([["one"], ["two"]], [shown], api_visibility="private")
            gr.api(self.echo, api_name="echo")
            gr.api(self.slow, api_name="slow", concurrency_id="one", concurrency_limit=1)
        self.settings = Settings(port=1, queue_size=20, queue_per_visitor=5)
        looks = {"max_threads": 50, "show_error": False, "run_history": False, "pwa": False}
        self.app = application.application(self.blocks, self.settings, looks)

    def echo(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def _strict(self, text: str) -> None:
        if text == "x":
            raise gr.Error("Nothing is called x.", print_exception=False)
        raise KeyError(text)

    def slow(self, name: str) -> str:
        assert self.gate.wait(60)
        self.order.append(name)
        return name

    def _remember(self, kept: list[str], text: str) -> tuple[list[str], str]:
        kept = [*kept, text]
        return kept, " ".join(map(str, kept))

    @property
    def sessions(self) -> Any:
        return self.blocks._queue.server_app.state_holder  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def site() -> Site:
    return Site()


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application in this process; its address."""
    bound = bind(Settings(host="127.0.0.1", port=0))
    listening = threading.Event()
    server = application.Server(application.configuration(app), listening.set)
    program = threading.Thread(target=server.run, args=([bound],))
    program.start()
    assert listening.wait(60)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    program.join(60)


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """Where the small page answers."""
    with serving(site.app) as address:
        yield address


@pytest.fixture
def visit(address: str) -> Iterator[httpx.Client]:
    """A program that calls it."""
    with httpx.Client(base_url=address, timeout=PATIENCE) as client:
        yield client


def until(reached: Callable[[], bool]) -> None:
    """Wait for something that will be reached soon."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(visit: httpx.Client, number: int, values: list[Any], **more: Any) -> dict[str, Any]:
    """How an event of the page ends that is sent these values."""
    session = f"hostile {time.monotonic()}"
    body = {"data": values, "fn_index": number, "session_hash": session, **more}
    visit.post("/gradio_api/queue/join", json=body).raise_for_status()
    with visit.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
        for line in stream.iter_lines():
            message: dict[str, Any] = json.loads(line.partition(":")[2] or "{}")
            if message.get("msg") == "process_completed":
                return message
    raise AssertionError("the event did not end")
