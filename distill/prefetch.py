"""Batches made ahead by worker processes, in the order in which one process would make them.

On an accelerator a step takes less time than drawing, tokenising and masking its rows. A pool of a
stream depends on its number alone, so worker processes fill the next pools while the present one is
used. What a training reads, and its checkpoint, are those of the stream itself.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor

import torch

from distill.batches import Batch, Pools


class Prefetched(Pools):
    """A stream whose next `ahead` pools are being made by other processes."""

    def __init__(self, head: str, stream: Pools, workers: ProcessPoolExecutor, ahead: int) -> None:
        """Take over from `stream`, known to the workers as `head`, where it stands."""
        super().__init__()
        self.head, self.workers, self.ahead = head, workers, ahead
        self.pool, self.used = stream.state()
        self._coming: deque[Future[bytes]] = deque()  # the pools from the next one on

    def restore(self, state: tuple[int, int]) -> None:
        """Continue from a position that `state()` returned."""
        super().restore(state)
        self._coming.clear()

    def pool_at(self, number: int) -> list[Batch]:
        """All batches of the next pool; the numbers are asked for in their order."""
        while len(self._coming) < self.ahead:
            later = number + len(self._coming)
            self._coming.append(self.workers.submit(_pool, self.head, later))
        batches: list[Batch] = pickle.loads(self._coming.popleft().result())
        return batches


def prefetched(streams: Mapping[str, Pools], workers: int) -> dict[str, Prefetched]:
    """The same streams, made by `workers` processes, one pool of each stream in every process.

    The processes are copies of this one, made now: before an accelerator is first used.
    """
    _streams.update(streams)
    executor = ProcessPoolExecutor(
        workers, multiprocessing.get_context("fork"), torch.set_num_threads, (1,)
    )
    executor.submit(int).result()  # all processes start here, with the streams in their memory
    return {head: Prefetched(head, stream, executor, workers) for head, stream in streams.items()}


_streams: dict[str, Pools] = {}  # in a worker: those of the process it is a copy of


def _pool(head: str, number: int) -> bytes:
    return pickle.dumps(_streams[head].pool_at(number), pickle.HIGHEST_PROTOCOL)
