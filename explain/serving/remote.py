"""The forward passes of answers, computed by other processes: past one process and one machine.

`RemoteHeads` stands where `MicroBatcher` stands and takes the same calls. It sends each request to
one address over HTTP; what answers there (`deploy.cluster`) forms the batches. A forward pass has
no effect but its result, so a request whose process is killed is sent once more.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import httpx

from explain.encoding import Row
from explain.heads.registry import module
from explain.heads.steps import Forward
from explain.models import Loaded, is_loaded, load
from explain.records import InputError
from explain.serving import wire
from explain.serving.batching import Logits, MicroBatcher

MODEL = "serve_multiplexed_model_id"  # header by which Ray Serve finds a replica that has the model
AT_ONCE = 64  # requests under way; others wait here
PATIENCE = httpx.Timeout(60.0, connect=5.0)  # seconds
ATTEMPTS = 2
AWAY = (
    "The processes that compute the answers cannot be reached. What you typed is kept: press again "
    "in a few seconds."
)


class RemoteHeads:
    """Computes what is submitted at `address`; models that only this process has, in `local`."""

    def __init__(self, address: str, local: MicroBatcher) -> None:
        """Nothing is sent before the first request."""
        self._address, self._local = address.rstrip("/"), local
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        self._client = httpx.Client(timeout=PATIENCE, limits=limits, trust_env=False)
        self._senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="heads")
        self._lock = threading.Lock()
        self._under_way = 0

    def submit(self, loaded: Loaded, rows: Sequence[Row], forward: Forward) -> Future[Logits]:
        """The logits of some rows, as `MicroBatcher.submit` gives them."""
        if not _is_stored(loaded, forward):
            return self._local.submit(loaded, rows, forward)
        with self._lock:
            self._under_way += 1
        return self._senders.submit(self._send, loaded, rows)

    def waiting(self) -> str:
        """How many requests are under way, as a sentence."""
        return f"{self._under_way:,} answers of this page are under way."

    def close(self) -> None:
        """Finish what is under way."""
        self._senders.shutdown()
        self._client.close()
        self._local.close()

    def _send(self, loaded: Loaded, rows: Sequence[Row]) -> Logits:
        work = wire.Work(loaded.head, loaded.role, loaded.pair, tuple(rows))
        try:
            return self._logits(work)
        finally:
            with self._lock:
                self._under_way -= 1

    def _logits(self, work: wire.Work) -> Logits:
        """The answer; asked for again if the process that had the request is gone or fails."""
        headers = {MODEL: f"{work.head}/{work.role}/{work.pair}"}
        content = wire.write_work(work)
        for _ in range(ATTEMPTS):
            try:
                answer = self._client.post(self._address, content=content, headers=headers)
                if answer.is_success:
                    return wire.read_logits(answer.content, len(work.rows))
            except (httpx.TransportError, ValueError):
                continue
            if answer.is_client_error:
                raise InputError(answer.text)
        raise InputError(AWAY)


def _is_stored(loaded: Loaded, forward: Forward) -> bool:
    """Whether other processes have this model, and the same passes: no visitor's own student."""
    if forward is not module("explain.heads", loaded.head).forward:
        return False
    stored = is_loaded(loaded.head, loaded.role, loaded.pair)
    return stored and load(loaded.head, loaded.role, loaded.pair).model is loaded.model
