"""What holds the teacher back: the trunk it shares, its labelled rows, or its training's length?

A stored teacher is trained further in three ways, and each task gets the same number of steps in
all of them (in the first, on average): every task in one trunk, as it was made; one task with a
trunk to itself; and that task with half of its rows. Text has no such half: none of it is read
twice. Scores are of validation rows, since this is where a recipe is chosen.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distill import evaluation, trunk
from distill.batches import Stream
from distill.recipe import Job, begin, make_streams, write
from distill.training import Progress, train, training_precision
from explain.models import HEADS, stored

LIMITS = "limits.json"
HALF = tuple(head for head in HEADS if head != "fill_mask")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to train further."""

    name: str
    heads: tuple[str, ...]
    rows: float = 1.0  # share of the rows of each set


SHARED = Way("shared", tuple(HEADS))
WAYS = (
    SHARED,
    *(Way("alone", (head,)) for head in HEADS),
    *(Way("half", (head,), 0.5) for head in HALF),
)


def run(job: Job, source: Path, steps: int, limit: int) -> Iterator[Progress]:
    """Train and score every way, `steps` a task; what is finished is not done again."""
    begin(job.work / "limits", _settings(job, source, steps, limit))
    tokenizer = trunk.read_tokenizer(source)
    streams = make_streams(job, tokenizer)
    _score(job, source, tuple(HEADS), job.work / "limits" / "start.json", limit)
    for way in WAYS:
        path = result_path(job.work, way)
        if path.is_file():
            continue
        folder = path.with_suffix("")
        schedule = replace(
            job.setting.teacher,
            steps=steps * len(way.heads),
            text_steps=0,
            shares=tuple((head, 1.0) for head in way.heads),
            seed=job.seed,
        )
        own = {head: _part(streams[head], way.rows, job.seed) for head in way.heads}
        models = stored.read(source)
        yield from train(models, own, schedule, folder)
        write(models, tokenizer, folder)
        _score(job, folder, way.heads, path, limit)
        shutil.rmtree(folder)  # some 250 MB of checkpoint; the scores are what is wanted


def result_path(work: Path, way: Way) -> Path:
    """Where the scores of one way are kept."""
    name = way.name if way is SHARED else f"{way.name}-{way.heads[0]}"
    return work / "limits" / f"{name}.json"


def table(work: Path) -> list[dict[str, Any]]:
    """One row a task: its main metric (per cent, mean over its sets) before, and after each way."""
    rows = []
    for head in HEADS:
        row: dict[str, Any] = {"head": head, "metric": HEADS[head].metric}
        paths = {"before": work / "limits" / "start.json"}
        paths |= {way.name: result_path(work, way) for way in WAYS if head in way.heads}
        for name, path in paths.items():
            scores = json.loads(path.read_text(encoding="utf-8"))
            row |= {name: scores[head]["value"], "n": scores[head]["n"]}
        rows.append(row)
    return rows


def report(job: Job, source: Path, steps: int, limit: int) -> dict[str, Any]:
    """The table, with all that its numbers depend on, as plain values."""
    return {
        "rows": table(job.work),
        **evaluation.settings(),  # whose seed is another: that of the scores' resampling
        **_settings(job, source, steps, limit),
        "split": "validation",
        "precision": training_precision(),
    }


def as_text(rows: Sequence[dict[str, Any]]) -> str:
    """The table as lines of text."""
    names = ("before", "shared", "alone", "half")
    lines = [f"{'':20} {'n':>6}" + "".join(f"{name:>9}" for name in names)]
    for row in rows:
        cells = "".join(f"{row[name]:9.1f}" if name in row else f"{'':9}" for name in names)
        lines.append(f"{row['head']:20} {row['n']:6}{cells}")
    return "\n".join(lines)


def _settings(job: Job, source: Path, steps: int, limit: int) -> dict[str, Any]:
    return {
        "preset": job.preset, "steps": steps, "budget": job.setting.budget, "seed": job.seed,
        "limit": limit, "teacher": stored.fingerprint(source),
    }  # fmt: skip


def _part(stream: Stream, share: float, seed: int) -> Stream:
    """A stream of its own, of a share of the rows of each set."""
    draw = random.Random(seed)
    rows = {
        name: own if share == 1.0 else draw.sample(own, max(1, round(share * len(own))))
        for name, own in stream.rows.items()
    }
    return Stream(stream.head, rows, stream.tokenizer, stream.budget, seed, stream.limits)


def _score(job: Job, folder: Path, heads: Sequence[str], path: Path, limit: int) -> None:
    if path.is_file():
        return
    models = {"teacher": evaluation.stored_model(folder, "teacher")}
    found = {}
    for head in heads:
        scored = evaluation.evaluate(models, job.data, split="validation", head=head, limit=limit)[
            "heads"
        ][head]
        found[head] = {
            "value": 100 * scored["mean"]["teacher"][HEADS[head].metric],
            "n": sum(one["n"] for one in scored["sets"].values()),
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
