"""One student in training: its optimizer, its losses, and its marks on held-out rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from distill.batches import Batch, Example
from distill.heads import of as training_head
from distill.live import heads
from distill.live.transfer import Target, collated
from distill.losses import cosine_loss, hard_loss, soft_loss, task_logits
from distill.precision import autocast
from explain.distillation.records import Losses, Marks, Weights
from explain.heads.steps import batches as cut
from explain.models import Loaded

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CLIP = 1.0  # norm of the gradient
WARM_UP = 0.06  # share of the time in which the learning rate rises
_CPU = torch.device("cpu")


@dataclass(slots=True)
class Learner:
    """A student that is distilled from one teacher."""

    model: PreTrainedModel
    teacher: Loaded
    weights: Weights
    rate: float  # peak learning rate
    steps: int = 0
    optimizer: torch.optim.AdamW = field(init=False)

    def __post_init__(self) -> None:
        """Make the optimizer, of everything but the word embeddings."""
        trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in trained if p.ndim > 1], "weight_decay": 0.01},
                {"params": [p for p in trained if p.ndim == 1], "weight_decay": 0.0},
            ],
            lr=self.rate,
            betas=(0.9, 0.98),
            eps=1e-6,
            fused=True,
        )

    def step(self, target: Target, share: float) -> Losses:
        """One step of the optimizer; `share` is how much of the training's time is over."""
        with autocast(_CPU):
            loss, losses = weighted_loss(self.model, self.teacher, target, self.weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * rate_share(share)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        return losses


def rate_share(share: float) -> float:
    """Share of the peak learning rate: a rise, then a fall to zero."""
    return max(0.0, min((share + 0.005) / WARM_UP, (1 - share) / (1 - WARM_UP)))


def weighted_loss(
    student: PreTrainedModel, teacher: Loaded, target: Target, weights: Weights
) -> tuple[torch.Tensor, Losses]:
    """The weighted sum that is trained on, and its three parts."""
    batch = target.batch
    logits, hidden = task_logits(student, batch)
    given = target.hidden.float()
    with torch.no_grad():
        expected = training_head(batch.head).logits(teacher.model, given, batch)
    soft = soft_loss(logits.float(), expected.float(), weights.temperature)
    hard = hard_loss(logits.float(), batch.labels)
    cosine = cosine_loss(hidden.float(), given, batch.inputs["attention_mask"])
    loss = weights.soft * soft + weights.hard * hard + weights.cosine * cosine
    return loss, Losses(soft.item(), hard.item(), cosine.item())


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Labelled rows that no student is trained on, with the teacher's logits for them."""

    teacher: Loaded
    batches: tuple[Batch, ...]
    logits: tuple[torch.Tensor, ...]  # (N, K) of the teacher per batch

    @classmethod
    def of(cls, teacher: Loaded, examples: Sequence[Example]) -> HeldOut:
        """Rows of similar length in one batch; the teacher answers them once."""
        groups = cut([len(example["ids"][0]) for example in examples])
        batches = tuple(collated([examples[i] for i in group], teacher) for group in groups)
        return cls(teacher, batches, tuple(_logits(teacher.model, batch) for batch in batches))

    def marks(self, model: PreTrainedModel) -> Marks:
        """How a student does on them."""
        tally = heads.of(self.teacher.head).tally
        agreed, right = [0, 0], [0, 0]
        divergence, predictions, rows = 0.0, 0, 0
        for batch, expected in zip(self.batches, self.logits, strict=True):
            logits = _logits(model, batch)
            predicted, given = by_row(logits.argmax(-1), batch), by_row(expected.argmax(-1), batch)
            for counts, reference in ((agreed, given), (right, by_row(batch.labels, batch))):
                for place, count in enumerate(tally(predicted, reference)):
                    counts[place] += count
            divergence += divergences(logits, expected).sum().item()
            predictions += len(logits)
            rows += len(predicted)
        return Marks(_ratio(agreed), _ratio(right), divergence / max(1, predictions), rows)


def divergences(logits: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    """KL(teacher || student) per prediction, (N,), nats."""
    return functional.kl_div(
        logits.log_softmax(-1), expected.log_softmax(-1), reduction="none", log_target=True
    ).sum(-1)


def by_row(labels: torch.Tensor, batch: Batch) -> list[list[int]]:
    """The labels of each row of a batch."""
    if batch.where.ndim < 2:
        return [[label] for label in labels.tolist()]
    grouped: list[list[int]] = [[] for _ in batch.inputs["input_ids"]]
    for row, label in zip(batch.where[:, 0].tolist(), labels.tolist(), strict=True):
        grouped[row].append(label)
    return grouped


def _logits(model: PreTrainedModel, batch: Batch) -> torch.Tensor:
    with torch.no_grad(), autocast(_CPU):
        return task_logits(model, batch)[0].float()


def _ratio(counts: Sequence[int]) -> float:
    shared, total = counts
    return shared / total if total else 1.0
