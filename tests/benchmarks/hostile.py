"""Does anything that is sent break the app? Thousands of inputs; the memory before and after.

Half of them are wrong inputs of an endpoint, half fill the text boxes of a tab, whose answer and
explanation are then asked for. All collected texts and values come first, one by one.

    python tests/benchmarks/hostile.py --inputs 2000
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator

from hypothesis import HealthCheck, Phase, given, settings
from measure import report, table
from soak import state

from tests.hostile import ENDPOINTS, OTHERS, PARTS, TEXTS, Attack, Target, attacks
from tests.running_app import served


def collected() -> Iterator[Attack]:
    """Every collected text in every part of the page, every collected value in every input."""
    for part in PARTS:
        yield from (Attack(part, {"boxes": [text]}, False) for text in TEXTS)
    for endpoint, inputs in ENDPOINTS.items():
        for name in (*inputs, "pair"):
            yield from (Attack(endpoint, inputs | {name: value}, True) for value in OTHERS)


def generated(target: Target, inputs: int, faults: Counter[str], seconds: list[float]) -> None:
    """Send so many attacks that Hypothesis finds."""

    @given(attacks())
    @settings(
        max_examples=inputs, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    def send_all(attack: Attack) -> None:
        send(target, attack, faults, seconds)

    send_all()


def send(target: Target, attack: Attack, faults: Counter[str], seconds: list[float]) -> None:
    """Send one and note what was wrong with its answer."""
    began = time.perf_counter()
    faults.update(fault[:300] for fault in target.faults(attack))
    seconds.append(time.perf_counter() - began)
    if len(seconds) % 500 == 0:
        print(f"{len(seconds)} inputs, {sum(faults.values())} faults", flush=True)


def main() -> None:
    """Print the faults, a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=2000)
    options = parser.parse_args()
    faults: Counter[str] = Counter()
    seconds: list[float] = []
    with served() as app:
        target = Target(app.address)
        for head in PARTS:  # models are read, buffers grow to their size
            send(target, Attack(head, {"boxes": ["A fine [MASK]. " * 30]}, False), faults, seconds)
        before = state(app)
        for attack in collected():
            send(target, attack, faults, seconds)
        middle = state(app)
        generated(target, options.inputs, faults, seconds)
        after = state(app)
    for fault, times in faults.most_common():
        print(f"{times} times: {fault}")
    rows = [("before", before), ("after the collected", middle), ("after all", after)]
    table(("", "MB", "threads", "files"), [(name, *one.values()) for name, one in rows])
    print(f"{len(seconds)} inputs, {target.sent} requests, slowest {max(seconds):.1f} s")
    report(
        "hostile", inputs=len(seconds), requests=target.sent, faults=sum(faults.values()),
        slowest_seconds=max(seconds), before=before, after=after,
    )  # fmt: skip


if __name__ == "__main__":
    main()
