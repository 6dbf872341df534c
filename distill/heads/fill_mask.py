"""Masked word pieces: a stretch of a text, a share of its pieces each hidden by [MASK]."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

from distill.batches import Batch, Example, Stream, labels_of, pad, places_of
from explain.evaluation.items import LabelledRow
from explain.models.layers import vocabulary_logits

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PREFIX = "text_"  # of the names of its sets
SHARES = {
    "text_wikipedia": 0.80, "text_wikipedia_recent": 0.03, "text_openstax": 0.04,
    "text_novels": 0.05, "text_imdb": 0.06, "text_factbook": 0.02,
}  # fmt: skip
HUB = ("text_wikipedia", "wikimedia/wikipedia", "20231101.en")
POOL = 400  # rows that are drawn, sorted by length and cut into batches together


def encode(row: LabelledRow, stream: Stream, draw: random.Random) -> list[Example]:
    """Mask word pieces at random: every chosen piece becomes [MASK]."""
    tokenizer, limit = stream.tokenizer, stream.limits.fill_mask
    ids = tokenizer(row["text"], add_special_tokens=False)["input_ids"]
    if len(ids) < 8:
        return []
    start = draw.randrange(max(1, len(ids) - limit + 3))
    ids = ids[start : start + limit - 2]
    chosen = sorted(draw.sample(range(len(ids)), max(1, round(stream.limits.masked * len(ids)))))
    labels = [ids[position] for position in chosen]
    for position in chosen:
        ids[position] = tokenizer.mask_token_id
    ids = [tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]
    return [{"ids": [ids], "where": [position + 1 for position in chosen], "labels": labels}]


def collate(examples: list[Example]) -> Batch:
    """Logits are read at the masked pieces."""
    return Batch("fill_mask", pad(examples), labels_of(examples), places_of(examples))


def logits(model: PreTrainedModel, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(masked pieces, vocabulary): scoring every piece would double the cost."""
    return vocabulary_logits(model, hidden[batch.where[:, 0], batch.where[:, 1]])
