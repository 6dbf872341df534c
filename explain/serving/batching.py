"""Forward passes of many visitors in shared padded batches, on one compute thread.

A prediction is three steps (`explain.heads`): encode, forward, decode. The first and the last run
where the request is handled, so a refusal concerns one visitor alone. The forward passes of all
requests meet here: what waits for the same model, or for heads on the same trunk, is computed
together, up to `MOST_PIECES`, oldest first. A batch of 16 sentences takes a sixth of the time of 16
single ones, and what a whole audience asks at once is computed once. All passes run on one thread,
since torch keeps memory for every thread and shape that it has seen.

This module does not queue requests fairly or refuse them: the page's queue does.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from torch import Tensor

from explain.encoding import Row
from explain.heads.steps import Forward, Part, Passes, run_together
from explain.models import Loaded
from explain.settings import current

MOST_PIECES = (
    current().batch_pieces
)  # 4,096 word pieces computed together: a few hundred milliseconds at most
SMOOTHING = 0.9  # weight of earlier batches in the mean time of a request
WINDOW = current().batch_window / 1e3  # seconds that the first request of a batch waits for others

Logits = tuple[list[Tensor], float]  # one tensor per row; milliseconds of the passes


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    passes: Passes
    key: tuple[object, ...]  # requests of one key can share a batch
    parts: frozenset[Part]
    logits: Future[Logits] = field(default_factory=Future)


class MicroBatcher:
    """Computes what is submitted in batches of one trunk, one batch after the other.

    `exclusive` is entered around every batch: the benchmark lock, so that nothing is computed while
    a race times its laps.
    """

    def __init__(
        self,
        exclusive: Callable[[], AbstractContextManager[None]] = nullcontext,
        window: float = WINDOW,
        most_pieces: int = MOST_PIECES,
    ) -> None:
        """Threads start with the first request."""
        self._exclusive, self._window, self._most_pieces = exclusive, window, most_pieces
        self._waiting: deque[_Request] = deque()
        self._changed = threading.Condition()
        self._gatherer: threading.Thread | None = None
        self._compute = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._closed = False
        self._seconds = 0.0  # per request of a batch, a running mean

    def submit(self, loaded: Loaded, rows: Sequence[Row], forward: Forward) -> Future[Logits]:
        """The logits of some rows, as `steps.run` returns them, when they are computed.

        The milliseconds are the share of its rows, by word pieces, of the batch they were part of.
        """
        passes = Passes(loaded, rows, forward)
        request = _Request(passes, passes.key, frozenset(passes.parts))
        with self._changed:
            if self._closed:
                raise RuntimeError("the batcher is closed")
            if self._gatherer is None:
                self._gatherer = threading.Thread(target=self._gather, name="gather", daemon=True)
                self._gatherer.start()
            self._waiting.append(request)
            self._changed.notify()
        return request.logits

    def __len__(self) -> int:
        """How many requests wait for their batch."""
        return len(self._waiting)

    def is_alive(self) -> bool:
        """Whether what is submitted will be computed."""
        return not self._closed and (self._gatherer is None or self._gatherer.is_alive())

    def waiting(self) -> str:
        """How many answers are computed first, and about how long that takes, as a sentence."""
        count = len(self) + 1  # with the batch that is computed
        answers = "1 answer is" if count == 1 else f"{count} answers are"
        return f"{answers} computed first: about {max(1.0, count * self._seconds):.0f} s."

    def close(self) -> None:
        """Finish what waits, then end the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._gatherer is not None:
            self._gatherer.join()
        self._compute.shutdown()

    def _gather(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                if len(self._waiting) == 1 and not self._closed:
                    self._changed.wait(self._window)
            with self._exclusive():  # what arrives while it is awaited joins the batch
                self._answer(self._next())

    def _next(self) -> list[_Request]:
        """The oldest request, and the others of its key that fit, taken out of the queue."""
        batch: list[_Request] = []
        rest: deque[_Request] = deque()
        with self._changed:
            key, room = self._waiting[0].key, self._most_pieces
            known: set[Part] = set()
            for request in self._waiting:
                new = request.parts - known
                if request.key == key and (not batch or _pieces(new) <= room):
                    batch.append(request)
                    known |= new
                    room -= _pieces(new)
                else:
                    rest.append(request)
            self._waiting = rest
        return [request for request in batch if request.logits.set_running_or_notify_cancel()]

    def _answer(self, batch: Sequence[_Request]) -> None:
        """Compute a batch; if it fails, each request alone, so that only the cause fails."""
        if not batch:
            return
        began = time.monotonic()
        run = self._compute.submit(run_together, [request.passes for request in batch])
        error = run.exception()
        seconds = (time.monotonic() - began) / len(batch)
        self._seconds = SMOOTHING * self._seconds + (1 - SMOOTHING) * seconds
        if error is not None and len(batch) == 1:
            batch[0].logits.set_exception(error)
        elif error is not None:
            for request in batch:
                self._answer([request])
        else:
            _distribute(batch, *run.result())


def _distribute(batch: Sequence[_Request], logits: list[list[Tensor]], milliseconds: float) -> None:
    total = _pieces(frozenset().union(*(request.parts for request in batch)))
    for request, own in zip(batch, logits, strict=True):
        request.logits.set_result((own, milliseconds * _pieces(request.parts) / total))


def _pieces(parts: Set[Part]) -> int:
    """Word pieces of some rows, without padding."""
    return sum(len(row.ids) for _, row in parts)
