"""The stream of answers to a page outlasts its last answer, and ends without losing a request."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from demos.hosting import streams
from demos.hosting.streams import HELD, HeldStreams
from tests.hosting.conftest import Site, until

PAGE = {"x-gradio-user": "app"}


@pytest.fixture
def short_pause(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(streams, "PAUSE", 0.6)
    return 0.6


def send(visit: httpx.Client, site: Site, session: str, headers: dict[str, str]) -> str:
    """Send one request of a page, or of a program; its name."""
    event = next(fn for fn in site.blocks.fns.values() if fn.api_visibility == "private")
    body = {"data": [None, "text"], "fn_index": event._id, "session_hash": session}
    sent = visit.post("/gradio_api/queue/join", json=body, headers=headers).raise_for_status()
    return str(sent.json()["event_id"])


class Reader:
    """What a page hears, until its stream ends."""

    def __init__(self, visit: httpx.Client, session: str) -> None:
        self.heard: list[str] = []
        self.ended = threading.Event()
        threading.Thread(target=self._read, args=(visit, session), daemon=True).start()

    def _read(self, visit: httpx.Client, session: str) -> None:
        with visit.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
            for line in stream.iter_lines():
                message = json.loads(line.partition(":")[2] or "{}")
                if message.get("msg") == "process_completed":
                    self.heard.append(message["event_id"])
        self.ended.set()


def test_one_stream_carries_the_answers_of_presses_that_follow_each_other(
    visit: httpx.Client, site: Site, short_pause: float
) -> None:
    first = send(visit, site, "held", PAGE)
    reader = Reader(visit, "held")
    until(lambda: reader.heard == [first])
    time.sleep(short_pause / 2)
    second = send(visit, site, "held", PAGE)
    until(lambda: reader.heard == [first, second])
    assert reader.ended.wait(20)
    assert reader.heard == [first, second, HELD]
    assert site.blocks._queue.pending_event_ids_session["held"] == set()


def test_the_stream_of_a_program_ends_with_its_answer(visit: httpx.Client, site: Site) -> None:
    sent = send(visit, site, "program", {})
    reader = Reader(visit, "program")
    assert reader.ended.wait(20)
    assert reader.heard == [sent]


def test_a_request_that_meets_the_end_is_confirmed_after_the_page_has_heard_of_it(
    visit: httpx.Client, site: Site, short_pause: float
) -> None:
    send(visit, site, "crossing", PAGE)
    reader = Reader(visit, "crossing")
    assert reader.ended.wait(20)
    ended = time.monotonic()
    sent = send(visit, site, "crossing", PAGE)
    assert time.monotonic() - ended > streams.CROSSING / 2
    again = Reader(visit, "crossing")
    assert again.ended.wait(20)
    assert again.heard == [sent, HELD]


class Pending:
    """As much of a queue as streams know."""

    def __init__(self) -> None:
        self.pending_event_ids_session: dict[str, set[str]] = {"left": {HELD}}
        self.pending_messages_per_session: dict[str, asyncio.Queue[object]] = {}


@pytest.fixture
def left() -> Iterator[Pending]:
    yield Pending()


def test_a_session_whose_messages_are_forgotten_leaves_nothing(
    left: Pending, short_pause: float
) -> None:
    async def visit() -> None:
        held = HeldStreams(left)  # type: ignore[arg-type]
        held.rest("left")
        held.rest("unknown")
        await asyncio.sleep(2 * short_pause)
        assert held._pauses == {}

    asyncio.run(visit())
    assert left.pending_event_ids_session == {}
