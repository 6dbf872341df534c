"""The start list, made ready: what an engineer might do to answer faster.

`float32` is the model as loaded. `bfloat16` is a copy with all weights and sums in bfloat16: fast
where the processor multiplies in it, slow elsewhere. `int8` is PyTorch's dynamic quantisation: the
weights of linear layers are stored as 8-bit integers, their inputs rounded to 8 bits on the fly;
embeddings and normalisation stay float32. The full-size models are BERT-base and DistilBERT as
architectures, their weights freshly drawn: right for latency, parameters and memory, and their
answers mean nothing.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explain import models
from explain.models import Loaded, is_loaded, load
from explain.race.records import CONTESTANTS, Contestant
from explain.records import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

HEAD = "sentiment"  # one pass is a sequence classification, as in the paper's timing on STS-B


def fetch(keys: Sequence[str], pair: str) -> Iterator[str]:
    """Read what comes from the Hub, one model a step, each named before it is read.

    To be done before a race takes the course: a download lasts minutes, and predictions wait for
    the course.
    """
    roles = {CONTESTANTS[key].role for key in keys if not CONTESTANTS[key].full}
    for role in sorted(roles):
        if pair != "pocket" and not is_loaded(HEAD, role, pair):
            yield models.PAIRS[pair][role][HEAD].name
            load(HEAD, role, pair)


def ready(key: str, pair: str, seed: int = 0) -> Loaded:
    """One contestant, in `eval()`; `seed` draws the weights of the full-size models.

    Raises `InputError` for an unknown contestant, for int8 where PyTorch has no kernels, and for a
    pair that cannot be loaded.
    """
    if key not in CONTESTANTS:
        known = ", ".join(CONTESTANTS)
        raise InputError(f"There is no contestant named {str(key)[:40]!r}; choose {known}.")
    entry = CONTESTANTS[key]
    loaded = _full_size(entry.role, seed) if entry.full else load(HEAD, entry.role, pair)
    change = {"float32": None, "bfloat16": _bfloat16, "int8": _int8}[entry.precision]
    if change is None:
        return loaded
    name = f"{loaded.name}, {entry.precision}"
    return replace(loaded, model=change(loaded.model), name=name)


def _bfloat16(model: PreTrainedModel) -> Any:
    return copy.deepcopy(model).to(torch.bfloat16)


def _int8(model: PreTrainedModel) -> Any:
    engines = [name for name in torch.backends.quantized.supported_engines if name != "none"]
    if not engines:
        raise InputError("This build of PyTorch has no 8-bit kernels: race without int8.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is to move to a package of its own one day
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)


def _full_size(role: str, seed: int) -> Loaded:
    """BERT-base or DistilBERT by its configuration alone; word pieces as in the pocket pair."""
    family = models.FAMILY[role]
    with models.building, torch.random.fork_rng(devices=[]):
        from explain.models.architectures import config_class, model_class

        torch.manual_seed(seed)
        model = model_class(family, HEAD)(config_class(family)()).eval()
    small = load(HEAD, role, "pocket")
    name = f"{_entry(role).name}, untrained"
    return Loaded(model, small.tokenizer, HEAD, role, "full", name, small.labels, 512)


def _entry(role: str) -> Contestant:
    return next(one for one in CONTESTANTS.values() if one.full and one.role == role)
