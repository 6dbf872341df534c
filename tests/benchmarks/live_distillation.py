"""What does a minute of live distillation show? Every variant, seed by seed, and the loop's pace.

Each variant is trained as the Distil tab trains it, alone and for the same seconds, and examined
on all held-out rows. A start from the teacher's layers is to end at least 20 points of agreement
ahead of a random start, on every head, with intervals (over the seeds) that do not touch. The pace
is that of the tab against a bare loop of the same passes through the models.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import measure
import torch

from distill.live import heads
from distill.live.control import Control
from distill.live.learner import Learner, weighted_loss
from distill.live.recorded import WHOLE
from distill.live.run import follow
from distill.live.settings import RIVALS
from distill.live.start import new_student
from distill.live.transfer import BATCHES, REPLACED, ROWS, TransferSet, sentences
from distill.live.untrained import examination
from distill.losses import task_logits
from distill.precision import autocast
from distill.student import LAYER_MAP
from distill.thresholds import checksum
from explain.distillation.records import PARTS, LiveSettings, LiveState, Weights
from explain.models import ASSETS, load
from explain.models.layers import trunk, vocabulary_logits

RATE = 2e-4
GOAL = {"points ahead of a random start": 20, "time of a bare loop, times": 1.2}
CPU = torch.device("cpu")
Marks = dict[str, list[float]]


class Split(NamedTuple):
    """Seconds per step of the optimizer, by what they are spent on."""

    optimizer: float
    batches: float
    examinations: float


def settings(head: str, variant: str, seed: int, seconds: int) -> LiveSettings:
    """The variant as the visitor's own student, without a rival."""
    plain = LiveSettings(head, LAYER_MAP, Weights(), RATE, seed, seconds, "", watched(head))
    if variant == WHOLE:
        return plain
    layers, weights = RIVALS[variant].of(plain)
    return LiveSettings(head, layers, weights, RATE, seed, seconds, "", watched(head))


def watched(head: str) -> str:
    """A sentence that the head can answer."""
    return str(heads.of(head).WATCHED)


def trained(chosen: LiveSettings) -> LiveState:
    """The end of one training."""
    with closing(follow(chosen, Control())) as states:
        *_, (state, _) = states
    return state


def bare_loop(head: str, steps: int, every: float) -> Split:
    """Seconds per step of the same passes in a bare loop, on sentences that are chosen before.

    A step of the optimizer; the teacher's pass over a new batch, and the fill-mask teacher's where
    the batch is a varied copy; an examination `every` so many steps.
    """
    teacher, filler = load(head, "teacher"), load("fill_mask", "teacher")
    learner = Learner(new_student(teacher, LAYER_MAP), teacher, Weights(), RATE)
    held, texts = examination(head), sentences(head)
    stream = iter(TransferSet(texts, teacher, filler, 0))
    targets = [next(stream) for _ in range(min(steps, BATCHES))]
    spent = dict.fromkeys(Split._fields, 0.0)
    examined = 0
    for number in range(steps):
        target = targets[number % len(targets)]
        began = time.perf_counter()
        if number < len(targets):
            with torch.no_grad(), autocast(CPU):
                task_logits(teacher.model, target.batch)
                if number >= len(texts) // ROWS:
                    inputs = target.batch.inputs
                    hidden = trunk(filler.model)(**inputs).last_hidden_state
                    places = round(REPLACED * int(inputs["attention_mask"].sum()))
                    vocabulary_logits(filler.model, hidden.flatten(0, 1)[:places])
        spent["batches"] += time.perf_counter() - began
        began = time.perf_counter()
        with autocast(CPU):
            loss, _ = weighted_loss(learner.model, teacher, target, learner.weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.model.parameters(), 1.0)
        learner.optimizer.step()
        learner.optimizer.zero_grad(set_to_none=True)
        spent["optimizer"] += time.perf_counter() - began
        began = time.perf_counter()
        if number // every >= examined:
            examined += 1
            with torch.no_grad(), autocast(CPU):
                for batch in held.batches:
                    task_logits(learner.model, batch)
        spent["examinations"] += time.perf_counter() - began
    return Split(*(seconds / steps for seconds in spent.values()))


def in_a_thread(head: str, steps: int, every: float) -> Split:
    """The bare loop with as many threads as a training has."""
    taken: list[Split] = []

    def work() -> None:
        torch.set_num_threads(max(1, torch.get_num_threads() // 2))
        taken.append(bare_loop(head, steps, every))

    before = torch.get_num_threads()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    torch.set_num_threads(before)
    return taken[0]


def record(folder: Path, variant: str, state: LiveState) -> None:
    """Keep the curve of one training."""
    student = state.students[0]
    curve: dict[str, Any] = {
        "settings": asdict(state.settings),
        "variant": variant,
        "teacher": checksum(ASSETS / "bert-pocket"),
        "teacher_score": state.teacher_score,
        "teacher_end": state.teacher_end,
        "points": [asdict(point) for point in student.points],
        "end": asdict(student.end) if student.end else None,
        "answer": student.answer,
        **measure.circumstances(),
    }
    name = f"{state.settings.head}-{variant}-{state.settings.seed}.json".replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(curve), encoding="utf-8")


def collect(folder: Path, path: Path) -> None:
    """Put the curves of a folder into the one file that the Distil tab draws rivals from."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    whole = next(run["settings"] for run in found if run["variant"] == WHOLE)
    latest = max(found, key=lambda run: run["date"])
    runs: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for run in sorted(found, key=lambda run: run["settings"]["seed"]):
        of_head = runs.setdefault(run["settings"]["head"], {})
        of_head.setdefault(run["variant"], []).append(
            {"points": [_numbers(point) for point in run["points"]],
             "end": [_rounded(value) for value in run["end"].values()]}
        )  # fmt: skip
    made = {name: latest[name] for name in ("processor", "cores", "python", "torch")}
    (teacher,) = {run["teacher"] for run in found}
    report = {
        "script": "tests/benchmarks/live_distillation.py",
        "teacher": teacher,
        "made": {"date": latest["date"][:10], **made},
        "settings": {name: whole[name] for name in ("layers", "weights", "rate", "seconds")}
        | {"seeds": sorted({run["settings"]["seed"] for run in found})},
        "runs": runs,
    }
    path.write_text(json.dumps(report, separators=(",", ":")) + "\n", encoding="utf-8")


def _numbers(point: dict[str, Any]) -> list[float | None]:
    losses = point["losses"] or dict.fromkeys(PARTS)
    values = [point["seconds"], point["steps"], *losses.values(), *point["marks"].values()]
    return [_rounded(value) for value in values]


def _rounded(value: float | None) -> float | None:
    return value if value is None or isinstance(value, int) else float(f"{value:.5g}")


def measured(head: str, variant: str, seeds: int, seconds: int, folder: Path | None) -> Marks:
    """Agreement, score (points), divergence (nats) and steps per second, seed by seed."""
    found: Marks = {"agreement": [], "score": [], "divergence": [], "rate": [], "every": []}
    for seed in range(seeds):
        state = trained(settings(head, variant, seed, seconds))
        student = state.students[0]
        assert student.end is not None
        if folder:
            record(folder, variant, state)
        found["agreement"].append(100 * student.end.agreement)
        found["score"].append(100 * student.end.score)
        found["divergence"].append(student.end.divergence)
        steps = student.points[-1].steps
        found["rate"].append(steps / state.seconds)
        found["every"].append(steps / len(student.points))
    return found


def row(head: str, name: str, found: Marks) -> list[str]:
    """One line of the table: medians, and the extremes of the agreement."""
    middle = {key: statistics.median(values) for key, values in found.items()}
    spread = f"{min(found['agreement']):.1f} to {max(found['agreement']):.1f}"
    return [f"{head}, {name}", f"{middle['agreement']:.1f}", spread, f"{middle['score']:.1f}",
            f"{middle['divergence']:.3f}", f"{middle['rate']:.2f}"]  # fmt: skip


def ahead(whole: Marks, random: Marks) -> dict[str, object]:
    """How far the teacher's layers are ahead, and whether the seeds' ranges touch."""
    gap = statistics.median(whole["agreement"]) - statistics.median(random["agreement"])
    return {"points": gap, "apart": min(whole["agreement"]) > max(random["agreement"])}


def main() -> None:
    """Train every variant on every head, and print what they end with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--heads", nargs="+", default=list(heads.names()))
    parser.add_argument("--variants", nargs="+", default=[WHOLE, *RIVALS])
    parser.add_argument("--record", type=Path, help="folder for the curve of every training")
    parser.add_argument("--collect", type=Path, help="file for all curves of that folder")
    options = parser.parse_args()
    rows, figures, gaps, pace = [], {}, {}, {}
    for head in options.heads:
        figures[head] = {
            variant: measured(head, variant, options.seeds, options.seconds, options.record)
            for variant in options.variants
        }
        rows += [
            row(head, RIVALS[name].name if name in RIVALS else name, found)
            for name, found in figures[head].items()
        ]
        if {WHOLE, "random"} <= figures[head].keys():
            gaps[head] = ahead(figures[head][WHOLE], figures[head]["random"])
        if WHOLE in figures[head]:
            rate, every = (statistics.median(figures[head][WHOLE][k]) for k in ("rate", "every"))
            bare = in_a_thread(head, round(rate * options.seconds), every)
            pace[head] = {"times": 1 / (sum(bare) * rate), **bare._asdict()}
    if options.collect:
        collect(options.record, options.collect)
    titles = ["variant", "agreement, %", "over seeds", "score, %", "KL, nats", "steps per s"]
    measure.table(titles, rows)
    measure.report("live_distillation", seconds=options.seconds, seeds=options.seeds, goal=GOAL,
                   variants=figures, ahead=gaps, pace_against_a_bare_loop=pace)  # fmt: skip


if __name__ == "__main__":
    main()
