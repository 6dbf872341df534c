"""The stream of answers to each page, kept open between two answers.

Gradio ends a page's stream with the last answer that the page awaits, and the page opens another
stream for its next request. A request that is on its way at that moment is never answered: the page
learns that the server has taken it before it learns that the stream is over, so it opens no other.
One press in eight that followed an answer at once was lost in this way.

Here the stream outlasts the last answer by a pause. It does end: a browser opens six connections to
a host, and the tabs of one visitor share them. A request that meets the end waits for a moment,
until the page has heard of the end and Gradio has forgotten the messages of the stream.
"""

from __future__ import annotations

import asyncio
import math
import time

from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage

PAUSE = 10.0  # seconds without a request after which a stream ends
CROSSING = 0.5  # seconds in which a stream that ends is closed on both sides
HELD = "held"  # the request that a held stream seems to wait for; it ends when this is answered


class HeldStreams:
    """Which streams are held open. Every method is called on the event loop of the server."""

    def __init__(self, queue: Queue) -> None:
        """No stream is held."""
        self._queue = queue
        self._pauses: dict[str, asyncio.TimerHandle] = {}
        self._ended: dict[str, float] = {}  # when, by session

    async def until_ended(self, session: str) -> None:
        """Wait, if the stream of a session is just ending, until both sides have closed it."""
        since = time.monotonic() - self._ended.get(session, -math.inf)
        if since < CROSSING:
            await asyncio.sleep(CROSSING - since)

    def hold(self, session: str) -> None:
        """The page of a session has sent a request: its stream outlasts the answer."""
        self._queue.pending_event_ids_session.setdefault(session, set()).add(HELD)
        if session in self._pauses:
            self._pauses.pop(session).cancel()

    def rest(self, session: str) -> None:
        """A request of a session is answered; if no other follows, its stream ends."""
        if session in self._pauses:
            self._pauses.pop(session).cancel()
        if HELD in self._queue.pending_event_ids_session.get(session, ()):
            loop = asyncio.get_running_loop()
            self._pauses[session] = loop.call_later(PAUSE, self._end, session)

    def _end(self, session: str) -> None:
        self._pauses.pop(session, None)
        messages = self._queue.pending_messages_per_session.get(session)
        if messages is None:
            self._queue.pending_event_ids_session.pop(session, None)
        elif self._queue.pending_event_ids_session.get(session) == {HELD}:
            now = time.monotonic()
            self._ended = {name: at for name, at in self._ended.items() if now - at < CROSSING}
            self._ended[session] = now
            messages.put_nowait(ProcessCompletedMessage(output={}, success=True, event_id=HELD))
