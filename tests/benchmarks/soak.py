"""Does a long lecture fill the memory? Visitors press for minutes; the server is watched.

Memory is the resident size of the server, in MB (10^6 bytes). Goals: it grows by less than 5 %
after the first two minutes, no thread and no open file is left over, and the same request gets the
same answer at the end as at the beginning.

    python tests/benchmarks/soak.py --visitors 16 --minutes 20
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import load
from measure import report, table

from tests.running_app import Served, served

SETTLED = 120.0  # seconds after which growth counts
GOAL_GROWTH = 0.05
PROBE = {"text": "The harbour was quiet, and Ana Ruiz liked it."}


def state(app: Served) -> dict[str, float]:
    """Memory, threads and open files of the server."""
    folder = Path(f"/proc/{app.process}")
    status = dict(
        line.split(":", 1) for line in (folder / "status").read_text("ascii").splitlines()
    )
    return {
        "megabytes": int(status["VmRSS"].split()[0]) * 1024 / 1e6,
        "threads": int(status["Threads"]),
        "files": len(list((folder / "fd").iterdir())),
    }


def answer(address: str) -> Any:
    """What both models answer to one sentence, times left out."""
    with httpx.Client(base_url=address, timeout=load.PATIENCE) as client:
        path = "/gradio_api/call/v2/sentiment"
        event = client.post(path, json=PROBE).json()["event_id"]
        data = client.get(f"{path}/{event}").text.rpartition("data: ")[2]
    found = json.loads(data)[0]
    return [[round(p, 4) for p in found[role]["probabilities"]] for role in ("teacher", "student")]


async def watched(app: Served, visitors: int, seconds: float, every: float) -> Any:
    """The visitors' tally, and the state of the server over time."""
    pressing = asyncio.create_task(load.run(app.address, visitors, seconds, (0.0, 0.0)))
    began, states = time.perf_counter(), []
    while not pressing.done():
        states.append({"seconds": time.perf_counter() - began, **state(app)})
        await asyncio.wait([pressing], timeout=every)
    return await pressing, states


def main() -> None:
    """Print a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=20.0)
    options = parser.parse_args()
    seconds = 60 * options.minutes
    with served() as app:
        asyncio.run(load.run(app.address, options.visitors, 5.0, (0.0, 0.0)))  # warm-up
        first, before = answer(app.address), state(app)
        tally, states = asyncio.run(watched(app, options.visitors, seconds, max(5.0, seconds / 40)))
        time.sleep(10)  # connections close
        last, after = answer(app.address), state(app)
    settled = [one for one in states if one["seconds"] >= min(SETTLED, seconds / 2)] or states
    growth = after["megabytes"] / settled[0]["megabytes"] - 1
    rows = [("before", before), *((f"{one['seconds']:.0f} s", one) for one in states[::4])]
    columns = ("megabytes", "threads", "files")
    table(
        ("when", *columns),
        [
            (name, *(f"{one[column]:.0f}" for column in columns))
            for name, one in [*rows, ("at rest", after)]
        ],
    )
    met = growth < GOAL_GROWTH and after["files"] <= before["files"] + 2 and first == last
    report(
        "soak", visitors=options.visitors, minutes=options.minutes, growth=growth,
        same_answers=first == last, before=before, after=after, goal_met=met, **tally.row(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
