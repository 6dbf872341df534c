"""Two models small enough to build in a moment: BERT and DistilBERT, 2 layers x 32, random weights.

They have the real vocabulary, so that ids and offsets are those of the real models, and a wide
initialisation, so that their answers differ from input to input.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import torch
from transformers import (
    BertConfig,
    DistilBertConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from explain.models import ASSETS, FAMILY, HEADS, Loaded, multitask, stored
from explain.models.tokenizer import read_tokenizer

SIZES = {
    "teacher": functools.partial(
        BertConfig, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, initializer_range=0.3,
    ),
    "student": functools.partial(
        DistilBertConfig, dim=32, n_layers=2, n_heads=4, hidden_dim=64, initializer_range=0.3,
    ),
}  # fmt: skip


def tiny_config(role: str, **settings: object) -> PreTrainedConfig:
    """A configuration of two layers x 32; `settings` override it."""
    return SIZES[role](**settings)


@functools.cache
def tiny_tokenizer(role: str) -> PreTrainedTokenizerBase:
    """The pocket pair's tokenizer, 30,522 word pieces."""
    return read_tokenizer(stored.vocabulary(ASSETS / "bert-pocket"), FAMILY[role])


@functools.cache
def tiny_models(role: str) -> dict[str, PreTrainedModel]:
    """Five heads on one trunk, always the same weights."""
    torch.manual_seed(0)
    return {head: model.eval() for head, model in multitask.build(tiny_config(role)).items()}


def tiny(head: str, role: str, window: int = 64) -> Loaded:
    """One tiny head, as `load` would give it."""
    labels = HEADS[head].labels
    model, tokenizer = tiny_models(role)[head], tiny_tokenizer(role)
    return Loaded(model, tokenizer, head, role, "tiny", f"tiny-{FAMILY[role]}", labels, window)


def relabelled(loaded: Loaded, labels: tuple[str, ...]) -> Loaded:
    """The same head under other label names."""
    return replace(loaded, labels=labels)
