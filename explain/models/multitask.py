"""One trunk, five heads: a pocket model in memory.

The heads are the ordinary classes of transformers. They share one embedding module and one encoder,
so the trunk is in memory once. Tensors of the trunk are named `trunk.*`, those of a head `HEAD.*`;
`explain.models.stored` writes and reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch

from explain.heads.registry import HEADS
from explain.models.architectures import model_class
from explain.models.layers import trunk

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

SHARED = {"bert": ("embeddings", "encoder"), "distilbert": ("embeddings", "transformer")}


def head_config(config: PretrainedConfig, head: str) -> PretrainedConfig:
    """A copy of the trunk's configuration that carries the labels of one head."""
    names = HEADS[head].labels
    plain = {k: v for k, v in config.to_dict().items() if k not in LABEL_KEYS}
    labelled = type(config)(**plain)
    if names:
        labelled.id2label = dict(enumerate(names))
        labelled.label2id = {name: number for number, name in enumerate(names)}
    return labelled


LABEL_KEYS = ("id2label", "label2id", "num_labels", "architectures", "transformers_version")


def build(
    config: PretrainedConfig, heads: Iterable[str] | None = None
) -> dict[str, PreTrainedModel]:
    """Freshly initialised heads (all of the registry) on one freshly initialised trunk."""
    models = {
        head: model_class(config.model_type, head)(head_config(config, head))
        for head in heads or HEADS
    }
    _share_trunk(models)
    return models


def named_tensors(models: dict[str, PreTrainedModel]) -> dict[str, torch.Tensor]:
    """Every stored tensor under its stored name; what is shared or tied appears once."""
    named: dict[str, torch.Tensor] = {}
    for head, model in models.items():
        prefix, shared = model.base_model_prefix, SHARED[model.config.model_type]
        for name, tensor in model.state_dict(keep_vars=True).items():
            part = name.removeprefix(prefix + ".")
            if part.split(".")[0] in shared and part != name:
                named[f"trunk.{part}"] = tensor
            elif not name.endswith(_TIED):
                named[f"{head}.{name}"] = tensor
    return named


_TIED = ("predictions.decoder.weight", "predictions.decoder.bias", "vocab_projector.weight")


def load_tensors(models: dict[str, PreTrainedModel], weights: dict[str, torch.Tensor]) -> None:
    """Put `weights` (named as in `named_tensors`) into the models, then tie and share again."""
    for head, model in models.items():
        names = {"trunk": f"{model.base_model_prefix}.", head: ""}
        state = {}
        for name, tensor in weights.items():
            part, _, rest = name.partition(".")
            if part in names:
                state[names[part] + rest] = tensor
        model.load_state_dict(state, strict=False, assign=True)
    _share_trunk(models)
    _fill_buffers(models)


def _share_trunk(models: dict[str, PreTrainedModel]) -> None:
    first = trunk(next(iter(models.values())))
    for model in models.values():
        for name in SHARED[model.config.model_type]:
            setattr(trunk(model), name, getattr(first, name))
    words = first.get_parameter("embeddings.word_embeddings.weight")
    for model in models.values():
        if hasattr(model, "cls"):
            model.cls.predictions.decoder.weight = words
            model.cls.predictions.decoder.bias = model.cls.predictions.bias
        elif hasattr(model, "vocab_projector"):
            model.vocab_projector.weight = words


def _fill_buffers(models: dict[str, PreTrainedModel]) -> None:
    """Position and segment numbers are not stored: they follow from the configuration."""
    for model in models.values():
        embeddings: Any = trunk(model).embeddings
        positions = torch.arange(model.config.max_position_embeddings).expand((1, -1))
        embeddings.position_ids = positions
        if model.config.model_type == "bert":
            embeddings.token_type_ids = torch.zeros_like(positions)
