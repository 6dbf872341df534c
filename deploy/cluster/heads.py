"""The forward passes of every head as a deployment of Ray Serve.

One deployment serves all heads: those of the pocket pair share one encoder, so a deployment per
head would hold it five times. Ray finds a replica that has the model a request names (a page names
it in a header), adds replicas when requests wait, and replaces one that fails its health check.
Within a replica requests meet in the same padded batches as within a page.
"""

from __future__ import annotations

import asyncio

from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from explain.heads.registry import HEADS, module
from explain.models import ROLES, Loaded, load
from explain.records import InputError
from explain.serving import wire
from explain.serving.batching import MicroBatcher

MODELS_PER_REPLICA = 20  # all heads, roles and pairs


@serve.deployment(name="heads")
class Heads:
    """Computes rows of word pieces; the pocket pair is loaded from the start."""

    def __init__(self) -> None:
        """Load the pocket pair."""
        self._batcher = MicroBatcher()
        for head in HEADS:
            for role in ROLES:
                load(head, role)

    def check_health(self) -> None:
        """Raise if nothing can be computed here any more."""
        if not self._batcher.is_alive():
            raise RuntimeError("the thread that forms batches has ended")

    @serve.multiplexed(max_num_models_per_replica=MODELS_PER_REPLICA)
    async def model(self, name: str) -> Loaded:
        """The model that a request names as head/role/pair."""
        return await asyncio.to_thread(load, *name.split("/"))

    async def __call__(self, request: Request) -> Response:
        """The logits of some rows."""
        try:
            work = wire.read_work(await request.body())
            loaded = await self.model(f"{work.head}/{work.role}/{work.pair}")
        except InputError as error:
            return Response(str(error), 422)
        passes = self._batcher.submit(loaded, work.rows, module("explain.heads", work.head).forward)
        return Response(wire.write_logits(*await asyncio.wrap_future(passes)))
