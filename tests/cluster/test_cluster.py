"""Two pages, two replicas of the heads, one address: what is lost when one of each is killed.

The real thing: Ray, HAProxy and `app.py` as programs of their own. Run by `make test-serve`.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from deploy.cluster import program
from tests.browser.visiting import field, open_tab, panel, press_run, type_into
from tests.hosting.conftest import until

pytest.importorskip("ray")

PORT = 7940
ADDRESS = f"http://127.0.0.1:{PORT}"
PATIENCE = 90.0
TEXT = "A quiet film that stays with you."
Pages = dict[int, program.Process]


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with program.cluster("127.0.0.1", PORT, 2, replicas=2) as running:
        for port in running:
            until(lambda port=port: answers(port))
        until(lambda: answers(PORT))
        heads, stopped = f"http://127.0.0.1:{PORT + program.HEADS_OFFSET}", threading.Event()
        watcher = threading.Thread(target=program.watch, args=(running, heads, stopped))
        watcher.start()
        yield running
        stopped.set()
        watcher.join()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def classify(visitor: httpx.Client, number: int) -> bool:
    """One answer of both models over the web API: whether it came."""
    text = f"Number {number} was a good film."
    sent = visitor.post("/gradio_api/call/v2/sentiment", json={"text": text}).raise_for_status()
    path = f"/gradio_api/call/sentiment/{sent.json()['event_id']}"
    return "event: complete" in visitor.get(path).text


def replicas() -> list[int]:
    """The processes of the heads' replicas."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            name = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if folder.name.isdigit() and re.match(r"ray::ServeReplica:heads", name):
            found.append(int(folder.name))
    return found


def test_both_pages_answer_and_each_visitor_stays_at_one(pages: Pages) -> None:
    seen = set()
    for _ in range(6):
        with httpx.Client(base_url=ADDRESS, timeout=PATIENCE) as visitor:
            visitor.get("/").raise_for_status()
            first = visitor.cookies["page"]
            assert all(classify(visitor, number) for number in range(3))
            assert visitor.cookies["page"] == first
            seen.add(first)
    assert seen == {"page1", "page2"}


def test_a_port_in_use_ends_it_in_a_sentence(pages: Pages) -> None:
    with (
        pytest.raises(SystemExit, match=f"Port {PORT} of 127.0.0.1 cannot be used"),
        program.cluster("127.0.0.1", PORT, 2),
    ):
        raise AssertionError("it has started")


def test_a_killed_replica_loses_no_request(pages: Pages) -> None:
    before = replicas()
    assert len(before) == 2

    def visit(number: int) -> list[bool]:
        with httpx.Client(base_url=ADDRESS, timeout=PATIENCE) as visitor:
            visitor.get("/")
            return [classify(visitor, 100 * number + press) for press in range(25)]

    with ThreadPoolExecutor(8) as visitors:
        visits = [visitors.submit(visit, number) for number in range(8)]
        time.sleep(2)
        os.kill(before[0], signal.SIGKILL)
        came = [answer for each in visits for answer in each.result()]
    assert came == [True] * 200
    until(lambda: len(replicas()) == 2 and before[0] not in replicas())


def test_a_killed_page_moves_its_visitors_who_keep_what_they_typed(
    pages: Pages, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(ADDRESS)
    open_tab(page, "Sentiment")
    expect(panel(page, "sentiment", "student").locator("footer")).to_be_visible()
    cookie = next(each for each in page.context.cookies() if each["name"] == "page")
    port = PORT + int(cookie["value"].removeprefix("page"))
    type_into(page, {"sentiment-text": TEXT})
    os.kill(pages[port].pid, signal.SIGKILL)
    press_run(page, "sentiment")
    expect(panel(page, "sentiment", "teacher").locator("footer")).to_be_visible()
    expect(field(page, "sentiment-text")).to_have_value(TEXT)
    until(lambda: answers(port))  # it was started again
    page.close()
