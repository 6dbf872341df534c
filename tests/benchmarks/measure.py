"""Fair laps, robust figures, a table and one line of JSON: what the benchmarks share."""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))  # a benchmark is started by its path

Figures = dict[str, float]


def laps(
    runners: dict[str, Callable[[], object]], repeats: int, warm_up: int = 2
) -> dict[str, list[float]]:
    """Milliseconds of each runner, `repeats` times; every lap runs all, in a new random order."""
    for _ in range(warm_up):
        for run in runners.values():
            run()
    times: dict[str, list[float]] = {name: [] for name in runners}
    order, shuffle = list(runners), random.Random(0).shuffle
    for _ in range(repeats):
        shuffle(order)
        for name in order:
            began = time.perf_counter()
            runners[name]()
            times[name].append(1e3 * (time.perf_counter() - began))
    return times


def spread(values: Sequence[float]) -> Figures:
    """Median and the middle half of the values."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": middle, "p25": low, "p75": high}


def ratio(values: Sequence[float], base: Sequence[float], draws: int = 1000) -> Figures:
    """Median of the ratios lap by lap, with its 95 % bootstrap interval."""
    paired = [one / other for one, other in zip(values, base, strict=True)]
    random_ = random.Random(0)
    medians = sorted(
        statistics.median(random_.choices(paired, k=len(paired))) for _ in range(draws)
    )
    low, high = medians[int(0.025 * draws)], medians[int(0.975 * draws) - 1]
    return {"median": statistics.median(paired), "low": low, "high": high}


def circumstances() -> dict[str, object]:
    """Where and with what the figures were taken."""
    packages = {name: version(name) for name in ("torch", "transformers", "gradio")}
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),  # of the last minute, ours included
        "python": platform.python_version(),
        **packages,
    }


def _processor() -> str:
    """The processor's name where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns: the first to the left, figures to the right."""
    lines = [[str(cell) for cell in row] for row in (titles, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        cells = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *cells[1:]]))
        if number == 0:
            print("  ".join("-" * width for width in widths))


def report(name: str, **figures: object) -> None:
    """Print the last line: one JSON object."""
    print(json.dumps({"benchmark": name, "circumstances": circumstances(), **figures}))
