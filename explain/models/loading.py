"""The only door to weights: `load`.

Loaded models are float32, in `eval()`, checked, cached, and shared between threads. Nothing is
loaded at import.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.environment import physical_memory
from explain.heads.registry import HEADS
from explain.models.checkpoints import ASSETS, FAMILY, PAIRS, Checkpoint, Loaded
from explain.models.layers import trunk
from explain.models.tokenizer import read_tokenizer
from explain.records import ROLES, InputError
from explain.settings import current

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ROOMY = 8_000_000_000  # bytes of memory with which all ten models of the base pair stay in it
FULL_SIZE_KEPT = current().base_models or (10 if physical_memory() >= ROOMY else 6)

_cache: dict[tuple[str, str, str], Loaded] = {}  # least recently used first
_pockets: dict[Path, tuple[dict[str, PreTrainedModel], PreTrainedTokenizerBase]] = {}
_locks: dict[str, threading.Lock] = {}  # one for each model: a slow download holds up no other
_lock = threading.Lock()  # of the three tables above, never held while something is read
building = threading.Lock()
"""Held while a model is built: transformers swaps functions of torch meanwhile. And while model
classes are first imported: two threads at that give a class that is not there yet."""


def load(head: str, role: str, pair: str = "pocket") -> Loaded:
    """The model of one head, from memory after the first call.

    Raises `InputError` for an unknown name, a checkpoint that is not what the table says, and a
    Hub that cannot be reached.
    """
    _require(head, tuple(HEADS), "task")
    _require(role, ROLES, "model")
    _require(pair, tuple(PAIRS), "pair")
    key = head, role, pair
    if loaded := _recall(key):
        return loaded
    checkpoint = PAIRS[pair][role][head]
    with _lock:
        lock = _locks.setdefault(f"{pair}/{checkpoint.source}", threading.Lock())
    with lock:
        if loaded := _recall(key):
            return loaded
        read = _load_pocket if pair == "pocket" else _load_from_hub
        loaded = read(checkpoint, head, role)
        _remember(key, loaded)
        return loaded


def is_loaded(head: str, role: str, pair: str) -> bool:
    """Whether `load` would give the model from memory; raises `InputError` as it does."""
    _require(pair, tuple(PAIRS), "pair")
    with _lock:
        return (head, role, pair) in _cache


def fresh_classifier(loaded: Loaded, seed: int = 0) -> Loaded:
    """The same trunk below a newly initialised classifier, as before any fine-tuning.

    For sentiment and multiple choice; `seed` fixes the draw. The loaded model is not changed: the
    copy shares its trunk and owns only the layers that are drawn again.
    """
    kind = HEADS[loaded.head].architecture
    assert kind in ("ForSequenceClassification", "ForMultipleChoice"), kind
    model = _shallow(loaded.model)
    owners = [(model, "classifier")]
    if model.config.model_type == "bert":
        base = _shallow(trunk(model))
        setattr(model, model.base_model_prefix, base)
        base.pooler = _shallow(base.pooler)
        owners.append((base.pooler, "dense"))
    else:
        owners.append((model, "pre_classifier"))
    for number, (owner, name) in enumerate(owners):
        layer = copy.deepcopy(getattr(owner, name))
        _draw_again(layer, model.config.initializer_range, seed * len(owners) + number)
        setattr(owner, name, layer)
    return replace(loaded, model=model, name=f"{loaded.name}, untrained classifier")


def _shallow(module: Any) -> Any:
    """A copy of a module whose children can be replaced without changing the original."""
    twin = copy.copy(module)
    twin._modules = dict(module._modules)
    return twin


def _draw_again(layer: Any, spread: float, seed: int) -> None:
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        layer.weight.normal_(0.0, spread, generator=generator)
        layer.bias.zero_()


def _require(name: object, known: tuple[str, ...], what: str) -> None:
    if name not in known:
        raise InputError(f"There is no {what} named {str(name)[:40]!r}; choose {', '.join(known)}.")


def _recall(key: tuple[str, str, str]) -> Loaded | None:
    with _lock:
        loaded = _cache.pop(key, None)
        if loaded is not None:
            _cache[key] = loaded  # now the most recently used
        return loaded


def _remember(key: tuple[str, str, str], loaded: Loaded) -> None:
    with _lock:
        _cache[key] = loaded
        full_size = [key for key in _cache if key[2] != "pocket"]
        for oldest in full_size[: max(0, len(full_size) - FULL_SIZE_KEPT)]:
            del _cache[oldest]


def _load_pocket(checkpoint: Checkpoint, head: str, role: str) -> Loaded:
    from safetensors import SafetensorError

    from explain.models import stored

    folder = ASSETS / checkpoint.source
    if folder not in _pockets:
        if files := stored.damaged(folder):
            raise InputError(_damage(checkpoint, f"{', '.join(files)} missing or changed"))
        try:
            with building:
                tokenizer = read_tokenizer(stored.vocabulary(folder), FAMILY[role])
                _pockets[folder] = stored.read(folder), tokenizer
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            SafetensorError,
        ) as error:  # each reader of a damaged file fails in its own ways
            raise InputError(_damage(checkpoint, type(error).__name__)) from error
    models, tokenizer = _pockets[folder]
    labels, window = HEADS[head].labels, checkpoint.window
    return Loaded(models[head], tokenizer, head, role, "pocket", checkpoint.name, labels, window)


def _damage(checkpoint: Checkpoint, what: str) -> str:
    return (
        f"The stored model {checkpoint.name} is damaged ({what}): get assets/models again, for "
        "instance by `git checkout assets/models`."
    )


def _load_from_hub(checkpoint: Checkpoint, head: str, role: str) -> Loaded:
    from explain.models import hub

    folder = hub.fetch(checkpoint)
    with building:
        return hub.read(checkpoint, folder, head, role)
