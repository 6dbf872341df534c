"""The losses of the paper: distillation at a temperature, masked language model, cosine.

Sanh et al., arXiv 1910.01108: L = 5 L_ce + 2 L_mlm + 1 L_cos at temperature 2 on text; Hinton et
al., arXiv 1503.02531, for the soft targets. The same two terms (soft and hard) serve the labelled
heads, since every batch has the form `logits (N, K)`, `labels (N,)`. Against copying a word of the
sentence, the unlikelihood of Welleck et al., arXiv 1908.04319.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from distill import heads
from distill.batches import Batch
from explain.models.layers import trunk

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def task_logits(model: PreTrainedModel, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (N, K) of the batch's head, and the last hidden state (rows, tokens, width)."""
    inputs = dict(batch.inputs)
    if model.config.model_type == "distilbert":
        inputs.pop("token_type_ids")
    hidden = trunk(model)(**inputs).last_hidden_state
    return heads.of(batch.head).logits(model, hidden, batch), hidden


def soft_loss(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """L_ce: KL divergence of the softened distributions, nats a prediction, times T squared."""
    return temperature**2 * functional.kl_div(
        functional.log_softmax(student / temperature, -1),
        functional.log_softmax(teacher / temperature, -1),
        reduction="batchmean",
        log_target=True,
    )


def hard_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy against the labels, nats a prediction; L_mlm when the labels are pieces."""
    return functional.cross_entropy(logits, labels)


def copying_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """-log(1 - the probability of all words that the row shows), nats, mean over predictions.

    Predictions whose label is among the shown words are left out; 0 if no row shows any.
    """
    if batch.shown is None:
        return logits.new_zeros(())
    shown = batch.shown[batch.where[:, 0]]
    asked = ~(shown == batch.labels[:, None]).any(-1)
    copied = (logits.softmax(-1).gather(-1, shown) * (shown > 0)).sum(-1)
    unlikely = -torch.log1p(-copied.clamp(max=1 - 1e-4))
    return (unlikely * asked).sum() / asked.sum().clamp(min=1)


def cosine_loss(student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """L_cos: 1 - cosine of the last hidden states (rows, tokens, width), mean over real pieces."""
    keep = mask.bool()
    return (1 - nn.functional.cosine_similarity(student[keep], teacher[keep], dim=-1)).mean()
