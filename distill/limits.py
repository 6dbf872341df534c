"""What limits the teacher: its shared trunk, its labelled rows, or the length of its training?

A stored teacher is trained further in three regimes with the same number of steps per task (in the
first, on average): all tasks in one trunk, as it was made; one task with a trunk of its own; and
that task with half of its rows. Text has no half: no text is read twice. Scores are on validation
rows, on which recipes are chosen.
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
from distill.precision import training_precision
from distill.recipe import Job, begin, make_streams, write
from distill.training import Progress, train
from explain.models import HEADS, stored

LIMITS = "limits.json"
HALF = tuple(head for head in HEADS if head != "fill_mask")


@dataclass(frozen=True, slots=True)
class Regime:
    """One regime of further training."""

    name: str
    heads: tuple[str, ...]
    rows: float = 1.0  # share of the rows of each set


SHARED = Regime("shared", tuple(HEADS))
REGIMES = (
    SHARED,
    *(Regime("alone", (head,)) for head in HEADS),
    *(Regime("half", (head,), 0.5) for head in HALF),
)


def run(job: Job, source: Path, steps: int, limit: int) -> Iterator[Progress]:
    """Train and score every regime, `steps` per task; finished ones are skipped."""
    begin(job.work / "limits", _settings(job, source, steps, limit))
    tokenizer = trunk.read_tokenizer(source)
    streams = make_streams(job, tokenizer)
    _score(job, source, tuple(HEADS), job.work / "limits" / "start.json", limit)
    for regime in REGIMES:
        path = result_path(job.work, regime)
        if path.is_file():
            continue
        folder = path.with_suffix("")
        schedule = replace(
            job.setting.teacher,
            steps=steps * len(regime.heads),
            text_steps=0,
            shares=tuple((head, 1.0) for head in regime.heads),
            seed=job.seed,
        )
        parts = {head: _part(streams[head], regime.rows, job.seed) for head in regime.heads}
        models = stored.read(source)
        yield from train(models, parts, schedule, folder)
        write(models, tokenizer, folder)
        _score(job, folder, regime.heads, path, limit)
        shutil.rmtree(folder)  # some 250 MB of checkpoint; only the scores are kept


def result_path(work: Path, regime: Regime) -> Path:
    """The file with the scores of one regime."""
    name = regime.name if regime is SHARED else f"{regime.name}-{regime.heads[0]}"
    return work / "limits" / f"{name}.json"


def table(work: Path) -> list[dict[str, Any]]:
    """One row per task: its main metric, before further training and after each regime.

    In per cent, the mean over its sets.
    """
    rows = []
    for head in HEADS:
        row: dict[str, Any] = {"head": head, "metric": HEADS[head].metric}
        paths = {"before": work / "limits" / "start.json"}
        paths |= {
            regime.name: result_path(work, regime) for regime in REGIMES if head in regime.heads
        }
        for name, path in paths.items():
            scores = json.loads(path.read_text(encoding="utf-8"))
            row |= {name: scores[head]["value"], "n": scores[head]["n"]}
        rows.append(row)
    return rows


def report(job: Job, source: Path, steps: int, limit: int) -> dict[str, Any]:
    """The table with its settings, as plain values."""
    return {
        "rows": table(job.work),
        **evaluation.settings(),  # its seed, that of the resampling, is replaced below
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
    """A new stream of a share of the rows of each set."""
    draw = random.Random(seed)
    rows = {
        name: whole if share == 1.0 else draw.sample(whole, max(1, round(share * len(whole))))
        for name, whole in stream.rows.items()
    }
    return Stream(stream.head, rows, stream.tokenizer, stream.budget, seed, stream.limits)


def _score(job: Job, folder: Path, heads: Sequence[str], path: Path, limit: int) -> None:
    if path.is_file():
        return
    models = {"teacher": evaluation.stored_model(folder, "teacher")}
    scores = {}
    for head in heads:
        report = evaluation.evaluate(models, job.data, split="validation", head=head, limit=limit)
        result = report["heads"][head]
        scores[head] = {
            "value": 100 * result["mean"]["teacher"][HEADS[head].metric],
            "n": sum(data_set["n"] for data_set in result["sets"].values()),
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
