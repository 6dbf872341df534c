"""How much attention does the position of the answer pay to each piece? Not an explanation.

Attention says how hidden states are mixed, not what moves the answer: weights can be changed a lot
with the answer unchanged (Jain and Wallace, 1902.10186). It is shown because people ask for it.
The models run a fused attention that keeps no weights, so a copy that shares all tensors runs the
plain one.
"""

from __future__ import annotations

import torch

from explain import encoding
from explain.attribution.edits import request_again
from explain.attribution.records import Attribution
from explain.attribution.results import Attention
from explain.models import Loaded
from explain.models.layers import eager, trunk

CAVEAT = "Attention shows how the model mixes its states. It does not show what moves its answer."


def attention(attribution: Attribution, loaded: Loaded) -> Attention:
    """Mean over heads, layer by layer, from the pieces whose outputs make up the target."""
    window = request_again(attribution, loaded).piece_rows
    terms = [term for term in attribution.terms if term.weight > 0]
    row, positions = terms[0].row, sorted({term.position for term in terms})
    inputs = encoding.tensors(loaded, [window.rows[row]])
    with torch.inference_mode():
        output = eager(trunk(loaded.model))(**inputs, output_attentions=True)
    weights = torch.stack(output.attentions)[:, 0].mean(1)  # (layers, from, to)
    return Attention(
        pieces=tuple(window.pieces[i] for i in window.layout[row]),
        layers=tuple(map(tuple, weights[:, positions].mean(1).tolist())),
        read_from=tuple(positions),
        model=loaded.name,
    )
