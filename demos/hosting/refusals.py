"""The answer to a request that cannot be served: a status below 500, a sentence, a line of log.

Gradio answers 500 to every error in a direct call of an event, a visitor's mistake included, and
logs the traceback of an unexpected one itself.
"""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DIRECT, CANCEL = "/gradio_api/run/", "/gradio_api/cancel"
UNFORESEEN = "This request could not be answered; the log of the server says why."
log = logging.getLogger("distilbert_explorer.refusals")


async def refusal(request: Request, error: Exception) -> JSONResponse:
    """What Gradio itself cannot make sense of: an unknown endpoint or event, wrong arguments.

    The log gets the kind of the error and its place, not its words: a visitor's may be among them.
    A job that ends while Gradio cancels it is missing from Gradio's table: it is cancelled.
    """
    if isinstance(error, KeyError) and request.url.path.endswith(CANCEL):
        return JSONResponse({"success": True})
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind, file = type(error).__name__, Path(place.filename).name
    log.warning("%s: %s in %s, line %s", request.url.path, kind, file, place.lineno)
    detail = f"{request.url.path} has no such endpoint, event or arguments; /?view=api lists them."
    return JSONResponse({"detail": detail}, 404)


class Refusals:
    """Turns Gradio's status 500 of a direct call into 422, with a sentence."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` answers."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(DIRECT):
            return await self.app(scope, receive, send)
        held: list[bytes] = []

        async def send_or_hold(message: Message) -> None:
            if message.get("status") == 500:
                held.append(b"")
            elif not held:
                await send(message)
            elif message["type"] == "http.response.body":
                held.append(message.get("body", b""))

        await self.app(scope, receive, send_or_hold)
        if held:
            await JSONResponse(_sentence(b"".join(held)), 422)(scope, receive, send)


def _sentence(content: bytes) -> dict[str, object]:
    """Gradio's error, with words where it has none."""
    try:
        said = dict(json.loads(content))
    except ValueError:
        said = {}
    return {**said, "error": said.get("error") or UNFORESEEN}
