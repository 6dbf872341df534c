"""A program that serves the page, started in a folder of its own and stopped at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    settings: Mapping[str, str] | None = None,
    patience: float = 300.0,
) -> Iterator[str]:
    """The address of the page, once it answers; the Hub counts as unreachable."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **(settings or {}), "PORT": str(port)}
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as log:
        program = subprocess.Popen(
            list(command), cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            end = time.monotonic() + patience
            while not answers(address):
                if program.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise SystemExit(f"The page does not answer. The program said:\n{log.read()}")
                time.sleep(0.2)
            yield address
        finally:
            program.terminate()
            program.wait(30)


def answers(address: str) -> bool:
    """Whether a page is there: HTTP 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
