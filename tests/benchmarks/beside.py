"""How long does an answer take while something heavy runs? Alone, and beside each heavy job.

Visitors press with some seconds of thought between, over the web API, mixed tasks and texts. One
other visitor explains long texts, evaluates sets or trains a student meanwhile, one after the
other, again and again. The goal: the 95th percentile of the waits at most doubles.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import load
from measure import report, table

from tests.running_app import served

GOAL = 2.0  # times the waits of visitors who are alone
CONTEXT = "The ferry ran twice a day, and Ada Lind of Turku kept its log for eleven years. " * 12
EXPLAINED = {
    "head": "question_answering",
    "inputs": {"question": "Who kept the log?", "context": CONTEXT},
}
EVALUATED = {"head": "question_answering"}
TRAINER = "trainer"  # the session of the visitor who trains


async def call(client: httpx.AsyncClient, endpoint: str, inputs: dict[str, Any]) -> None:
    """One answer of the web API, waited for."""
    tally = load.Tally()
    await load.press(client, (endpoint, inputs), tally)
    assert tally.waits, f"/{endpoint} has not answered"


async def explain(client: httpx.AsyncClient) -> None:
    """Both models' reasons for one answer in a long text."""
    await call(client, "attribute", EXPLAINED)


async def evaluate(client: httpx.AsyncClient) -> None:
    """Both models' scores on the project's own questions."""
    await call(client, "evaluate", EVALUATED)


async def train(client: httpx.AsyncClient) -> None:
    """A student of the Distil tab, from Train to its end, as the page asks for it."""
    page = (await client.get("/config")).json()
    props = {each["id"]: each["props"] for each in page["components"]}
    names = {number: each.get("elem_id") for number, each in props.items()}
    started, followed = (
        next(
            event
            for event in page["dependencies"]
            if event.get("backend_fn") and event["types"]["generator"] is drawn
            if event["outputs"] and names[event["outputs"][0]] == "distil-status"
            if drawn or ["distil-train", "click"] in [[names[n], e] for n, e in event["targets"]]
        )
        for drawn in (False, True)
    )
    await client.post("/gradio_api/run/predict", json=_body(started, props))
    headers = {"x-gradio-user": "app"}
    joined = await client.post(
        "/gradio_api/queue/join", json=_body(followed, props), headers=headers
    )
    joined.raise_for_status()
    stream = client.stream("GET", "/gradio_api/queue/data", params={"session_hash": TRAINER})
    views = 0
    async with stream as lines:
        async for line in lines.aiter_lines():
            message = json.loads(line.partition(":")[2] or "{}").get("msg")
            views += message == "process_generating"
            if message == "process_completed":
                break
    assert views > 2, "no training was seen"


def _body(event: dict[str, Any], props: dict[int, dict[str, Any]]) -> dict[str, Any]:
    values = [props[number].get("value") for number in event["inputs"]]
    return {"data": values, "fn_index": event["id"], "session_hash": TRAINER}


Work = Callable[[httpx.AsyncClient], Awaitable[None]]
HEAVY: dict[str, Work | None] = {
    "alone": None, "explanations": explain, "evaluations": evaluate, "a training": train,
}  # fmt: skip


@asynccontextmanager
async def beside(address: str, work: Work | None) -> AsyncIterator[list[int]]:
    """Heavy work, again and again until the end; one entry in the list for each that is done."""
    done: list[int] = []

    async def repeat() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=load.PATIENCE) as client:
            while work:
                await work(client)
                done.append(1)

    working = asyncio.create_task(repeat())
    await asyncio.sleep(3.0)
    yield done
    assert work is None or not working.done(), working.exception()
    working.cancel()
    await asyncio.wait([working])


async def measured(address: str, work: Work | None, options: argparse.Namespace) -> dict[str, Any]:
    """The visitors' tally beside some work."""
    async with beside(address, work) as done:
        tally = await load.run(address, options.visitors, options.seconds, tuple(options.think))
        return {**tally.row(), "done": len(done)}


def main() -> None:
    """Print a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--think", type=float, nargs=2, default=(1.0, 4.0))
    options = parser.parse_args()
    rows = []
    with served() as app:
        asyncio.run(load.run(app.address, 4, 3.0, (0.0, 0.0)))  # warm-up
        for name, work in HEAVY.items():
            rows.append({"beside": name, **asyncio.run(measured(app.address, work, options))})
    alone = rows[0]["p95"]
    for row in rows:
        row["ratio"] = row["p95"] / alone
    columns = ("answers", "median", "p95", "ratio", "refused", "failed", "done")
    cells = [[row["beside"], *(f"{row[name]:.2f}" for name in columns)] for row in rows]
    table(("beside", *columns), cells)
    met = all(row["ratio"] <= GOAL and not row["refused"] + row["failed"] for row in rows)
    report("beside", visitors=options.visitors, think=list(options.think), rows=rows, goal_met=met)


if __name__ == "__main__":
    main()
