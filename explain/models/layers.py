"""The layers of a loaded head by what they do, whichever family it is of."""

from __future__ import annotations

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
