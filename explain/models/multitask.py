"""One trunk, five heads: how a pocket model is laid out in memory and on disk.

The five heads are the ordinary classes of transformers. They share one embedding module and one
encoder, so the trunk is in memory once and stored once. The stored form is a folder with
`config.json`, `model.safetensors` (float16) and the tokenizer; tensors of the trunk are named
`trunk.*`, those of a head `HEAD.*`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file

from explain.heads.registry import HEADS
from explain.models.architectures import config_class, model_class
from explain.models.layers import trunk

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

SHARED = {"bert": ("embeddings", "encoder"), "distilbert": ("embeddings", "transformer")}


def head_config(config: PretrainedConfig, head: str) -> PretrainedConfig:
    """A copy of the trunk's configuration that carries the labels of one head."""
    names = HEADS[head].labels
    own = type(config)(**{k: v for k, v in config.to_dict().items() if k not in _LABEL_KEYS})
    if names:
        own.id2label = dict(enumerate(names))
        own.label2id = {name: number for number, name in enumerate(names)}
    return own


_LABEL_KEYS = ("id2label", "label2id", "num_labels", "architectures", "transformers_version")


def build(config: PretrainedConfig) -> dict[str, PreTrainedModel]:
    """Five freshly initialised heads on one freshly initialised trunk."""
    models = {
        head: model_class(config.model_type, head)(head_config(config, head)) for head in HEADS
    }
    _share_trunk(models)
    return models


def save(models: dict[str, PreTrainedModel], folder: Path) -> None:
    """Write configuration and float16 weights; the tokenizer is written by the caller."""
    folder.mkdir(parents=True, exist_ok=True)
    config = next(iter(models.values())).config
    plain = {k: v for k, v in config.to_dict().items() if k not in _LABEL_KEYS}
    text = json.dumps(plain | {"heads": list(models)}, indent=2, sort_keys=True)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")
    tensors = {name: t.detach().half().contiguous() for name, t in named_tensors(models).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def read(folder: Path) -> dict[str, PreTrainedModel]:
    """Load a stored pocket model in float32, in `eval()`; every tensor must be present."""
    plain = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    plain.pop("heads")
    config = config_class(plain["model_type"])(**plain)
    with torch.device("meta"):
        models = build(config)
    stored = load_file(folder / "model.safetensors")
    weights = {name: tensor.float() for name, tensor in stored.items()}
    missing = set(named_tensors(models)) ^ set(weights)
    if missing:
        raise ValueError(f"{folder}: tensors missing or unexpected: {sorted(missing)[:5]}")
    load_tensors(models, weights)
    return {head: model.eval() for head, model in models.items()}


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
        own = {}
        for name, tensor in weights.items():
            part, _, rest = name.partition(".")
            if part in names:
                own[names[part] + rest] = tensor
        model.load_state_dict(own, strict=False, assign=True)
    _share_trunk(models)
    _fill_buffers(models)


def _share_trunk(models: dict[str, PreTrainedModel]) -> None:
    first = trunk(next(iter(models.values())))
    for model in models.values():
        for name in SHARED[model.config.model_type]:
            setattr(trunk(model), name, getattr(first, name))
    words = first.get_parameter("embeddings.word_embeddings.weight")
    masked = models["fill_mask"]
    if masked.config.model_type == "bert":
        masked.cls.predictions.decoder.weight = words
        masked.cls.predictions.decoder.bias = masked.cls.predictions.bias
    else:
        masked.vocab_projector.weight = words


def _fill_buffers(models: dict[str, PreTrainedModel]) -> None:
    """Position and segment numbers are not stored: they follow from the configuration."""
    for model in models.values():
        embeddings: Any = trunk(model).embeddings
        positions = torch.arange(model.config.max_position_embeddings).expand((1, -1))
        embeddings.position_ids = positions
        if model.config.model_type == "bert":
            embeddings.token_type_ids = torch.zeros_like(positions)
