"""Where does the model look from the place its answer is read at? Attention, not an explanation.

Attention says how hidden states are mixed, not what moves the answer: weights can be changed a lot
with the answer unchanged (Jain and Wallace, 1902.10186). It is shown because people ask for it.
The models run a fused attention that keeps no weights, so a copy that shares all tensors runs the
plain one.
"""

from __future__ import annotations

import copy

import torch

from explain import encoding
from explain.attribution.records import HeadInput, Target
from explain.attribution.request import request_of
from explain.attribution.results import Attention
from explain.models import Loaded
from explain.models.layers import trunk

CAVEAT = "Attention shows how the model mixes its states. It does not show what moves its answer."


def attention(head_input: HeadInput, loaded: Loaded, target: Target | None = None) -> Attention:
    """Mean over heads, layer by layer, from the pieces whose outputs make up the target."""
    request = request_of(head_input, loaded, target)
    asked = [term for term in request.terms[0] if term.weight > 0]
    row, positions = asked[0].row, sorted({term.position for term in asked})
    inputs = encoding.tensors(loaded, [request.reading.rows[row]])
    with torch.inference_mode():
        output = eager(trunk(loaded.model))(**inputs, output_attentions=True)
    weights = torch.stack(output.attentions)[:, 0].mean(1)  # (layers, from, to)
    layout = request.reading.layout[row]
    return Attention(
        pieces=tuple(request.reading.pieces[i] for i in layout),
        layers=tuple(map(tuple, weights[:, positions].mean(1).tolist())),
        read_from=tuple(positions),
        model=loaded.name,
    )


def eager(model: torch.nn.Module) -> torch.nn.Module:
    """A copy with plain attention that shares every tensor with the model; that stays as it is."""
    from transformers import PretrainedConfig  # late: with the library's model code

    tensors = [*model.parameters(), *model.buffers()]
    own = copy.deepcopy(model, {id(tensor): tensor for tensor in tensors})
    for module in own.modules():
        config = getattr(module, "config", None)
        if isinstance(config, PretrainedConfig):
            config._attn_implementation = "eager"
    return own
