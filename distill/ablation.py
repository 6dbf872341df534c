"""What each part of the recipe contributes: short trainings of students, each without one part.

As Table 4 of Sanh et al. (arXiv 1910.01108), at this size: without the soft targets, without the
masked language model, without the cosine loss, and from random weights instead of the teacher's.
A part is left out both on text and on the tasks; L_mlm occurs on text only. Scores are on
validation rows, on which recipes are chosen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from distill import evaluation, trunk
from distill.batches import Stream
from distill.precision import training_precision
from distill.recipe import Job, begin, make_streams, write
from distill.student import LAYER_MAP, copy_layers, random_student
from distill.training import (
    LossWeights,
    Models,
    Progress,
    Schedule,
    train,
)
from explain.models import HEADS, stored
from explain.statistics import mean_interval

ABLATION = "ablation.json"
Scores = dict[str, float]  # head -> mean of its main metric over the sets, per cent


@dataclass(frozen=True, slots=True)
class Variant:
    """One student of the ablation."""

    name: str
    losses: LossWeights
    copied: bool = True  # starts from the teacher's layers


WHOLE = Variant("whole recipe", LossWeights())
VARIANTS = (
    WHOLE,
    Variant("without L_ce", LossWeights(soft=0.0, task_soft=0.0)),
    Variant("without L_mlm", LossWeights(hard=0.0)),
    Variant("without L_cos", LossWeights(cosine=0.0, task_cosine=0.0)),
    Variant("random initialisation", LossWeights(), copied=False),
)


def run(
    job: Job, seeds: Sequence[int], steps: int, limit: int, source: Path | None = None
) -> Iterator[Progress]:
    """Train and score every variant with every seed; finished ones are skipped."""
    source = source or job.work / "teacher"
    settings = {
        "preset": job.preset, "steps": steps, "budget": job.pieces,
        "limit": limit, "teacher": stored.fingerprint(source),
    }  # fmt: skip
    begin(job.work / "ablation", settings)
    teacher, tokenizer = stored.read(source), trunk.read_tokenizer(source)
    streams = make_streams(job, tokenizer)
    for seed in seeds:
        for variant in VARIANTS:
            path = result_path(job.work, variant, seed)
            if path.is_file():
                continue
            folder = path.with_suffix("")
            models = _start(variant, teacher, seed)
            schedule = shortened(job.setting.student, steps, seed)
            fresh = {
                head: Stream(head, s.rows, s.tokenizer, s.budget, seed, s.limits)
                for head, s in streams.items()
            }
            yield from train(models, fresh, schedule, folder, teacher, variant.losses)
            write(models, tokenizer, folder)
            students = {"student": evaluation.stored_model(folder, "student")}
            report = evaluation.evaluate(students, job.data, split="validation", limit=limit)
            path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
            shutil.rmtree(folder)  # some 250 MB of checkpoint; only the scores are kept


def result_path(work: Path, variant: Variant, seed: int) -> Path:
    """The file with the scores of one run."""
    return work / "ablation" / f"{variant.name.replace(' ', '-')}-{seed}.json"


def shortened(schedule: Schedule, steps: int, seed: int) -> Schedule:
    """The same schedule in fewer steps, with the same share of text."""
    text_steps = round(schedule.text_steps * steps / schedule.steps)
    return replace(schedule, steps=steps, text_steps=text_steps, seed=seed)


def main_scores(report: dict[str, Any]) -> Scores:
    """Each head's main metric, the mean over its sets, per cent."""
    return {
        head: 100 * scores["mean"]["student"][HEADS[head].metric]
        for head, scores in report["heads"].items()
    }


def table(work: Path, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """One row per variant: mean scores over the seeds, and what leaving the part out changes.

    `change` compares runs of the same seed; its `low` and `high` are the extremes over the seeds,
    `interval` is the 95 % interval of its mean, by Student's t; None of a single seed.
    """
    scores = {
        variant.name: [
            main_scores(json.loads(result_path(work, variant, seed).read_text(encoding="utf-8")))
            for seed in seeds
        ]
        for variant in VARIANTS
    }
    whole = [fmean(run.values()) for run in scores[WHOLE.name]]
    rows = []
    for name, runs in scores.items():
        means = [fmean(run.values()) for run in runs]
        change = [mean - best for mean, best in zip(means, whole, strict=True)]
        rows.append(
            {
                "variant": name,
                "mean": fmean(means),
                "change": {"value": fmean(change), "low": min(change), "high": max(change)},
                "interval": mean_interval(change) if len(change) > 1 else None,
                "heads": {head: fmean(run[head] for run in runs) for head in runs[0]},
                "seeds": list(seeds),
            }
        )
    return rows


def report(job: Job, seeds: Sequence[int], steps: int, limit: int) -> dict[str, Any]:
    """The table with its settings, as plain values."""
    return {
        "rows": table(job.work, seeds),
        "preset": job.preset,
        "steps": steps,
        "budget": job.pieces,
        "layers": list(LAYER_MAP),
        "split": "validation",
        "limit": limit,
        **evaluation.settings(),
        "precision": training_precision(),
    }


def as_text(rows: Sequence[dict[str, Any]]) -> str:
    """The table as lines of text."""
    lines = [
        f"{'':22} {'mean':>6} {'change':>7} {'over seeds':>16}  " + "  ".join(rows[0]["heads"])
    ]
    for row in rows:
        change = row["change"]
        heads = "  ".join(f"{score:{len(head)}.1f}" for head, score in row["heads"].items())
        spread = f"{change['low']:+.2f} to {change['high']:+.2f}"
        lines.append(
            f"{row['variant']:22} {row['mean']:6.2f} {change['value']:+7.2f} {spread:>16}  {heads}"
        )
    return "\n".join(lines)


def _start(variant: Variant, teacher: Models, seed: int) -> Models:
    if variant.copied:
        return copy_layers(teacher, LAYER_MAP)
    torch.manual_seed(seed)
    return random_student(next(iter(teacher.values())).config, len(LAYER_MAP))
