"""Labelled texts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from distill.batches import Batch, Example, Stream, labels_of, pad
from distill.labelled import chosen, find_sets
from distill.packing import split_sentences
from explain.evaluation.items import LabelledRow
from explain.heads.sentiment import classify
from explain.models import Loaded
from explain.models.layers import sequence_logits

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PREFIX = "sentiment_"  # of the names of its sets
SHARES = {
    "sentiment_sst2": 0.42, "sentiment_sst2_phrases": 0.33, "sentiment_mr": 0.10,
    "sentiment_cr": 0.05, "sentiment_uci": 0.05, "sentiment_imdb": 0.05,
}  # fmt: skip
HUB = ("sentiment_sst2", "stanfordnlp/sst2", None)
POOL = 800  # rows that are drawn, sorted by length and cut into batches together
ANSWERED = "texts labelled positive or negative"
NEUTRAL = "sentences of encyclopedias and textbooks, which state facts"
FACTS = ("text_wikipedia", "text_wikipedia_recent", "text_factbook", "text_openstax")
SENTENCE = (40, 250)  # characters: neither a heading nor a list


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


def doubtful(
    answered: Sequence[LabelledRow], data: Path, split: str, limit: int
) -> dict[str, list[LabelledRow]]:
    """Neutral texts: the first sentence of every paragraph of reference works."""
    rows: list[LabelledRow] = []
    folders = [data / name for name in FACTS if (data / name).is_dir()]
    for data_set in (each for folder in folders for each in find_sets(folder, split)):
        for line in chosen(data_set, limit):
            first = split_sentences(line.row()["text"])[0]
            if SENTENCE[0] <= len(first) <= SENTENCE[1]:
                rows.append({"text": first})
    return {NEUTRAL: rows}


def surenesses(rows: Sequence[LabelledRow], loaded: Loaded) -> list[float]:
    """How sure the model is of its label, parallel to `rows`."""
    return [result.sureness for result in classify([row["text"] for row in rows], loaded)]
