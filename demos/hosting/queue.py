"""Who is answered next: Gradio's queue, with its places shared among visitors.

Gradio answers in the order of arrival, so one visitor who sends a hundred requests makes everybody
else wait for them all. Here the next request is one of the visitor with the fewest requests under
way, and of those, of the one who was served longest ago. A visitor is a session of the page;
programs that call the web API without one are identified by their address.
"""

from __future__ import annotations

import itertools
import logging
import time
from typing import Any

import orjson
from fastapi import Request
from gradio.block_function import BlockFunction
from gradio.blocks import Blocks
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, Queue
from gradio.server_messages import EventMessage, ProcessCompletedMessage

from demos.hosting.sessions import LightSessions
from demos.hosting.streams import HELD, HeldStreams

VISITORS_KEPT = 5_000  # whose last turn is remembered
UPDATES = 1.0  # seconds between two messages about a place in the queue
IDLE = 0.004  # seconds between two looks at an empty queue
log = logging.getLogger("distilbert_explorer.requests")


class FairQueue(Queue):
    """Gradio's queue; `per_visitor` requests of one visitor may wait, and of programs at one
    address half of all places, since a whole lecture hall may share an address."""

    def __init__(self, blocks: Blocks, max_size: int, per_visitor: int) -> None:
        """An empty queue of `max_size` places."""
        super().__init__(False, blocks.max_threads, UPDATES, max_size, blocks, 4)
        self.per_visitor = per_visitor
        self.sleep_when_free = IDLE
        self._streams = HeldStreams(self)
        self._turns = itertools.count(1)
        self._last_turn: dict[str, int] = {}
        self._sizes: dict[str, int] = {}  # bytes of an answer under way, by event

    async def push(
        self, body: PredictBodyInternal, request: Request, username: str | None
    ) -> tuple[bool, Any, Any]:
        """Let a request wait, or say why not."""
        visitor = body.session_hash or _address(request)
        most = self.per_visitor if body.session_hash else max(1, (self.max_size or 0) // 2)
        waiting = sum(visitor_of(event) == visitor for event in self._waiting())
        if waiting >= most:
            sentence = f"{waiting} of your requests already wait: send more when one is answered."
            return False, sentence, "queue_full"
        page = body.session_hash if _is_page(request) else None
        if page:
            await self._streams.until_ended(page)
        answer: tuple[bool, Any, Any] = await super().push(body, request, username)
        if page and answer[0]:
            self._streams.hold(page)
        return answer

    def _waiting(self) -> itertools.chain[Event]:
        queues = self.event_queue_per_concurrency_id.values()
        return itertools.chain.from_iterable(queue.queue for queue in queues)

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """The next request of each kind goes to the front before Gradio takes it."""
        for waiting in self.event_queue_per_concurrency_id.values():
            free = waiting.concurrency_limit is None or (
                waiting.current_concurrency < waiting.concurrency_limit
            )
            if free and len(waiting.queue) > 1:
                chosen = min(range(len(waiting.queue)), key=self._order(waiting.queue))
                waiting.queue.insert(0, waiting.queue.pop(chosen))
        taken: tuple[list[Event], bool, str] | None = super().get_events()
        for event in taken[0] if taken else ():
            visitor = visitor_of(event)
            self._last_turn.pop(visitor, None)
            self._last_turn[visitor] = next(self._turns)
            if len(self._last_turn) > VISITORS_KEPT:
                del self._last_turn[next(iter(self._last_turn))]
        return taken

    def _order(self, waiting: list[Event]) -> Any:
        running: dict[str, int] = {}
        for job in self.active_jobs:
            for event in job or ():
                visitor = visitor_of(event)
                running[visitor] = running.get(visitor, 0) + 1

        def order(place: int) -> tuple[int, int, int]:
            visitor = visitor_of(waiting[place])
            return running.get(visitor, 0), self._last_turn.get(visitor, 0), place

        return order

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        """Send a message to a visitor; the size of an answer is noted for the log."""
        if log.isEnabledFor(logging.INFO) and isinstance(event_message, ProcessCompletedMessage):
            answer = (event_message.output or {}).get("data")
            self._sizes[event._id] = len(orjson.dumps(answer, default=str))
        super().send_message(event, event_message)

    def compute_analytics_summary(self, records: Any) -> dict[str, Any]:
        """No statistics: Gradio computes them anew after every answer."""
        return {"functions": {}}

    async def process_events(
        self, events: list[Event], batch: bool, begin_time: float, fn: BlockFunction
    ) -> None:
        """Answer a request, write its line of the log, and forget what belongs to it alone."""
        began = time.monotonic()
        try:
            await super().process_events(events, batch, begin_time, fn)
        finally:
            ended = time.monotonic()
            for event in events:
                log.info(
                    "%s waited %.0f ms, computed %.0f ms, %s bytes in, %d out",
                    endpoint(fn), 1e3 * (began - event.enqueue_time), 1e3 * (ended - began),
                    event.request.headers.get("content-length", "?"),
                    self._sizes.pop(event._id, 0),
                )  # fmt: skip
                self._forget(event)
                self._streams.rest(event.session_hash)

    def _forget(self, event: Event) -> None:
        """A program's call without a session leaves one behind, under the name of the event."""
        sessions = self.server_app.state_holder if self.server_app is not None else None
        if event.session_hash == event._id and isinstance(sessions, LightSessions):
            sessions.forget(event._id)
        if len(self.pending_event_ids_session) > VISITORS_KEPT:
            for session, ids in list(self.pending_event_ids_session.items()):
                if ids <= {HELD}:
                    self.pending_event_ids_session.pop(session, None)


def visitor_of(event: Event) -> str:
    """Whose request this is."""
    return _address(event.request) if event.session_hash == event._id else event.session_hash


def endpoint(fn: BlockFunction) -> str:
    """The name of a web API endpoint, or of the handler of an event of the page."""
    if fn.api_visibility == "public" and fn.api_name:
        return f"/{fn.api_name}"
    handler = getattr(fn.fn, "func", fn.fn)  # of a partial, the function
    return f"{getattr(handler, '__module__', '?')}.{getattr(handler, '__name__', '?')}"


def _is_page(request: Request) -> bool:
    """Whether a page sent this, and no program."""
    return request.headers.get("x-gradio-user") == "app"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
