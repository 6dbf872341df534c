"""The layers of a loaded head by what they do, whichever family it is of."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def trunk(model: PreTrainedModel) -> nn.Module:
    """The encoder below a head: `model.bert` or `model.distilbert`."""
    return getattr(model, model.base_model_prefix)


def trunk_layers(model: PreTrainedModel) -> nn.ModuleList:
    """The layers of the encoder below a head, the first above the embeddings first."""
    encoder = "encoder" if model.config.model_type == "bert" else "transformer"
    layers = trunk(model).get_submodule(f"{encoder}.layer")
    assert isinstance(layers, nn.ModuleList)
    return layers


def vocabulary_logits(
    model: PreTrainedModel, hidden: torch.Tensor, words: Sequence[int] | None = None
) -> torch.Tensor:
    """The masked-language-model head on hidden states (..., width) -> (..., vocabulary or words).

    With `words`, ids, only these columns of the vocabulary are computed.
    """
    if model.config.model_type == "bert":
        hidden, output = model.cls.predictions.transform(hidden), model.cls.predictions.decoder
    else:
        hidden = model.vocab_layer_norm(model.activation(model.vocab_transform(hidden)))
        output = model.vocab_projector
    if words is None:
        return output(hidden)
    return functional.linear(hidden, output.weight[words], output.bias[words])


def sequence_logits(model: PreTrainedModel, hidden: torch.Tensor) -> torch.Tensor:
    """The classifier of whole rows on the last hidden states (rows, pieces, width).

    BERT has its pooler (dense, tanh) below it, DistilBERT a `pre_classifier` (dense, ReLU).
    """
    if model.config.model_type == "bert":
        return model.classifier(trunk(model).get_submodule("pooler")(hidden))
    return model.classifier(torch.relu(model.pre_classifier(hidden[:, 0])))


def twin(model: nn.Module) -> nn.Module:
    """A copy that shares every tensor; hooks and settings of the copy leave the model as it is.

    To be made before hidden states or attention are asked for: transformers puts hooks on the
    layers then, once for each head, and the heads of a pocket model share their layers.
    """
    tensors = [*model.parameters(), *model.buffers()]
    return copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})


def eager(model: nn.Module) -> nn.Module:
    """A twin with plain attention, which keeps its weights."""
    return _with_plain_attention(twin(model))


def without_weights(model: PreTrainedModel, layers: bool = True) -> nn.Module:
    """A copy on torch's meta device, with plain attention: it computes shapes, which costs little.

    Without `layers`, the encoder's are left out: the shapes above them stay the same.
    """
    tensors = [*model.parameters(), *model.buffers()]
    replaced: dict[int, object] = {id(tensor): _on_meta(tensor) for tensor in tensors}
    if not layers:
        replaced[id(trunk_layers(model))] = nn.ModuleList()
    return _with_plain_attention(copy.deepcopy(model, replaced))


def _with_plain_attention(model: nn.Module) -> nn.Module:
    from transformers import PretrainedConfig  # late: with the library's model code

    for module in model.modules():
        config = getattr(module, "config", None)
        if isinstance(config, PretrainedConfig):
            config._attn_implementation = "eager"
    return model


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    meta = tensor.detach().to("meta")
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(meta, requires_grad=False)
    return meta
