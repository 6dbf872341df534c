"""The page and its files, which are the same for every visitor: made and compressed once.

Gradio draws the page anew for every visitor, leaves it uncompressed (0.9 MB), and compresses each
of some eighty files anew as well: of two hundred visitors at once, the last would wait a minute.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE, FILES = "/", ("/assets/", "/static/", "/theme.css")
OTHER_PAGES = {"deep_link", "page"}  # parameters with which Gradio draws something else
ORIGIN = ("host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server")
PARTIAL = ("range", "if-none-match", "if-modified-since", "if-range")
ENCODINGS = ("br", "gzip")
MOST_BYTES = 32_000_000
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A whole response."""

    start: Message
    body: bytes

    async def send(self, send: Send) -> None:
        """Send it. Other middleware may add headers: it gets a message of its own."""
        await send(dict(self.start))
        await send({"type": "http.response.body", "body": self.body})


class Copies:
    """Keeps the responses to `PAGE` and `FILES`, the latest used, at most `MOST_BYTES`."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` makes them, and answers everything else."""
        self.app = app
        self._kept: OrderedDict[Key, Copy] = OrderedDict()
        self._making = asyncio.Lock()  # visitors who want the same file wait for one copy of it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _is_the_same_for_all(scope):
            return await self.app(scope, receive, send)
        key = _key(scope)
        if key not in self._kept:
            async with self._making:
                if key not in self._kept:
                    copy = await _made(self.app, scope)
                    if copy.start["status"] != 200:
                        return await copy.send(send)
                    self._keep(key, copy)
        self._kept.move_to_end(key)
        await self._kept[key].send(send)

    def _keep(self, key: Key, copy: Copy) -> None:
        self._kept[key] = copy
        size = sum(len(each.body) for each in self._kept.values())
        while size > MOST_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            size -= len(oldest.body)


def _is_the_same_for_all(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    if any(name in headers for name in PARTIAL):
        return False
    if scope["path"] == PAGE:
        return OTHER_PAGES.isdisjoint(parse_qs(scope["query_string"].decode("latin-1")))
    return bool(scope["path"].startswith(FILES))


def _key(scope: Scope) -> Key:
    """What a response depends on: its address, the host in its links, and the encodings taken."""
    headers = Headers(scope=scope)
    origin = (headers.get(name, "") for name in ORIGIN)
    return scope["path"], scope["scheme"], scope.get("root_path", ""), *origin, *_taken(headers)


def _taken(headers: Headers) -> list[str]:
    return [name for name in ENCODINGS if name in headers.get("accept-encoding", "")]


async def _made(app: ASGIApp, scope: Scope) -> Copy:
    """The whole compressed response of `app`, even if the visitor who asked first disconnects."""
    start: Message = {}
    parts: list[bytes] = []
    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not asked:
            await asyncio.Event().wait()  # a disconnection is never reported
        return asked.pop()

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app({**scope, "extensions": {}}, receive, collect)  # no file is sent by its path alone
    body = b"".join(parts)
    headers = MutableHeaders(raw=list(start["headers"]))
    if "gzip" in _taken(Headers(scope=scope)) and "content-encoding" not in headers:
        body = await asyncio.to_thread(gzip.compress, body, mtime=0)
        headers["content-encoding"] = "gzip"
        headers.add_vary_header("Accept-Encoding")
    headers["content-length"] = str(len(body))
    return Copy({**start, "headers": headers.raw}, body)
