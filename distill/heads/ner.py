"""Tagged words."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch

from distill.batches import Batch, Example, Stream, labels_of, pad, places_of
from distill.names import exchange
from explain.evaluation.items import LabelledRow
from explain.heads.registry import HEADS

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PREFIX = "ner_"  # of the names of its sets
SHARES = {
    "ner_wikigold": 0.30, "ner_crossner": 0.15, "ner_gum": 0.15, "ner_uner_ewt": 0.10,
    "ner_litbank": 0.08, "ner_btc": 0.06, "ner_wnut17": 0.07, "ner_tweebank": 0.04,
    "ner_re3d": 0.05,
}  # fmt: skip
HUB = ("ner_conll2003", "lhoestq/conll2003", None)
POOL = 600  # rows that are drawn, sorted by length and cut into batches together


def encode(row: LabelledRow, stream: Stream, draw: random.Random) -> list[Example]:
    """Words and BIO tags; the first piece of each word carries its tag."""
    labels = HEADS["ner"].labels
    tokens, tags = row["tokens"], row["tags"]
    if share := stream.limits.swapped:
        tokens, tags = exchange(tokens, tags, stream.names, share, draw)
    encoded = stream.tokenizer(
        tokens, is_split_into_words=True, truncation=True, max_length=stream.limits.ner
    )
    ids, words = encoded["input_ids"], encoded.word_ids()
    if share := stream.limits.unseen:
        unseen = {
            word for word, tag in enumerate(tags)
            if draw.random() < (share if tag == "O" else stream.limits.unseen_names or share)
        }  # fmt: skip
        ids = [
            stream.tokenizer.mask_token_id if word in unseen else piece
            for piece, word in zip(ids, words, strict=True)
        ]
    first = [i for i, word in enumerate(words) if word is not None and word != words[i - 1]]
    numbers = [labels.index(tags[words[i]]) for i in first]
    return [{"ids": [ids], "where": first, "labels": numbers}] if first else []


def collate(examples: list[Example]) -> Batch:
    """Logits are read at the first piece of every word."""
    return Batch("ner", pad(examples), labels_of(examples), places_of(examples))


def logits(model: PreTrainedModel, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(words, tags)."""
    return model.classifier(hidden[batch.where[:, 0], batch.where[:, 1]])
