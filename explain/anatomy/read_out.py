"""What would a masked language model answer if it stopped after each layer?

The vocabulary head reads the hidden state at [MASK] of every layer, the embeddings first; it was
trained on the last layer alone, so what it makes of an earlier one is a sign of what is there and
not proof of what is missing. Known as the logit lens (nostalgebraist, 2020).
"""

from __future__ import annotations

import re

import torch

from explain.anatomy.records import LayerAnswer, ReadOut
from explain.anatomy.states import layer_states
from explain.encoding import require_text
from explain.heads import fill_mask
from explain.models import Loaded
from explain.models.layers import vocabulary_logits

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
SHOWN = 3  # answers per layer


def mask_text(text: str) -> tuple[str, str]:
    """The text with a [MASK], and the word it took the place of: the last one, if none is there."""
    words = [] if fill_mask.MASK.search(text) else list(_WORD.finditer(text))
    if not words:
        return text, ""
    start, end = words[-1].span()
    return f"{text[:start]}[MASK]{text[end:]}", words[-1].group()


def read_out(text: str, loaded: Loaded) -> ReadOut:
    """Each layer's best answers at the one [MASK], and the rank of the final answer there.

    Raises `InputError` for several masks, and for a text without any word to mask.
    """
    text, masked = mask_text(require_text(text))
    row = fill_mask.encode(text, loaded).rows[0]
    with torch.inference_mode():
        states = layer_states(loaded, [row])[0][:, row.masks[0]]
        logits = vocabulary_logits(loaded.model, states)  # (layers + 1, vocabulary)
    final = int(logits[-1].argmax())
    ranks = (logits > logits[:, final, None]).sum(-1) + 1
    probabilities = logits.softmax(-1)
    best = probabilities.topk(SHOWN)
    layers = tuple(
        LayerAnswer(
            layer=layer,
            words=tuple(loaded.tokenizer.convert_ids_to_tokens(best.indices[layer].tolist())),
            probabilities=tuple(best.values[layer].tolist()),
            rank=int(ranks[layer]),
            probability=float(probabilities[layer, final]),
        )
        for layer in range(len(logits))
    )
    return ReadOut(loaded.name, text, masked, layers[-1].words[0], layers)
