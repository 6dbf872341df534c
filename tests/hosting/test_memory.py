"""Memory that a server no longer needs goes back to the system."""

from __future__ import annotations

import asyncio
import platform
import threading
from pathlib import Path

import pytest
from fastapi import FastAPI

from demos.hosting import application, memory

BLOCK, BLOCKS = 64_000, 3_000  # bytes; small enough to be kept when they are freed


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only GNU's C library keeps it")
def test_what_is_free_is_given_back() -> None:
    memory.release()  # so that the blocks do not find their place in what is free already
    before = resident()
    blocks = [bytearray(BLOCK) for _ in range(BLOCKS)]
    last = bytearray(BLOCK)  # above the others, so that they are not given back of themselves
    assert resident() > before + BLOCK * BLOCKS // 2
    del blocks
    memory.release()
    assert resident() < before + BLOCK * BLOCKS // 2
    assert last


def test_a_server_gives_it_back_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(memory, "release", released.set)
    server = application.Server(application.configuration(FastAPI()), lambda: None)
    server.config.load()

    async def ticks(count: int) -> None:
        for counter in range(count):
            await server.on_tick(counter)

    asyncio.run(ticks(599))
    assert not released.is_set()
    asyncio.run(ticks(600))
    assert released.wait(60)
