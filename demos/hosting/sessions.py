"""What the server remembers of each visitor: the values of `gr.State`, and nothing else.

Gradio also writes the settings of every component of the page into every session, for links that it
stores on the server (`gr.DeepLinkButton`, not used here). On this page that takes 40 ms and 0.9 MB,
and a program that calls the web API opens a session with every call.
"""

from __future__ import annotations

import copy
import datetime
from typing import Any

from gradio.blocks import Blocks
from gradio.components import State
from gradio.state_holder import SessionState, StateHolder

SESSIONS_KEPT = 5_000  # the least recently used ones are forgotten


class LightSession(SessionState):
    """A session that stores no component settings."""

    def __init__(self, blocks: Blocks) -> None:  # not the parent's: it would write them
        """A session of a visitor who has done nothing yet."""
        self.blocks_config = copy.copy(blocks.default_config)
        self.config_values: dict[int, dict[str, Any]] = {}
        self.state_data: dict[int, Any] = {}
        self._state_ttl = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3_600

    def __setitem__(self, key: int, value: Any) -> None:
        """Remember the value of a `gr.State`, or a component as this visitor sees it."""
        block = self.blocks_config.blocks.get(key)
        if isinstance(block, State):
            self._state_ttl[key] = (block.time_to_live, datetime.datetime.now())
            self.state_data[key] = value
        else:
            self.blocks_config.blocks[key] = value

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


class LightSessions(StateHolder):
    """Sessions by name, the most recently used ones."""

    def __init__(self, blocks: Blocks, kept: int = SESSIONS_KEPT) -> None:
        """No session yet."""
        StateHolder.__init__(self)  # type: ignore[no-untyped-call]
        self.set_blocks(blocks)
        self.capacity = kept

    def __getitem__(self, session_id: str) -> SessionState:
        """The session of this name, a new one if there is none."""
        with self.lock:
            if session_id not in self.session_data:
                self.session_data[session_id] = LightSession(self.blocks)
        return super().__getitem__(session_id)

    def forget(self, session_id: str) -> None:
        """Forget a session that will not be used again."""
        with self.lock:
            self.session_data.pop(session_id, None)
            self.time_last_used.pop(session_id, None)
