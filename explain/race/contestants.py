"""The models that can race: prepared, measured in size, scored.

`float32` is the model as loaded. `bfloat16` is a copy with all weights and sums in bfloat16: fast
where the processor multiplies in it, slow elsewhere. `int8` is PyTorch's dynamic quantisation: the
weights of linear layers are stored as 8-bit integers, their inputs rounded to 8 bits on the fly;
embeddings and normalisation stay float32. The full-size models are the architectures of BERT-base
and DistilBERT with random weights: right for latency, parameters and memory; their answers mean
nothing.

Parameters are counted in the loaded model, shared ones once; a quantised linear layer holds as
many as before, in one byte each. Memory is that of the weights, without activations, which depend
on the input, and without the rest of the process.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explain.evaluation import sets
from explain.heads.registry import HEADS
from explain.heads.sentiment import LABELS, classify
from explain.models import ASSETS, FAMILY, PAIRS, Loaded, building, is_loaded, load, stored
from explain.race.records import CONTESTANTS, Settings, Size
from explain.records import InputError
from explain.statistics import Interval, wilson

if TYPE_CHECKING:
    from transformers import PreTrainedModel

WEIGHTS = "model.safetensors"
HEAD = "sentiment"  # one pass is a sequence classification, as in the paper's timing on STS-B


def fetch(keys: Sequence[str], pair: str) -> Iterator[str]:
    """Download what comes from the Hub; yields the name of each model before it is downloaded.

    To be done before the benchmark lock is acquired: a download takes minutes, and predictions
    wait for the lock.
    """
    stored = (CONTESTANTS[key] for key in keys)
    roles = {entry.role for entry in stored if not entry.full and not entry.own}
    for role in sorted(roles):
        if pair != "pocket" and not is_loaded(HEAD, role, pair):
            yield PAIRS[pair][role][HEAD].name
            load(HEAD, role, pair)


def prepare(key: str, pair: str, seed: int = 0, own: Loaded | None = None) -> Loaded:
    """One contestant, in `eval()`; `seed` draws the weights of the full-size models.

    `own` is the student that the visitor has trained. Raises `InputError` for an unknown
    contestant, for int8 where PyTorch has no kernels, for a pair that cannot be loaded, and for an
    own student that is missing or answers another question.
    """
    if key not in CONTESTANTS:
        known = ", ".join(CONTESTANTS)
        raise InputError(f"There is no contestant named {str(key)[:40]!r}; choose {known}.")
    entry = CONTESTANTS[key]
    if entry.own:
        return _trained(own)
    loaded = _full_size(entry.role, seed) if entry.full else load(HEAD, entry.role, pair)
    change = {"float32": None, "bfloat16": _bfloat16, "int8": _int8}[entry.precision]
    if change is None:
        return loaded
    name = f"{loaded.name}, {entry.precision}"
    return replace(loaded, model=change(loaded.model), name=name)


def _trained(own: Loaded | None) -> Loaded:
    """The visitor's student, if it answers the question that is raced."""
    how = "in the Distil tab, press “Use it in the tabs”, and start again."
    if own is None:
        raise InputError(f"You have no student yet: train one for {HEADS[HEAD].title} {how}")
    if own.head != HEAD:
        raise InputError(
            f"The race times {HEADS[HEAD].title}, and your student was trained for "
            f"{HEADS[own.head].title}: train one for {HEADS[HEAD].title} {how}"
        )
    return own


def _bfloat16(model: PreTrainedModel) -> Any:
    return copy.deepcopy(model).to(torch.bfloat16)


def _int8(model: PreTrainedModel) -> Any:
    engines = [name for name in torch.backends.quantized.supported_engines if name != "none"]
    if not engines:
        raise InputError("This build of PyTorch has no 8-bit kernels: race without int8.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch announces a move to another package
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)


def _full_size(role: str, seed: int) -> Loaded:
    """BERT-base or DistilBERT with random weights; tokenizer as in the pocket pair."""
    family = FAMILY[role]
    with building, torch.random.fork_rng(devices=[]):
        from explain.models.architectures import config_class, model_class

        torch.manual_seed(seed)
        model = model_class(family, HEAD)(config_class(family)()).eval()
    small = load(HEAD, role, "pocket")
    name = f"{CONTESTANTS[f'full-{role}'].name}, untrained"
    return Loaded(model, small.tokenizer, HEAD, role, "full", name, small.labels, 512)


def size(key: str, loaded: Loaded) -> Size:
    """The size of a prepared contestant."""
    counts = dict.fromkeys(("embeddings", "layers", "head"), 0)
    memory = 0
    for name, tensor in weights(loaded.model):
        counts[part(name)] += tensor.numel()
        memory += tensor.numel() * tensor.element_size()
    entry = CONTESTANTS[key]
    stored = entry.precision == "float32" and not entry.full and not entry.own
    file = file_size(loaded.pair, entry.role) if stored else 0
    return Size(key, **counts, memory=memory, file=file)


def part(name: str) -> str:
    """The part that a parameter belongs to, by its dotted name; BERT's pooler counts as head."""
    if ".embeddings." in name:
        return "embeddings"
    return "layers" if ".layer." in name else "head"


def weights(model: nn.Module) -> list[tuple[str, torch.Tensor]]:
    """Every parameter once, with its name; those inside packed 8-bit layers unpacked."""
    tensors = [(name, parameter.detach()) for name, parameter in model.named_parameters()]
    for name, module in model.named_modules():
        packed: Any = module
        if "quantized" in type(module).__module__ and hasattr(module, "bias"):
            tensors.append((f"{name}.weight", packed.weight()))
            if packed.bias() is not None:
                tensors.append((f"{name}.bias", packed.bias()))
    return tensors


def file_size(pair: str, role: str) -> int:
    """Bytes of the stored weights: all heads of the pocket pair, one of the base pair.

    The pocket pair is stored in float16, half of its size in memory. 0 where there is no file.
    """
    from huggingface_hub import try_to_load_from_cache

    if pair not in PAIRS:
        return 0
    source = PAIRS[pair][role][HEAD].source
    if pair == "pocket":
        return sum(path.stat().st_size for path in stored.weight_files(ASSETS / source))
    cached = try_to_load_from_cache(source, WEIGHTS)
    return Path(cached).stat().st_size if isinstance(cached, str) else 0


def sentiment_accuracy(settings: Settings) -> dict[str, Interval]:
    """Accuracy of each trained contestant on our own labelled sentences, computed now.

    Percent with Wilson's interval.
    """
    rows = [item.row for item in sets.ours(HEAD).items]
    texts, labels = [str(row["text"]) for row in rows], [LABELS[int(row["label"])] for row in rows]
    scores = {}
    for key in settings.contestants:
        if CONTESTANTS[key].full or CONTESTANTS[key].own:
            continue
        answers = classify(texts, prepare(key, settings.pair, settings.seed))
        right = sum(answer.label == label for answer, label in zip(answers, labels, strict=True))
        low, high = wilson(right, len(rows))
        scores[key] = Interval(100 * right / len(rows), 100 * low, 100 * high)
    return scores
