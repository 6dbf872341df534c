"""How many visitors can press at once? The app against a plain five-pipeline Gradio app.

Both run as programs of their own on this machine, one after the other, on the same checkpoints, and
answer with both models. Four kinds of load, the last three over the web API, with mixed tasks and
texts in the last two:

    opening    every visitor loads the page, all at the same moment (its HTML alone, not its files)
    audience   every visitor asks the same, all at the same moment, as when a tab is shown
    together   every visitor presses once, all at the same moment
    steady     every visitor presses again as soon as the answer is there (or after `--think`)

    python tests/benchmarks/load.py --visitors 1 8 32 64 200 --seconds 20
    python tests/benchmarks/load.py --address http://127.0.0.1:7860     what already runs, alone
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from measure import ROOT, report, table

from tests.running_app import answers, served

Body = tuple[str, dict[str, object]]  # endpoint, arguments by name
HEADS = ("fill_mask", "sentiment", "ner", "multiple_choice", "question_answering")
PEER = Path(__file__).parent / "peers" / "plain_app.py"
SAME = "audience"
KINDS = {SAME: 0, "together": 0, "steady": 1}  # share of the seconds; 0: one press
PATIENCE = 300.0  # seconds for one answer


@dataclass(slots=True)
class Tally:
    """What the visitors of one run met."""

    waits: list[float] = field(default_factory=list)  # seconds per answer
    refused: int = 0  # HTTP 503: the queue is full
    failures: list[str] = field(default_factory=list)  # any other error: what was met
    seconds: float = 0.0  # of the whole run

    def row(self) -> dict[str, float]:
        """Answers per second, waits in seconds, and what went wrong."""
        cuts = statistics.quantiles(self.waits, n=20) if len(self.waits) > 1 else self.waits * 19
        return {
            "answers": len(self.waits),
            "per_second": len(self.waits) / self.seconds,
            "median": statistics.median(self.waits) if self.waits else 0.0,
            "p95": cuts[-1] if cuts else 0.0,
            "refused": self.refused,
            "failed": len(self.failures),
        }


@cache
def items(head: str) -> list[Any]:
    """The project's own items of one head."""
    path = ROOT / "assets" / "evaluation" / f"{head}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def requests(seed: int) -> Iterator[Body]:
    """Requests of one visitor without end: the tasks in turn, on the project's own items."""
    draw = random.Random(seed)
    while True:
        head = draw.choice(
            ["fill_mask", "sentiment", "ner", "multiple_choice", "question_answering"]
        )
        item = draw.choice(items(head))
        if head == "ner":
            yield head, {"text": " ".join(item["tokens"])}
        elif head == "multiple_choice":
            prompt = f"{item['context']} {item['question']}".strip()
            yield head, {"prompt": prompt, "choices": item["choices"]}
        elif head == "question_answering":
            yield head, {"question": item["question"], "context": item["context"]}
        else:
            yield head, {"text": item["text"]}


async def press(client: httpx.AsyncClient, body: Body, tally: Tally) -> None:
    """One answer, waited for to the end; a connection that breaks counts as failed."""
    try:
        await answer(client, body, tally)
    except httpx.TransportError as error:
        tally.failures.append(repr(error))


async def answer(client: httpx.AsyncClient, body: Body, tally: Tally) -> None:
    """Send a request and read its answer."""
    began = time.perf_counter()
    path = f"/gradio_api/call/{body[0]}"
    accepted = await client.post(f"/gradio_api/call/v2/{body[0]}", json=body[1])
    if accepted.status_code != 200:
        tally.refused += accepted.status_code == 503
        if accepted.status_code != 503:
            tally.failures.append(f"HTTP {accepted.status_code}: {accepted.text[:200]}")
        return
    event = ""
    async with client.stream("GET", f"{path}/{accepted.json()['event_id']}") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event:"):
                event = line.removeprefix("event:").strip()
            elif line.startswith("data:") and event in ("complete", "error"):
                break
    if event == "complete":
        tally.waits.append(time.perf_counter() - began)
    elif "full" in line:
        tally.refused += 1
    else:
        tally.failures.append(f"{event} {line}"[:200])


async def opening(address: str, visitors: int) -> Tally:
    """Every visitor loads the page once, all at the same moment."""
    tally = Tally()
    secure = ssl.create_default_context()

    async def load() -> None:
        async with httpx.AsyncClient(timeout=PATIENCE, verify=secure) as client:
            began = time.perf_counter()
            page = await client.get(address)
            if page.status_code == 200:
                tally.waits.append(time.perf_counter() - began)
            else:
                tally.failures.append(f"HTTP {page.status_code}")

    began = time.perf_counter()
    await asyncio.gather(*(load() for _ in range(visitors)))
    tally.seconds = time.perf_counter() - began
    return tally


async def run(
    address: str, visitors: int, seconds: float, think: tuple[float, float], same: bool = False
) -> Tally:
    """All visitors, for some seconds, or with 0 for one press each; with `same` all ask the same.

    Each has connections of their own, as in a browser: with one pool for 200 visitors the client
    takes longer to find a free connection than the app to answer.
    """
    tally = Tally()
    secure = ssl.create_default_context()  # one for all: making it takes long
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=address, timeout=PATIENCE, verify=secure)
            )
            for _ in range(visitors)
        ]
        began = time.perf_counter()

        async def visit(number: int) -> None:
            for body in requests(visitors if same else number):
                await press(clients[number], body, tally)
                if time.perf_counter() - began >= seconds:
                    return
                await asyncio.sleep(random.uniform(*think))

        await asyncio.gather(*(visit(number) for number in range(visitors)))
        tally.seconds = time.perf_counter() - began
    return tally


@contextmanager
def peer() -> Iterator[str]:
    """The plain app, running."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    program = subprocess.Popen(
        [sys.executable, str(PEER), str(port)], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not answers(address):
            if program.poll() is not None:
                raise RuntimeError("the plain app does not start")
            time.sleep(0.2)
        yield address
    finally:
        program.terminate()
        program.wait(30)


@contextmanager
def ours() -> Iterator[str]:
    """The app, running."""
    with served() as app:
        yield app.address


def main() -> None:
    """Print a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 8, 32, 64, 200])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--think", type=float, nargs=2, default=(0.0, 0.0))
    parser.add_argument("--address", help="measure what runs there, and nothing else")
    options = parser.parse_args()
    apps: list[tuple[str, Any]] = [("plain", peer()), ("app", ours())]
    if options.address:
        apps = [(options.address, nullcontext(options.address))]
    rows: list[dict[str, object]] = []
    for name, running in apps:
        with running as address:
            asyncio.run(run(address, 4, 3.0, (0.0, 0.0)))  # warm-up
            for visitors in options.visitors:
                think = tuple(options.think)
                loads = {"opening": opening(address, visitors)} | {
                    kind: run(address, visitors, share * options.seconds, think, kind == SAME)
                    for kind, share in KINDS.items()
                }
                for kind, load in loads.items():
                    tally = asyncio.run(load)
                    for failure in tally.failures:
                        print(f"{name}, {kind}, {visitors}: {failure}", file=sys.stderr)
                    rows.append({"app": name, "load": kind, "visitors": visitors, **tally.row()})
    columns = ("per_second", "median", "p95", "answers", "refused", "failed")
    lines = []
    for row in rows:
        figures = (row[name] for name in columns)
        cells = (f"{value:.2f}" if isinstance(value, float) else value for value in figures)
        lines.append((f"{row['app']}, {row['load']}, {row['visitors']}", *cells))
    table(("app, load, visitors", *columns), lines)
    report("load", think=list(options.think), rows=rows)


if __name__ == "__main__":
    main()
