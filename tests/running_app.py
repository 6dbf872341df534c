"""The app as a visitor meets it: a program of its own, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Served:
    """One running app."""

    address: str  # http://127.0.0.1:PORT
    process: int  # its id
    seconds: float  # from the start of the program to the first page


@contextmanager
def served(patience: float = 600.0) -> Iterator[Served]:
    """Start `app.py`, wait until its page answers, stop it at the end.

    The Hub counts as unreachable, so that nothing depends on a network.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"PORT": str(port), "HOST": "127.0.0.1", "PAIR": "pocket", "HF_HUB_OFFLINE": "1"}
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile("w+") as log:
        began = time.perf_counter()
        program = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            while not answers(address):
                if program.poll() is not None or time.perf_counter() - began > patience:
                    log.seek(0)
                    raise RuntimeError(f"app.py does not answer. It said:\n{log.read()}")
                time.sleep(0.05)
            yield Served(address, program.pid, time.perf_counter() - began)
        finally:
            program.terminate()
            program.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether the page is there: HTTP 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
