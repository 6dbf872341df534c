"""Both models block by block, read from the loaded modules: parameters, and the shapes that flow.

The shapes come from a forward pass of copies without weights (torch's meta device), so that a long
text costs no more than a short one. Shared and tied parameters count where they come first.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import torch
from torch import nn

from explain.anatomy.inputs import TRUNK_HEAD
from explain.anatomy.records import Architecture, Block, Flow, Rung, Weight
from explain.heads.registry import HEADS
from explain.models import ROLES, Loaded, load
from explain.models.checkpoints import COPIED_LAYERS
from explain.models.layers import without_weights

WEIGHTS = "attention weights"
_PLACES = (  # module, below the model's prefix, to the block it belongs to
    (r"embeddings\.word_embeddings", "word embeddings"),
    (r"embeddings\.position_embeddings", "position embeddings"),
    (r"embeddings\.token_type_embeddings", "token-type embeddings"),
    (r"embeddings\.LayerNorm", "embedding normalisation"),
    (r"(?:encoder|transformer)\.layer\.(\d+)", "layer"),
    (r"pooler", "pooler"),
)


def architecture(pair: str, pieces: int) -> Architecture:
    """Both models for a text of that many word pieces.

    All five heads of the pocket pair; of the base pair, whose heads are checkpoints of their own,
    the fill-mask checkpoint.
    """
    teacher, student = (_blocks(role, pair, pieces) for role in ROLES)
    place = {f"layer {i}": f"layer {source + 1}" for i, source in enumerate(COPIED_LAYERS[pair], 1)}
    moved = {place.get(name, name): block for name, block in student.items()}
    names = dict.fromkeys([*teacher, *moved])
    rungs = tuple(Rung(name, teacher.get(name), moved.get(name)) for name in names)
    first, second = (load(TRUNK_HEAD, role, pair).name for role in ROLES)
    return Architecture(first, second, pieces, rungs)


@functools.lru_cache(maxsize=32)
def _blocks(role: str, pair: str, pieces: int) -> dict[str, Block]:
    heads = tuple(HEADS) if pair == "pocket" else (TRUNK_HEAD,)
    weights: dict[str, list[Weight]] = {}
    flows: dict[str, list[Flow]] = {}
    seen: set[int] = set()
    for loaded in (load(head, role, pair) for head in heads):
        for name, parameter in loaded.model.named_parameters():
            block, rest = _place(loaded, name)
            if id(parameter) not in seen:
                seen.add(id(parameter))
                module, _, kind = rest.rpartition(".")
                if block == "pooler":  # heads that have one have each their own
                    kind += f", {HEADS[loaded.head].title}"
                weight = Weight(module, kind, tuple(parameter.shape), parameter.numel())
                weights.setdefault(block, []).append(weight)
        for name, kind, shape in _outputs(loaded, pieces):
            block, rest = _place(loaded, name)
            flow = Flow(rest, kind, shape)
            if flow not in flows.setdefault(block, []):
                flows[block].append(flow)
    heads_last = sorted(weights, key=lambda name: name.endswith(" head"))
    return {name: Block(name, tuple(weights[name]), tuple(flows[name])) for name in heads_last}


def _place(loaded: Loaded, name: str) -> tuple[str, str]:
    """The block of a parameter or module, and its name within the block."""
    below = name.removeprefix(f"{loaded.model.base_model_prefix}.")
    for pattern, block in _PLACES:
        if found := re.match(rf"{pattern}(?:\.|$)", below):
            number = f" {int(found.group(1)) + 1}" if found.groups() else ""
            return block + number, below[found.end() :]
    return f"{HEADS[loaded.head].title} head", below


def _outputs(loaded: Loaded, pieces: int) -> list[tuple[str, str, tuple[int, ...]]]:
    """(module, class, shape of its output) in the order of one forward pass.

    Modules without parts, and the attention weights; dropout changes no shape.
    """
    model: Any = without_weights(loaded.model, layers=loaded.head == TRUNK_HEAD)  # seen once
    outputs: list[tuple[str, str, tuple[int, ...]]] = []
    for name, module in model.named_modules():
        if not isinstance(module, nn.Dropout):
            module.register_forward_hook(functools.partial(_note, outputs, name))
    ids = torch.zeros((1, pieces), dtype=torch.long, device="meta")
    if HEADS[loaded.head].architecture == "ForMultipleChoice":  # (texts, choices, pieces)
        ids = ids[:, None]
    with torch.inference_mode():
        model(input_ids=ids)
    return outputs


def _note(
    outputs: list[tuple[str, str, tuple[int, ...]]],
    name: str,
    module: nn.Module,
    inputs: object,
    output: Any,
) -> None:
    if isinstance(output, tuple) and len(output) > 1 and isinstance(output[1], torch.Tensor):
        if any(part.startswith(f"{name}.") for part, kind, _ in outputs if kind == WEIGHTS):
            return  # handed on by the module around the one that computed them
        outputs.append((name, WEIGHTS, tuple(output[1].shape)))
    elif isinstance(output, torch.Tensor) and not any(module.children()):
        outputs.append((name, type(module).__name__, tuple(output.shape)))
