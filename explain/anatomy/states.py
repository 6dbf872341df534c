"""The hidden states of every layer, the embeddings first, for one row or many."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from explain import encoding
from explain.encoding import Row
from explain.heads.steps import batches
from explain.models import Loaded
from explain.models.layers import trunk, twin


def layer_states(loaded: Loaded, rows: Sequence[Row]) -> list[torch.Tensor]:
    """(layers + 1, pieces of the row, width) for each row, computed in padded batches."""
    model = twin(trunk(loaded.model))
    states: dict[int, torch.Tensor] = {}
    for group in batches([len(row.ids) for row in rows]):
        inputs = encoding.tensors(loaded, [rows[index] for index in group])
        with torch.inference_mode():
            layers = model(**inputs, output_hidden_states=True).hidden_states
        stacked = torch.stack(layers, dim=1)  # (rows, layers + 1, pieces, width)
        states |= {i: own[:, : len(rows[i].ids)] for i, own in zip(group, stacked, strict=True)}
    return [states[index] for index in range(len(rows))]
