"""One resumable loop for both models, as a generator of progress records.

Without a teacher a model is trained on labels: masked language model and the labelled tasks. With a
fixed teacher it is distilled: soft targets, labels and hidden states, on text and on each task. If
the teacher has a schedule of its own, both are trained side by side: the teacher on the labels of
each batch, the student on the teacher's outputs; one forward pass of the teacher serves both. A run
is bounded by steps or by seconds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from distill.batches import Batch, Batches
from distill.losses import copying_loss, cosine_loss, hard_loss, soft_loss, task_logits
from distill.precision import autocast, best_device
from explain.models import multitask

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Models: TypeAlias = "dict[str, PreTrainedModel]"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long, how fast, and how often each task takes a step."""

    steps: int
    text_steps: int  # the first steps, on text alone
    shares: tuple[tuple[str, float], ...]  # (head, share of the later steps)
    trunk_rate: float = 2.5e-4
    head_rate: float = 1e-3
    warmup: float = 0.04  # share of the steps
    hold: float = 0.0  # share of the steps until which the peak rate is kept
    weight_decay: float = 0.01
    clip: float = 1.0
    dropout: float = 0.0  # of hidden states, on the labelled tasks; masked text needs none
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the distillation losses; the paper's on text, a plain mix on the tasks."""

    soft: float = 5.0
    hard: float = 2.0
    cosine: float = 1.0
    task_soft: float = 0.7
    task_hard: float = 0.3
    task_cosine: float = 6.0
    text_tags: float = 0.0  # on text: soft targets of entities, at every piece, with no label
    copying: float = 0.0  # on text: unlikelihood of the words that a sentence shows
    temperature: float = 2.0


@dataclass(frozen=True, slots=True)
class Progress:
    """One step, as it is shown while training runs."""

    step: int  # steps done
    steps: int
    head: str  # the task of this step
    loss: float  # nats, weighted sum
    soft: float  # L_ce, nats; 0 without a teacher
    hard: float  # L_mlm or the task's cross-entropy, nats
    cosine: float  # L_cos; 0 without a teacher
    pieces: int  # padded word pieces of this step
    seconds: float  # since this run began


@dataclass(slots=True)
class _Learner:
    """A model that is trained, with its optimizer."""

    models: Models
    schedule: Schedule
    optimizer: torch.optim.AdamW

    @classmethod
    def of(cls, models: Models, schedule: Schedule) -> _Learner:
        _set_dropout(models, schedule.dropout)
        return cls(models, schedule, _optimizer(models, schedule))

    def step(self, position: float) -> None:
        """One step of the optimizer at a position of the schedule, in steps."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * rate_at(self.schedule, position)
        parameters = [
            p
            for group in self.optimizer.param_groups
            for p in group["params"]
            if p.grad is not None
        ]
        torch.nn.utils.clip_grad_norm_(parameters, self.schedule.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


def train(
    models: Models,
    streams: Mapping[str, Batches],
    schedule: Schedule,
    work: Path,
    teacher: Models | None = None,
    weights: LossWeights | None = None,
    device: torch.device | None = None,
    save_every: int = 200,
    *,
    teacher_schedule: Schedule | None = None,
    seconds: float | None = None,
) -> Iterator[Progress]:
    """Train `models` in place; a checkpoint in `work` is resumed where it stopped.

    With `teacher_schedule` the teacher is trained as well, by the same steps. `seconds`, summed
    over all runs of a checkpoint, end the training early; the learning rate follows the clock.
    """
    device = device or best_device()
    weights = weights or LossWeights()
    for model in (*models.values(), *(teacher or {}).values()):
        model.to(device)
        # The backward pass of "eager" is the fastest on a CPU, that of "sdpa" on an accelerator.
        model.set_attn_implementation("eager" if device.type == "cpu" else "sdpa")
    learners = {"": _Learner.of(models, schedule)}
    if teacher and teacher_schedule:
        learners["teacher/"] = _Learner.of(teacher, teacher_schedule)
    for model in (teacher or {}).values():
        model.eval().requires_grad_(teacher_schedule is not None)
    first, spent = _resume(work, learners, streams)
    batches = {head: iter(stream) for head, stream in streams.items()}
    began = time.perf_counter() - spent
    for step in range(first, schedule.steps):
        elapsed = time.perf_counter() - began
        position = max(float(step), schedule.steps * elapsed / seconds) if seconds else float(step)
        if position > schedule.steps - 1:
            position = schedule.steps - 1  # the last step of a run that is out of time
        head = task_of_step(schedule, step)
        batch = next(batches[head]).to(device)
        for learner in learners.values():
            learner.models[head].train(head != "fill_mask")
        torch.manual_seed(schedule.seed * 1_000_003 + step)  # dropout as in a run never killed
        with autocast(device):
            loss, parts = batch_loss(models, teacher, batch, weights, bool(teacher_schedule))
        loss.backward()
        for learner in learners.values():
            learner.step(position)
        is_last = step + 1 == schedule.steps or (seconds is not None and elapsed >= seconds)
        if (step + 1) % save_every == 0 or is_last:
            _checkpoint(work, step + 1, time.perf_counter() - began, learners, streams)
        yield Progress(
            step + 1, schedule.steps, head, loss.item(), *parts,
            batch.inputs["input_ids"].numel(), time.perf_counter() - began,
        )  # fmt: skip
        if is_last:
            return


def batch_loss(
    models: Models,
    teacher: Models | None,
    batch: Batch,
    weights: LossWeights,
    teacher_learns: bool = False,
) -> tuple[torch.Tensor, tuple[float, float, float]]:
    """The weighted loss of one batch, and the model's parts (soft, hard, cosine) as numbers.

    With `teacher_learns` the teacher's own loss on the labels is added; no gradient of the
    student's loss reaches the teacher. Copying is penalised in every model that learns.
    """
    logits, hidden = task_logits(models[batch.head], batch)
    hard = hard_loss(logits.float(), batch.labels)
    if teacher is None:
        return hard + _copying(logits, batch, weights), (0.0, hard.item(), 0.0)
    with torch.set_grad_enabled(teacher_learns):
        teacher_logits, teacher_hidden = task_logits(teacher[batch.head], batch)
    target, target_hidden = teacher_logits.detach().float(), teacher_hidden.detach()
    soft = soft_loss(logits.float(), target, weights.temperature)
    cosine = cosine_loss(hidden.float(), target_hidden.float(), batch.inputs["attention_mask"])
    if batch.head == "fill_mask":
        scale = weights.soft, weights.hard, weights.cosine
    else:
        scale = weights.task_soft, weights.task_hard, weights.task_cosine
    loss = scale[0] * soft + scale[1] * hard + scale[2] * cosine
    loss = loss + _copying(logits, batch, weights)
    if batch.head == "fill_mask" and weights.text_tags:
        tags = _tag_loss(models, teacher, hidden, target_hidden, batch, weights.temperature)
        loss = loss + weights.text_tags * tags
    if teacher_learns:
        loss = loss + hard_loss(teacher_logits.float(), batch.labels)
        loss = loss + _copying(teacher_logits, batch, weights)
    return loss, (soft.item(), hard.item(), cosine.item())


def _copying(logits: torch.Tensor, batch: Batch, weights: LossWeights) -> torch.Tensor | float:
    return weights.copying * copying_loss(logits.float(), batch) if weights.copying else 0.0


def _tag_loss(
    models: Models,
    teacher: Models,
    hidden: torch.Tensor,
    teacher_hidden: torch.Tensor,
    batch: Batch,
    temperature: float,
) -> torch.Tensor:
    """The soft loss of the entity tags of every piece of a text; it needs no label."""
    real = batch.inputs["attention_mask"].bool()
    with torch.no_grad():
        target = teacher["ner"].classifier(teacher_hidden[real]).float()
    return soft_loss(models["ner"].classifier(hidden[real]).float(), target, temperature)


def task_of_step(schedule: Schedule, step: int) -> str:
    """The task of one step: text alone at first, then drawn by share; the same on every run."""
    if step < schedule.text_steps:
        return "fill_mask"
    heads, shares = zip(*schedule.shares, strict=True)
    return random.Random(f"{schedule.seed}/{step}").choices(heads, shares)[0]


def rate_at(schedule: Schedule, position: float) -> float:
    """Share of the peak learning rate at a position in steps: a rise, the peak, a fall to zero."""
    rise = max(1.0, schedule.warmup * schedule.steps)
    held = max(rise, schedule.hold * schedule.steps)
    fall = (schedule.steps - position) / (schedule.steps - held + 1)
    return min((position + 1) / rise, 1.0, fall)


def _optimizer(models: Models, schedule: Schedule) -> torch.optim.AdamW:
    groups: dict[tuple[float, float], list[torch.Tensor]] = {}
    for name, parameter in multitask.named_tensors(models).items():
        rate = schedule.trunk_rate if name.startswith("trunk.") else schedule.head_rate
        decay = schedule.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": tensors, "lr": rate, "peak": rate, "weight_decay": decay}
            for (rate, decay), tensors in groups.items()
        ],
        betas=(0.9, 0.98),
        eps=1e-6,
        fused=True,
    )


def _set_dropout(models: Models, dropout: float) -> None:
    for model in models.values():
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = dropout


def _checkpoint(
    work: Path,
    step: int,
    seconds: float,
    learners: Mapping[str, _Learner],
    streams: Mapping[str, Batches],
) -> None:
    work.mkdir(parents=True, exist_ok=True)
    state: dict[str, Any] = {
        "step": step,
        "seconds": seconds,
        "streams": {head: stream.state() for head, stream in streams.items()},
    }
    for prefix, learner in learners.items():
        tensors = multitask.named_tensors(learner.models)
        state[f"{prefix}weights"] = {name: t.detach().cpu() for name, t in tensors.items()}
        state[f"{prefix}optimizer"] = learner.optimizer.state_dict()
    partial = work / "checkpoint.partial"
    torch.save(state, partial)
    partial.replace(work / "checkpoint.pt")  # a run that is killed leaves the last whole one


def _resume(
    work: Path, learners: Mapping[str, _Learner], streams: Mapping[str, Batches]
) -> tuple[int, float]:
    """Steps done and seconds spent by the checkpoint in `work`, which is read; 0 for none."""
    path = work / "checkpoint.pt"
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    for prefix, learner in learners.items():
        with torch.no_grad():
            for name, parameter in multitask.named_tensors(learner.models).items():
                parameter.copy_(state[f"{prefix}weights"][name])
        learner.optimizer.load_state_dict(state[f"{prefix}optimizer"])
    for head, position in state["streams"].items():
        if head in streams:
            streams[head].restore(tuple(position))
    return int(state["step"]), float(state["seconds"])
