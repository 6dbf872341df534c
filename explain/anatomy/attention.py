"""How do the heads of every layer mix the pieces? Every head of both models, on an eager copy.

Attention is not an explanation: weights can be changed a lot with the answer unchanged (Jain and
Wallace, 1902.10186). Much of it rests on [CLS] and [SEP], where a head that has nothing to do puts
it (Clark et al., 1906.04341); it can be shown without them, each row scaled to 1 again.
"""

from __future__ import annotations

import torch
from torch import Tensor

from explain import encoding
from explain.anatomy.inputs import TRUNK_HEAD, model_input, row_of
from explain.anatomy.records import AttentionGrid, AttentionHead, ModelInput
from explain.models import ROLES, Loaded, load
from explain.models.layers import eager, trunk

MOST_PIECES = 32  # shown of a text


def attention_grids(
    text: str, pair: str, second: str = "", sinks: bool = True
) -> tuple[AttentionGrid, AttentionGrid]:
    """Teacher and student; without `sinks`, [CLS] and [SEP] are left out."""
    loaded = [load(TRUNK_HEAD, role, pair) for role in ROLES]
    teacher, student = (_grid(model_input(text, each, second), each, sinks) for each in loaded)
    return teacher, student


def _grid(tokenised: ModelInput, loaded: Loaded, sinks: bool) -> AttentionGrid:
    kept = [i for i, piece in enumerate(tokenised.pieces) if sinks or not piece.special]
    inputs = encoding.tensors(loaded, [row_of(tokenised)])
    with torch.inference_mode():
        layers = eager(trunk(loaded.model))(**inputs, output_attentions=True).attentions
    weights = torch.cat(layers)[:, :, kept][..., kept]  # (layers, heads, from, to)
    weights = weights / weights.sum(-1, keepdim=True)
    names = [tokenised.pieces[i].text for i in kept]
    shares = {name: (weights * where).sum((2, 3)) for name, where in _patterns(names).items()}
    shown = weights[..., :MOST_PIECES, :MOST_PIECES]
    heads = tuple(
        tuple(_head(layer, head, shown, shares, len(kept)) for head in range(weights.shape[1]))
        for layer in range(weights.shape[0])
    )
    pieces = tuple(names[:MOST_PIECES])
    return AttentionGrid(loaded.name, pieces, len(names) - len(pieces), sinks, heads)


def _patterns(names: list[str]) -> dict[str, Tensor]:
    """(from, to) 1 where a pattern looks, else 0."""
    one, count = torch.ones(len(names) - 1), len(names)
    patterns = {
        "itself": torch.eye(count),
        "the previous piece": torch.diag(one, -1),
        "the next piece": torch.diag(one, 1),
    }
    for sink in ("[CLS]", "[SEP]"):
        column = torch.tensor([float(name == sink) for name in names])
        patterns[sink] = column.expand(count, count)
    return patterns


def _head(
    layer: int, head: int, shown: Tensor, shares: dict[str, Tensor], rows: int
) -> AttentionHead:
    pattern = max(shares, key=lambda name: float(shares[name][layer, head]))
    share = float(shares[pattern][layer, head]) / rows
    values = tuple(map(tuple, shown[layer, head].tolist()))
    return AttentionHead(layer + 1, head + 1, values, pattern, share)
