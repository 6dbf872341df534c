"""The page as a FastAPI application, and the program that serves it.

Gradio's own `launch` gives up when its page does not answer within three seconds, as on a busy
machine, and has no place for headers or a health check; so the page is mounted in an application
that uvicorn serves.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import inspect
import logging
import os
import socket
import threading
import traceback
import typing
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from gradio.route_utils import FnIndexInferError, GradioMultiPartParser
from gradio.routes import App

from demos.hosting import memory
from demos.hosting.copies import Copies
from demos.hosting.fields import refusing
from demos.hosting.headers import Headers
from demos.hosting.queue import FairQueue
from demos.hosting.refusals import Refusals, refusal
from demos.hosting.sessions import LightSessions
from explain.settings import Settings

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
NO_ROOM = "The server has no room to store the file. Try it later, or run the app yourself."
KEEP_ALIVE = 75  # seconds of an idle connection: longer than proxies and browsers keep it
CLOSING = 2  # seconds that open connections get at the end
TICKS = 600  # of the server, ten a second, between two releases of memory
log = logging.getLogger("distilbert_explorer.files")
SPACE_PROXIES = "*" if "SPACE_ID" in os.environ else "127.0.0.1"  # who may name a visitor's address


def application(
    blocks: gr.Blocks, settings: Settings, launch_settings: Mapping[str, Any]
) -> FastAPI:
    """The page at `/`, `/healthz`, and the headers; `launch_settings` are those of `gr.Blocks`."""
    looks = dict(launch_settings)
    blocks.max_threads = looks.pop("max_threads")
    blocks.queue(api_open=False)
    _resolve_annotations(blocks)
    setattr(blocks, "preprocess_data", refusing(blocks.preprocess_data))  # noqa: B010
    blocks._queue = FairQueue(blocks, settings.queue_size, settings.queue_per_visitor)
    app = FastAPI(title="DistilBERT Explorer", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def health() -> dict[str, Any]:
        """Whether the server answers, and how many requests wait."""
        return {"status": "ok", "waiting": len(blocks._queue)}

    app.add_middleware(Copies)
    app.add_middleware(Refusals)
    app.add_middleware(Headers)
    gr.mount_gradio_app(
        app, blocks, "/", server_name=settings.host, server_port=settings.port,
        root_path=os.environ.get("GRADIO_ROOT_PATH"), **looks,
    )  # fmt: skip
    mounted = [getattr(route, "app", None) for route in app.routes]
    page = next(inner for inner in mounted if isinstance(inner, App))
    page.state_holder = LightSessions(blocks)
    blocks._queue.set_server_app(page)
    for unknown in (KeyError, FnIndexInferError, TypeError, ValueError):
        page.add_exception_handler(unknown, refusal)
    page.add_exception_handler(OSError, _no_room)
    return app


def _resolve_annotations(blocks: gr.Blocks) -> None:
    """Evaluate the annotations of every handler once: Gradio reads them before every answer."""
    for event in blocks.fns.values():
        handler = getattr(event.fn, "__func__", event.fn)  # of a method
        if inspect.isfunction(handler):
            with suppress(NameError):  # of a type that is imported for checkers alone
                handler.__annotations__ = typing.get_type_hints(handler)


def settle() -> None:
    """What is in memory now stays: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()


async def _no_room(request: Request, error: Exception) -> PlainTextResponse:
    """An upload for which the server has no room; any other failure of the system is an error."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        raise error
    log.warning("%s: %s", request.url.path, error.strerror)
    _remove_received(error)
    return PlainTextResponse(NO_ROOM, 507)


def _remove_received(error: BaseException) -> None:
    """Delete what has been stored of an upload that failed: Gradio does for its own errors only."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        parser = frame.f_locals.get("self")
        if isinstance(parser, GradioMultiPartParser):
            for file in parser._files_to_close_on_error:
                with suppress(OSError):  # what it still has to write finds no room either
                    file.close()
                Path(file.name).unlink(missing_ok=True)


class Server(uvicorn.Server):
    """Serves an application, and calls `listening` once its address can be reached."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        """Nothing is served before `run`."""
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        threading.Thread(target=self._listening, daemon=True).start()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop. Once a minute, free memory is given back."""
        if counter % TICKS == TICKS - 1:
            asyncio.get_running_loop().run_in_executor(None, memory.release)
        return await super().on_tick(counter)


def serve(app: FastAPI, bound: socket.socket, listening: Callable[[], None], log: bool) -> None:
    """Serve an application until the program is stopped."""
    if log:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
        logging.getLogger("distilbert_explorer").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    with suppress(KeyboardInterrupt):
        Server(configuration(app), listening).run([bound])


def configuration(app: FastAPI) -> uvicorn.Config:
    """How uvicorn serves the application: errors are logged, requests are not."""
    return uvicorn.Config(
        app, log_level="error", access_log=False, timeout_graceful_shutdown=CLOSING,
        timeout_keep_alive=KEEP_ALIVE, forwarded_allow_ips=SPACE_PROXIES,
    )  # fmt: skip


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn says anything: pages that are open at the end are no fault."""
    cause = record.exc_info[1] if record.exc_info else None
    ending = "timeout graceful shutdown exceeded" in record.getMessage()
    return not ending and not isinstance(cause, asyncio.CancelledError)
