"""One resumable loop for both models, as a generator of progress records.

With no teacher it trains a model on labels (the teacher's own training: masked language model
first, then all five tasks in turn). With a teacher it distils: soft targets, labels and hidden
states, on text and on each task.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedModel

from distill.batches import Batch, Stream
from distill.losses import cosine_loss, hard_loss, soft_loss, task_logits
from explain.models import multitask

Models = dict[str, PreTrainedModel]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long, how fast, and how often each task takes a step."""

    steps: int
    text_steps: int  # the first steps, on text alone
    shares: tuple[tuple[str, float], ...]  # (head, share of the later steps)
    trunk_rate: float = 2.5e-4
    head_rate: float = 1e-3
    warmup: float = 0.04  # share of the steps
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


def train(
    models: Models,
    streams: dict[str, Stream],
    schedule: Schedule,
    work: Path,
    teacher: Models | None = None,
    weights: LossWeights | None = None,
    device: torch.device | None = None,
    save_every: int = 200,
) -> Iterator[Progress]:
    """Train `models` in place; a checkpoint in `work` is taken up again where it stopped."""
    device = device or best_device()
    weights = weights or LossWeights()
    for model in (*models.values(), *(teacher or {}).values()):
        model.to(device)
    optimizer = _optimizer(models, schedule)
    first = _resume(work, models, optimizer, streams)
    batches = {head: iter(stream) for head, stream in streams.items()}
    _set_training(models, teacher, schedule.dropout)
    began = time.perf_counter()
    for step in range(first, schedule.steps):
        head = task_of_step(schedule, step)
        batch = next(batches[head]).to(device)
        _set_rates(optimizer, schedule, step)
        models[head].train(head != "fill_mask")
        torch.manual_seed(schedule.seed * 1_000_003 + step)  # dropout as in a run never killed
        with _autocast(device):
            loss, parts = batch_loss(models, teacher, batch, weights)
        loss.backward()
        _apply(optimizer, schedule)
        if (step + 1) % save_every == 0 or step + 1 == schedule.steps:
            _checkpoint(work, step + 1, models, optimizer, streams)
        yield Progress(
            step + 1, schedule.steps, head, loss.item(), *parts,
            batch.inputs["input_ids"].numel(), time.perf_counter() - began,
        )  # fmt: skip


def batch_loss(
    models: Models, teacher: Models | None, batch: Batch, weights: LossWeights
) -> tuple[torch.Tensor, tuple[float, float, float]]:
    """The weighted loss of one batch, and its parts (soft, hard, cosine) as numbers."""
    logits, hidden = task_logits(models[batch.head], batch)
    hard = hard_loss(logits.float(), batch.labels)
    if teacher is None:
        return hard, (0.0, hard.item(), 0.0)
    with torch.no_grad():
        target, target_hidden = task_logits(teacher[batch.head], batch)
    soft = soft_loss(logits.float(), target.float(), weights.temperature)
    cosine = cosine_loss(hidden.float(), target_hidden.float(), batch.inputs["attention_mask"])
    if batch.head == "fill_mask":
        scale = weights.soft, weights.hard, weights.cosine
    else:
        scale = weights.task_soft, weights.task_hard, weights.task_cosine
    loss = scale[0] * soft + scale[1] * hard + scale[2] * cosine
    if batch.head == "fill_mask" and weights.text_tags:
        real = batch.inputs["attention_mask"].bool()
        tags, wanted = (
            owner["ner"].classifier(states[real]).float()
            for owner, states in ((models, hidden), (teacher, target_hidden))
        )
        loss = loss + weights.text_tags * soft_loss(tags, wanted, weights.temperature)
    return loss, (soft.item(), hard.item(), cosine.item())


def task_of_step(schedule: Schedule, step: int) -> str:
    """The task of one step: text alone at first, then drawn by share; the same on every run."""
    if step < schedule.text_steps:
        return "fill_mask"
    heads, shares = zip(*schedule.shares, strict=True)
    return random.Random(f"{schedule.seed}/{step}").choices(heads, shares)[0]


def rate_at(schedule: Schedule, step: int) -> float:
    """Share of the peak learning rate: a linear rise, then a linear fall to zero."""
    rise = max(1.0, schedule.warmup * schedule.steps)
    return min((step + 1) / rise, (schedule.steps - step) / (schedule.steps - rise + 1))


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


def _set_rates(optimizer: torch.optim.Optimizer, schedule: Schedule, step: int) -> None:
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * rate_at(schedule, step)


def _apply(optimizer: torch.optim.Optimizer, schedule: Schedule) -> None:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, schedule.clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def _set_training(models: Models, teacher: Models | None, dropout: float) -> None:
    for model in (*models.values(), *(teacher or {}).values()):
        model.set_attn_implementation("eager")  # its backward pass is the fastest on a CPU
    for model in models.values():
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = dropout
    for model in (teacher or {}).values():
        model.eval().requires_grad_(False)


def best_device() -> torch.device:
    """The accelerator if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def training_precision() -> str:
    """What matrix products are computed in, as a card says it."""
    return "bfloat16 autocast" if has_bfloat16(best_device()) else "float32"


def _autocast(device: torch.device) -> contextlib.AbstractContextManager[object]:
    """bfloat16 where the processor computes it; elsewhere it would be slower than float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device))


def has_bfloat16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are faster than in float32 on this device."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _checkpoint(
    work: Path,
    step: int,
    models: Models,
    optimizer: torch.optim.Optimizer,
    streams: dict[str, Stream],
) -> None:
    work.mkdir(parents=True, exist_ok=True)
    state = {
        "step": step,
        "weights": {k: v.detach().cpu() for k, v in multitask.named_tensors(models).items()},
        "optimizer": optimizer.state_dict(),
        "streams": {head: stream.state() for head, stream in streams.items()},
    }
    partial = work / "checkpoint.partial"
    torch.save(state, partial)
    partial.replace(work / "checkpoint.pt")  # a run that is killed leaves the last whole one


def _resume(
    work: Path,
    models: Models,
    optimizer: torch.optim.Optimizer,
    streams: dict[str, Stream],
) -> int:
    path = work / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    with torch.no_grad():
        for name, parameter in multitask.named_tensors(models).items():
            parameter.copy_(state["weights"][name])
    optimizer.load_state_dict(state["optimizer"])
    for head, position in state["streams"].items():
        if head in streams:
            streams[head].restore(tuple(position))
    return int(state["step"])
