"""How sure must a model be of its best answer for the input to have an answer at all?

A threshold per head and model: `FALSE_ALARMS` of the validation rows that have an answer stay below
it. It is chosen on the first half of the rows of each set; the shares below it are measured on the
other half, and on rows without an answer, which the head's module makes (`distill.heads`:
`ANSWERED`, `doubtful`, `surenesses`). It holds for the weights it was measured with, so the report
has their checksums. Nothing is trained, and no test row is read.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from distill import evaluation, heads
from distill.evaluation import Model, Report
from distill.labelled import chosen, find_sets, item_of
from explain.evaluation.items import Item, LabelledRow
from explain.evaluation.scoring import readable
from explain.models import HEADS, Loaded, stored
from explain.records import InputError
from explain.statistics import wilson

THRESHOLDS = "thresholds.json"
SPLIT = "validation"
FALSE_ALARMS = 0.1  # share of the rows with an answer


def report(
    models: Mapping[str, Model], folders: Mapping[str, Path], data: Path, limit: int
) -> Report:
    """Thresholds of stored models (by role), on at most `limit` rows of each set of `data`."""
    entries = {}
    for head in (name for name in HEADS if hasattr(heads.of(name), "doubtful")):
        loaded = {role: of(head) for role, of in models.items()}
        entries[head] = _entry(head, loaded, data, limit)
    return {
        "heads": entries,
        "false_alarms": FALSE_ALARMS,
        "data": data.resolve().name,
        "split": SPLIT,
        "limit": limit,
        "weights": {folder.name: checksum(folder) for folder in folders.values()},
        **evaluation.settings(),
    }


def checksum(folder: Path) -> str:
    """The SHA-256 of a model's list of checksums, which changes with its weights."""
    return hashlib.sha256((folder / stored.CHECKSUMS).read_bytes()).hexdigest()


def threshold(surenesses: Sequence[float], share: float = FALSE_ALARMS) -> float:
    """What at most `share` of the values are below, rounded down to two decimals."""
    ordered = sorted(surenesses)
    return math.floor(100 * ordered[int(share * len(ordered))]) / 100


def as_text(measured: Report) -> str:
    """Each head's and model's threshold, and the shares below it."""
    lines = []
    for head, entry in measured["heads"].items():
        for role, own in entry.items():
            lines.append(f"{head}, {role}: {own['threshold']:.2f}; below it")
            lines += [
                f"{100 * share['value']:7.1f} % ({100 * share['low']:.1f} to "
                f"{100 * share['high']:.1f}) of {share['n']:,} {share['rows']}"
                for share in own["below"]
            ]
    return "\n".join(lines)


def _entry(head: str, loaded: Mapping[str, Loaded], data: Path, limit: int) -> Report:
    module = heads.of(head)
    tuning, answered = _halves(data, head, limit)
    kinds = {module.ANSWERED: answered, **module.doubtful(answered, data, SPLIT, limit)}
    read = {name: _readable(rows, head, loaded) for name, rows in kinds.items()}
    tuning = _readable(tuning, head, loaded)
    if missing := [
        name for name, rows in (("rows to choose on", tuning), *read.items()) if not rows
    ]:
        raise InputError(f"{data} holds no {missing[0]}, which {head} needs.")
    entry = {}
    for role, model in loaded.items():
        least = threshold(module.surenesses(tuning, model))
        below = [_share(name, module.surenesses(rows, model), least) for name, rows in read.items()]
        entry[role] = {"threshold": least, "chosen_on": len(tuning), "below": below}
    return entry


def _halves(data: Path, head: str, limit: int) -> tuple[list[LabelledRow], list[LabelledRow]]:
    """The first and the second half of the rows of every set."""
    first, second = list[LabelledRow](), list[LabelledRow]()
    for data_set in find_sets(data, SPLIT, head):
        rows = [item_of(line, head).row for line in chosen(data_set, limit)]
        first += rows[: len(rows) // 2]
        second += rows[len(rows) // 2 :]
    return first, second


def _readable(
    rows: Sequence[LabelledRow], head: str, loaded: Mapping[str, Loaded]
) -> list[LabelledRow]:
    items = [Item(number, row) for number, row in enumerate(rows, start=1)]
    return [item.row for item in readable(items, *loaded.values())[0]]


def _share(rows: str, surenesses: Sequence[float], least: float) -> dict[str, Any]:
    """The share of some rows that stay below a threshold, with Wilson's interval."""
    count, n = sum(value < least for value in surenesses), len(surenesses)
    low, high = (round(end, 5) for end in wilson(count, n))
    return {"rows": rows, "value": round(count / n, 5), "low": low, "high": high, "n": n}
