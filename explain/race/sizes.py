"""How big a contestant is: parameters by part, bytes in memory, bytes on disk.

Parameters are counted in the loaded model, shared ones once; quantised linear layers hold as many
as before, in a byte each. Memory is that of the weights, without activations, which depend on the
input, and without what the process needs in any case.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from explain.models import ASSETS, PAIRS, Loaded, stored
from explain.race.records import CONTESTANTS, Size

FILE = "model.safetensors"
EMBEDDINGS, LAYERS, HEAD = "embeddings", "layers", "head"


def size(key: str, loaded: Loaded) -> Size:
    """One contestant that is made ready, with its one head."""
    counts = dict.fromkeys((EMBEDDINGS, LAYERS, HEAD), 0)
    memory = 0
    for name, tensor in weights(loaded.model):
        counts[part(name)] += tensor.numel()
        memory += tensor.numel() * tensor.element_size()
    entry = CONTESTANTS[key]
    stored = entry.precision == "float32" and not entry.full
    file = file_size(loaded.pair, entry.role) if stored else 0
    return Size(key, counts[EMBEDDINGS], counts[LAYERS], counts[HEAD], memory, file)


def part(name: str) -> str:
    """Where a parameter belongs, by its dotted name; BERT's pooler belongs to the head."""
    if ".embeddings." in name:
        return EMBEDDINGS
    return LAYERS if ".layer." in name else HEAD


def weights(model: nn.Module) -> list[tuple[str, torch.Tensor]]:
    """Every parameter once, with its name; those inside packed 8-bit layers unpacked."""
    found = [(name, parameter.detach()) for name, parameter in model.named_parameters()]
    for name, module in model.named_modules():
        packed: Any = module
        if "quantized" in type(module).__module__ and hasattr(module, "bias"):
            found.append((f"{name}.weight", packed.weight()))
            if packed.bias() is not None:
                found.append((f"{name}.bias", packed.bias()))
    return found


def file_size(pair: str, role: str) -> int:
    """Bytes of the stored weights: all heads of the pocket pair, one of the base pair.

    The pocket pair is stored in float16, half of what it takes in memory. 0 where no file is here.
    """
    from huggingface_hub import try_to_load_from_cache

    if pair not in PAIRS:
        return 0
    source = PAIRS[pair][role]["sentiment"].source
    if pair == "pocket":
        return sum(path.stat().st_size for path in stored.weight_files(ASSETS / source))
    cached = try_to_load_from_cache(source, FILE)
    return Path(cached).stat().st_size if isinstance(cached, str) else 0
