"""Labelled texts."""

from __future__ import annotations

import random

import torch
from transformers import PreTrainedModel

from distill.batches import Batch, Example, Stream, labels_of, pad
from explain.evaluation.items import LabelledRow
from explain.models.layers import sequence_logits

POOL = 800  # rows that are drawn, sorted by length and cut into batches together


def encode(row: LabelledRow, stream: Stream, draw: random.Random) -> list[Example]:
    """One text and its label; a long review is cut to its end, where the verdict stands."""
    ids = stream.tokenizer(row["text"], add_special_tokens=False)["input_ids"]
    ids = ids[-(stream.limits.sentiment - 2) :]
    ids = [stream.tokenizer.cls_token_id, *ids, stream.tokenizer.sep_token_id]
    return [{"ids": [ids], "labels": [row["label"]]}]


def collate(examples: list[Example]) -> Batch:
    """One label per row."""
    return Batch("sentiment", pad(examples), labels_of(examples), torch.empty(0))


def logits(model: PreTrainedModel, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(rows, labels)."""
    return sequence_logits(model, hidden)
