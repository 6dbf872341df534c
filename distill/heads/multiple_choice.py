"""Prompts with their choices, one of them right."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

from distill.batches import OUTSIDE, Batch, Example, Stream, labels_of, pad
from explain.evaluation.items import LabelledRow
from explain.models.layers import sequence_logits

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PREFIX = "mc_"  # of the names of its sets
SHARES = {
    "mc_comve": 0.28, "mc_ecare": 0.28, "mc_copa": 0.05, "mc_hellaswag": 0.06,
    "mc_codah": 0.08, "mc_cosmosqa": 0.06, "mc_socialiqa": 0.07, "mc_arc_easy": 0.09,
    "mc_winogrande": 0.03,
}  # fmt: skip
HUB = ("mc_swag", "allenai/swag", "regular")
POOL = 300  # rows that are drawn, sorted by length and cut into batches together
AS_TEXT = ("mc_comve", "mc_ecare", "mc_arc_easy", "mc_codah", "mc_winogrande", "mc_copa")
ABOUT = "statement"  # in a question about a sentence: the answer is then text of its own
CAUSE = "cause"  # in a question whose answer comes before what it is asked about


def encode(row: LabelledRow, stream: Stream, draw: random.Random) -> list[Example]:
    """One (prompt, choice) pair per choice, padded to one length."""
    prompt = " ".join(part for part in (row["context"], row["question"]) if part)
    encoded = stream.tokenizer(
        [prompt] * len(row["choices"]), row["choices"], truncation="longest_first",
        max_length=stream.limits.multiple_choice, padding=True,
    )  # fmt: skip
    example = {"ids": encoded["input_ids"], "segments": encoded["token_type_ids"]}
    return [example | {"mask": encoded["attention_mask"], "labels": [row["label"]]}]


def statement(row: LabelledRow) -> LabelledRow:
    """The prompt and its right choice as one text: "It rained all day. The street got wet." """
    context, question, right = row["context"], row["question"], row["choices"][row["label"]]
    if ABOUT in question:
        parts = [right]
    elif CAUSE in question:
        parts = [right, context]
    else:
        parts = [context or question, right]
    return {"text": " ".join(parts)}


def collate(examples: list[Example]) -> Batch:
    """`where` (questions, choices) numbers the rows of each question; -1 where it has fewer."""
    counts = [len(example["ids"]) for example in examples]
    where = torch.full((len(counts), max(counts)), -1)
    first = 0
    for i, count in enumerate(counts):
        where[i, :count] = torch.arange(first, first + count)
        first += count
    return Batch("multiple_choice", pad(examples), labels_of(examples), where)


def logits(model: PreTrainedModel, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(questions, choices)."""
    scores = sequence_logits(model, hidden)[:, 0]
    return torch.where(batch.where >= 0, scores[batch.where.clamp(min=0)], OUTSIDE)
