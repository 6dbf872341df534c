"""Routes, headers, sessions, the queue and the log, on a small page served as the app is."""

from __future__ import annotations

import errno
import inspect
import json
import logging
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio import route_utils

from demos.hosting.headers import HEADERS
from tests.hosting.conftest import Site, ended, until

SECRET = "what a visitor types is nobody's business"


def join(visit: httpx.Client, name: str, session: str, site: Site) -> httpx.Response:
    """Send a request for `slow` as the page of a visitor does."""
    event = next(fn for fn in site.blocks.fns.values() if fn.api_name == "slow")
    body = {"data": [name], "fn_index": event._id, "session_hash": session}
    return visit.post("/gradio_api/queue/join", json=body)


def call(visit: httpx.Client, endpoint: str, **arguments: Any) -> Any:
    """The answer of an endpoint of the web API."""
    accepted = visit.post(f"/gradio_api/call/v2/{endpoint}", json=arguments).raise_for_status()
    answer = visit.get(f"/gradio_api/call/{endpoint}/{accepted.json()['event_id']}").text
    assert "event: complete" in answer
    return json.loads(answer.rpartition("data: ")[2])


def test_the_health_check_counts_who_waits(visit: httpx.Client) -> None:
    assert visit.get("/healthz").json() == {"status": "ok", "waiting": 0}


@pytest.mark.parametrize("path", ["/", "/healthz", "/config", "/nothing/here", "/theme.css"])
def test_every_response_bears_the_headers(visit: httpx.Client, path: str) -> None:
    headers = visit.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_nothing_may_be_loaded_from_another_host_and_a_space_may_frame_the_page() -> None:
    policy = HEADERS["content-security-policy"]
    hosts = {word for word in policy.split() if word.startswith("http")}
    assert hosts == {"https://huggingface.co", "https://*.hf.space"}
    assert policy.endswith("frame-ancestors 'self' https://huggingface.co https://*.hf.space")


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/proxy=http://127.0.0.1:1/", "/monitoring", "/monitoring/summary",
        "/gradio_api/vibe-code/", "/gradio_api/file=/etc/passwd", "/docs",
    ],
)  # fmt: skip
def test_what_the_page_does_not_need_is_closed(visit: httpx.Client, path: str) -> None:
    assert visit.get(path).status_code in (403, 404)


@pytest.mark.parametrize("path", ["run/slow", "run/echo", "api/slow", "run/slow/", "api/echo"])
def test_no_request_passes_the_queue_by(visit: httpx.Client, path: str) -> None:
    refused = visit.post(f"/gradio_api/{path}", json={"data": ["x"]})
    assert refused.status_code == 404 and "join the queue" in refused.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("call/nothing", {"data": []}),
        ("call/v2/nothing", {}),
        ("call/v2/echo", {}),
        ("call/v2/echo", {"text": "a", "other": 1}),
        ("run/nothing", {"data": []}),
        ("queue/join", {"data": [], "fn_index": 9_999, "session_hash": "a"}),
        ("queue/join", {"data": [], "fn_index": 0, "session_hash": None}),
        ("queue/join", {"data": [], "fn_index": "__class__", "session_hash": "a"}),
        ("call/v2/echo", ["text"]),
    ],
)
def test_a_request_for_nothing_is_refused_in_a_sentence(
    visit: httpx.Client, path: str, body: Any
) -> None:
    refused = visit.post(f"/gradio_api/{path}", json=body)
    assert 400 <= refused.status_code < 500
    assert refused.json()["detail"]


def test_a_refused_request_leaves_its_kind_and_place_in_the_log_and_no_words(
    visit: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        visit.post("/gradio_api/call/v2/nothing", json={"text": SECRET})
    (line,) = [line for line in caplog.messages if line.startswith("/gradio_api/call/v2/nothing")]
    assert re.fullmatch(r"\S+: KeyError in routes\.py, line \d+", line)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("data", [[], ["a", "b", "c"], ["x"], [{"path": "/etc/passwd"}]])
def test_a_direct_call_that_fails_is_a_sentence_and_no_error_of_the_server(
    visit: httpx.Client, data: list[Any]
) -> None:
    refused = visit.post("/gradio_api/run/strict", json={"data": data, "session_hash": "direct"})
    assert refused.status_code == 422
    assert refused.json()["error"].endswith(".")


def test_cancelling_what_ends_at_that_moment_succeeds(visit: httpx.Client, site: Site) -> None:
    running = site.blocks._queue.server_app.iterators  # type: ignore[union-attr]

    class Ending:
        async def aclose(self) -> None:
            del running["ending"]

    running["ending"] = Ending()  # type: ignore[assignment]
    body = {"session_hash": "visitor", "fn_index": 0, "event_id": "ending"}
    answer = visit.post("/gradio_api/cancel", json=body)
    assert (answer.status_code, answer.json()) == (200, {"success": True})


def test_a_call_of_a_program_leaves_no_session_behind(visit: httpx.Client, site: Site) -> None:
    before = set(site.sessions.session_data)
    for number in range(5):
        assert call(visit, "echo", text=str(number)) == [{"text": str(number)}]
    until(lambda: set(site.sessions.session_data) <= before)


def test_a_session_remembers_values_and_stores_no_components(
    visit: httpx.Client, site: Site
) -> None:
    event = next(fn for fn in site.blocks.fns.values() if fn.api_visibility == "private")
    for text, wanted in (("one", "one"), ("two", "one two")):
        body = {"data": [None, text], "fn_index": event._id, "session_hash": "memory"}
        visit.post("/gradio_api/queue/join", json=body).raise_for_status()
        said = visit.get("/gradio_api/queue/data", params={"session_hash": "memory"}).text
        assert f'"data":[null,"{wanted}"]' in said
    assert site.sessions["memory"].config_values == {}
    site.sessions.forget("memory")


def test_visitors_are_served_in_turn_and_one_cannot_fill_the_queue(
    visit: httpx.Client, site: Site
) -> None:
    site.gate.clear()
    site.order.clear()
    try:
        assert join(visit, "a0", "a", site).status_code == 200
        until(lambda: len(site.blocks._queue) == 0)  # it is being answered
        for number in range(1, 6):
            assert join(visit, f"a{number}", "a", site).status_code == 200
        refused = join(visit, "a6", "a", site)
        assert refused.status_code == 503
        assert refused.json()["detail"].startswith("5 of your requests already wait")
        for visitor in ("b", "c"):
            for number in range(2):
                assert join(visit, f"{visitor}{number}", visitor, site).status_code == 200
        stopped = visit.post("/gradio_api/run/cancel", json={"data": []})
        assert stopped.json()["data"] == ["cancelled"]  # not behind what waits
    finally:
        site.gate.set()
    until(lambda: len(site.order) == 10)
    assert site.order == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "a3", "a4", "a5"]


def test_programs_at_one_address_may_take_half_of_the_places(
    visit: httpx.Client, site: Site
) -> None:
    site.gate.clear()
    try:
        codes = [
            visit.post("/gradio_api/call/v2/slow", json={"name": str(n)}).status_code
            for n in range(14)
        ]
        assert join(visit, "page", "page", site).status_code == 200
    finally:
        site.gate.set()
    assert codes.count(200) in (10, 11)  # ten wait, and one may be under way
    assert codes[-1] == 503
    until(lambda: len(site.blocks._queue) == 0)


def test_a_request_gives_one_line_without_what_was_typed(
    visit: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "distilbert_explorer.requests"):
        call(visit, "echo", text=SECRET)
        until(lambda: any(line.startswith("/echo") for line in caplog.messages))
    (line,) = [line for line in caplog.messages if line.startswith("/echo")]
    assert line.startswith("/echo waited ") and " ms, computed " in line
    assert line.endswith(f"bytes in, {len(json.dumps([{'text': SECRET}]).replace(': ', ':'))} out")
    assert SECRET not in caplog.text


def test_an_upload_to_a_full_disk_is_refused_in_a_sentence(
    visit: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    files = {"files": ("mine.csv", b"text,label\n" + b"Good.,1\n" * 9)}
    assert visit.post("/gradio_api/upload", files=files).status_code == 200
    for place in ("NamedTemporaryFile", "GradioUploadFile"):
        with monkeypatch.context() as patched:
            patched.setattr(route_utils, place, full)
            refused = visit.post("/gradio_api/upload", files=files)
        assert refused.status_code == 507
        assert refused.text.startswith("The server has no room to store the file.")


def test_what_was_stored_of_an_upload_that_failed_is_deleted(
    visit: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = Path(site.blocks._queue.server_app.uploaded_file_dir)  # type: ignore[union-attr]
    before = {*folder.iterdir()}
    monkeypatch.setattr(route_utils.GradioUploadFile, "write", full)
    refused = visit.post("/gradio_api/upload", files={"files": ("mine.csv", b"x" * 9_000)})
    assert refused.status_code == 507
    assert {*folder.iterdir()} == before


def test_another_failure_of_the_system_is_an_error(
    visit: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(route_utils, "NamedTemporaryFile", broken)
    files = {"files": ("mine.csv", b"x")}
    assert visit.post("/gradio_api/upload", files=files).status_code == 500


HOSTILE = [
    None, "__class__", {"__class__": "x"}, [[1, None, {"b": 2}]], 1e308, -7, True,
    "<img src=x>" * 999,
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:12])
def test_values_that_fields_do_not_take_are_refused_without_a_traceback(
    visit: httpx.Client, site: Site, value: object, capfd: pytest.CaptureFixture[str]
) -> None:
    for number, fn in site.blocks.fns.items():
        if not fn.inputs or fn.api_name in ("echo", "slow", "strict"):
            continue
        for values in ([value] * len(fn.inputs), [value] * (len(fn.inputs) - 1)):
            message = ended(visit, number, values, event_data=value)
            if not message["success"]:
                error = message["output"]["error"]
                assert error and len(error) < 700 and "<img" not in error
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out


def test_a_choice_that_a_field_has_is_taken(visit: httpx.Client, site: Site) -> None:
    number = next(i for i, fn in site.blocks.fns.items() if fn.api_name == "choose")
    assert ended(visit, number, ["<b>"])["success"]
    refused = ended(visit, number, ["<i>"])["output"]["error"]
    assert "&lt;i&gt;" in refused and "not in the list of choices" in refused


def test_annotations_of_handlers_are_evaluated_once(site: Site) -> None:
    handlers = [fn.fn for fn in site.blocks.fns.values() if inspect.ismethod(fn.fn)]
    assert handlers
    for handler in handlers:
        assert not [hint for hint in handler.__annotations__.values() if isinstance(hint, str)]
