"""The page and its files are made and compressed once for all visitors."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from demos.hosting import copies
from demos.hosting.copies import Copies

TEXT = b"All that a page holds. " * 200


class Maker:
    """An application that counts what it makes."""

    def __init__(self, status: int = 200, body: bytes = TEXT) -> None:
        self.made: list[str] = []
        self.status, self.body = status, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.made.append(scope["path"])
        await asyncio.sleep(0.01)
        headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body[:9], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[9:]})


def ask(app: Copies, *requests: tuple[str, dict[str, str]]) -> list[httpx.Response]:
    """The responses to GET requests for paths with headers, all at the same moment."""

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await asyncio.gather(
                *(client.get(path, headers=headers) for path, headers in requests)
            )

    return asyncio.run(all_of_them())


def test_what_many_want_at_once_is_made_once_and_every_one_gets_it_whole() -> None:
    maker = Maker()
    responses = ask(Copies(maker), *[("/", {"accept-encoding": "gzip"})] * 50)
    assert maker.made == ["/"]
    for response in responses:
        assert response.content == TEXT
        assert response.headers["content-encoding"] == "gzip"
        assert int(response.headers["content-length"]) == len(gzip.compress(TEXT))
        assert response.headers["vary"] == "Accept-Encoding"


def test_who_takes_no_compressed_page_gets_it_as_it_is() -> None:
    (response,) = ask(Copies(Maker()), ("/", {"accept-encoding": "identity"}))
    assert response.content == TEXT and "content-encoding" not in response.headers


@pytest.mark.parametrize(
    "other",
    [("/", {"host": "there"}), ("/", {"x-forwarded-proto": "https"}), ("/assets/a.js", {})],
)
def test_another_file_or_host_is_made_for_itself(other: tuple[str, dict[str, str]]) -> None:
    maker = Maker()
    ask(Copies(maker), ("/", {}), other, ("/?tab=ner", {}), other)
    assert sorted(maker.made) == sorted(["/", other[0]])


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/?deep_link=1", {}), ("/?page=x", {}), ("/config", {}), ("/gradio_api/info", {}),
        ("/assets/a.js", {"range": "bytes=0-5"}), ("/assets/a.js", {"if-none-match": "x"}),
    ],
)  # fmt: skip
def test_what_may_differ_is_made_every_time(path: str, headers: dict[str, str]) -> None:
    maker = Maker()
    ask(Copies(maker), *[(path, headers)] * 3)
    assert len(maker.made) == 3


def test_a_failure_is_sent_and_not_kept() -> None:
    maker = Maker(status=500)
    responses = ask(Copies(maker), ("/", {}), ("/", {}))
    assert [response.status_code for response in responses] == [500, 500]
    assert len(maker.made) == 2


def test_who_leaves_at_once_leaves_no_torn_copy_behind() -> None:
    async def leaving(scope: Scope, receive: Receive, send: Send) -> None:
        """Sends a file in two parts, unless its visitor leaves between them."""
        await receive()
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": TEXT[:9], "more_body": True})
        await asyncio.wait([gone], timeout=0.05)
        if not gone.done():
            await send({"type": "http.response.body", "body": TEXT[9:]})
        gone.cancel()

    async def left() -> list[bytes]:
        app, sent = Copies(leaving), []
        messages = iter([{"type": "http.request"}, {"type": "http.disconnect"}])

        async def receive() -> Message:
            return next(messages)

        async def send(message: Message) -> None:
            sent.append(message.get("body", b""))

        headers = [(b"host", b"here"), (b"accept-encoding", b"identity")]
        scope = {"type": "http", "method": "GET", "path": "/assets/a.js", "scheme": "http",
                 "query_string": b"", "headers": headers}  # fmt: skip
        await app(scope, receive, send)
        return sent

    assert b"".join(asyncio.run(left())) == TEXT


def test_no_number_of_hosts_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_BYTES", 3 * len(TEXT))
    app = Copies(Maker())
    plain = {"accept-encoding": "identity"}
    ask(app, *[("/", {"host": f"host{number}", **plain}) for number in range(9)])
    assert len(app._kept) == 3


def test_the_served_page_is_compressed_and_the_same_for_the_next(visit: httpx.Client) -> None:
    first, second = (visit.get("/", headers={"accept-encoding": "gzip"}) for _ in range(2))
    plain = visit.get("/", headers={"accept-encoding": "identity", "range": "bytes=0-"})
    assert first.headers["content-encoding"] == "gzip"
    assert first.content == second.content == plain.content
