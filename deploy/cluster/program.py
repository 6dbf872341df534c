"""Heads in a local Ray cluster, several pages, and one address in front of them.

    python -m deploy.cluster --pages 2 --port 7860

It starts Ray, deploys the heads (`cluster.yaml` has their settings), starts the pages as ordinary
`app.py` processes that have their answers computed there, and HAProxy, which keeps each visitor at
one page. A page that ends is started again. Ctrl-C ends everything.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import yaml

from explain import settings

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FIRST_PAGE = 1  # added to the visitors' port: that of the first page
HEADS_OFFSET = 100  # added to the visitors' port: that of the heads
STARTS = 2  # Ray gives itself 30 seconds, which a busy machine may miss
LOOK = 1.0  # seconds between two looks at the pages
Process = subprocess.Popen[bytes]


def proxy_settings(address: str, pages: Sequence[int]) -> str:
    """The settings of HAProxy for pages at these local ports."""
    template = (HERE / "haproxy.cfg").read_text(encoding="utf-8").replace("${ADDRESS}", address)
    servers = (
        f"    server page{number} 127.0.0.1:{port} cookie page{number}"
        for number, port in enumerate(pages, 1)
    )
    return template + "\n".join(servers) + "\n"


@contextmanager
def heads(port: int, replicas: int | None = None) -> Iterator[str]:
    """The heads in the Ray cluster that RAY_ADDRESS names, else in one of this machine's own."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    import ray
    from ray import serve

    from deploy.cluster.heads import Heads

    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    size = {} if "RAY_ADDRESS" in os.environ else {"num_cpus": max(2, os.cpu_count() or 1)}
    for attempt in range(1, STARTS + 1):
        try:
            ray.init(
                include_dashboard=False, log_to_driver=False, logging_level="ERROR",
                runtime_env={"env_vars": {"PYTHONPATH": str(ROOT), **settings.TORCH}}, **size,
            )  # fmt: skip
            break
        except (RuntimeError, OSError):
            ray.shutdown()
            if attempt == STARTS:
                raise
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        options = yaml.safe_load((HERE / "cluster.yaml").read_text(encoding="utf-8"))
        if replicas is not None:
            del options["autoscaling_config"]
            options["num_replicas"] = replicas
        serve.run(Heads.options(**options).bind(), name="heads", route_prefix="/")
        yield f"http://127.0.0.1:{port}"
    finally:
        serve.shutdown()
        ray.shutdown()


def start_page(port: int, address: str) -> Process:
    """A page at a local port that has its answers computed at `address`."""
    place = {"HOST": "127.0.0.1", "PORT": str(port), "HEADS": address}
    return subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | place)


@contextmanager
def pages(ports: Sequence[int], address: str) -> Iterator[dict[int, Process]]:
    """The pages, by port."""
    running = {port: start_page(port, address) for port in ports}
    try:
        yield running
    finally:
        for page in running.values():
            page.terminate()
        for page in running.values():
            page.wait(30)


@contextmanager
def proxy(address: str, ports: Sequence[int]) -> Iterator[Process]:
    """HAProxy in front of the pages."""
    program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise SystemExit("HAProxy is needed: apt-get install haproxy, or brew install haproxy.")
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(proxy_settings(address, ports))
        file.flush()
        running = subprocess.Popen([program, "-db", "-f", file.name])
        try:
            yield running
        finally:
            running.terminate()
            running.wait(30)


@contextmanager
def cluster(
    host: str, port: int, count: int, replicas: int | None = None
) -> Iterator[dict[int, Process]]:
    """Everything, at one address; the pages by port. `replicas` fixes the number of the heads.

    A port that another program uses ends this one in a sentence.
    """
    ports = range(port + FIRST_PAGE, port + FIRST_PAGE + count)
    for wanted in (port, *ports, port + HEADS_OFFSET):
        settings.bind(settings.Settings(host=host, port=wanted)).close()
    with ExitStack() as stack:
        address = stack.enter_context(heads(port + HEADS_OFFSET, replicas))
        running = stack.enter_context(pages(ports, address))
        stack.enter_context(proxy(f"{host}:{port}", ports))
        yield running


def watch(running: dict[int, Process], address: str, stopped: threading.Event) -> None:
    """Start pages again that have ended, until it is stopped."""
    while not stopped.wait(LOOK):
        for port, page in running.items():
            if page.poll() is not None:
                print(f"The page at port {port} has ended; starting it again.", flush=True)
                running[port] = start_page(port, address)


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(prog="deploy.cluster", description=__doc__)
    parser.add_argument("--pages", type=int, default=2, help="page processes")
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "7860")))
    options = parser.parse_args()
    try:
        with cluster(options.host, options.port, options.pages) as running:
            signal.signal(signal.SIGTERM, _stop)  # Ray has one of its own
            print(f"{options.pages} pages at http://{options.host}:{options.port}", flush=True)
            address = f"http://127.0.0.1:{options.port + HEADS_OFFSET}"
            watch(running, address, threading.Event())  # for ever
    except KeyboardInterrupt:
        pass


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
