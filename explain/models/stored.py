"""The stored form of a pocket model: one folder, with one folder per head that transformers loads.

    trunk.safetensors    the trunk, once, float16
    tokenizer.4.json     the tokenizer, once: each head names it as its file for transformers >= 4
    SHA256SUMS           of all these files, as `sha256sum --check` reads them; written last
    HEAD/config.json     the class of transformers and the labels
    HEAD/head.safetensors, HEAD/model.safetensors.index.json
                         the layers above the trunk, and where every tensor is
    HEAD/tokenizer_config.json

`AutoModelForX.from_pretrained("FOLDER/HEAD")`, `AutoTokenizer` and `pipeline` read such a folder.
"""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from explain.heads.registry import HEADS
from explain.models import multitask
from explain.models.architectures import PREFIXES, class_name, config_class
from explain.models.tokenizer import LONGEST, read_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TRUNK, HEAD, INDEX = "trunk.safetensors", "head.safetensors", "model.safetensors.index.json"
CONFIGURATION, TOKENIZER, CHECKSUMS = "config.json", "tokenizer.4.json", "SHA256SUMS"

Weights = dict[str, torch.Tensor]


def save(
    models: dict[str, PreTrainedModel], tokenizer: PreTrainedTokenizerBase, folder: Path
) -> None:
    """Write a model: float16 weights, configurations, tokenizer, checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    named = multitask.named_tensors(models).items()
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in named}
    prefix = next(iter(models.values())).base_model_prefix
    _save_tensors(_part(tensors, "trunk", f"{prefix}."), folder / TRUNK)
    lowercase = _save_tokenizer(tokenizer, folder / TOKENIZER)
    for head, model in models.items():
        (folder / head).mkdir(exist_ok=True)
        layers = _part(tensors, head)
        _save_tensors(layers, folder / head / HEAD)
        _save_json(_index(_part(tensors, "trunk", f"{prefix}."), layers), folder / head / INDEX)
        _save_json(_configuration(model, head), folder / head / CONFIGURATION)
        settings = _tokenizer_settings(model.config.model_type, lowercase)
        _save_json(settings, folder / head / "tokenizer_config.json")
    files = sorted(path.relative_to(folder).as_posix() for path in _files(folder, models))
    lines = [f"{_sum(folder / name)}  {name}" for name in files]
    _save_text("\n".join(lines) + "\n", folder / CHECKSUMS)


def read(folder: Path) -> dict[str, PreTrainedModel]:
    """Load a stored model in float32, in `eval()`; every tensor must be present."""
    settings = configuration(folder)
    config = config_class(settings["model_type"])(**settings)
    weights = _read(folder)
    heads = {name.partition(".")[0] for name in weights} & HEADS.keys()
    with torch.device("meta"):
        models = multitask.build(config, [head for head in HEADS if head in heads])
    if wrong := set(multitask.named_tensors(models)) ^ set(weights):
        raise ValueError(f"{folder}: tensors missing or unexpected: {sorted(wrong)[:5]}")
    if wrong := {name for name, tensor in weights.items() if not tensor.isfinite().all()}:
        raise ValueError(f"{folder}: tensors with numbers that are not finite: {sorted(wrong)[:5]}")
    multitask.load_tensors(models, {name: tensor.float() for name, tensor in weights.items()})
    return {head: model.eval() for head, model in models.items()}


def is_complete(folder: Path) -> bool:
    """Whether a model has been written to the end."""
    return (folder / CHECKSUMS).is_file()


def damaged(folder: Path) -> tuple[str, ...]:
    """The files that are missing or differ from the folder's checksums; none without checksums."""
    if not (folder / CHECKSUMS).is_file():
        return ()
    lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return tuple(name for name, digest in sums.items() if _sum(folder / name) != digest)


def configuration(folder: Path) -> dict[str, Any]:
    """The trunk's configuration, as a plain table without labels."""
    heads = _heads(folder)
    if not heads:
        raise FileNotFoundError(f"{folder} holds no stored model")
    settings = json.loads((heads[0] / CONFIGURATION).read_text(encoding="utf-8"))
    left_out = (*multitask.LABEL_KEYS, "heads")
    return {name: value for name, value in settings.items() if name not in left_out}


def vocabulary(folder: Path) -> Path:
    """The tokenizer's file."""
    return folder / TOKENIZER


def weight_files(folder: Path) -> tuple[Path, ...]:
    """The files of weights: trunk and heads."""
    return (folder / TRUNK, *(head / HEAD for head in _heads(folder)))


def sizes(folder: Path) -> tuple[int, int]:
    """Parameters of the trunk and of all heads together, from the headers of the files."""
    counts = [0, 0]
    for path in weight_files(folder):
        with safe_open(path, "pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118
                shape = tensors.get_slice(name).get_shape()
                counts[0 if path.name == TRUNK else 1] += torch.Size(shape).numel()
    return counts[0], counts[1]


def fingerprint(folder: Path) -> str:
    """The start of the SHA-256 of a model's weights, to tell it from another."""
    digest = hashlib.sha256()
    for path in weight_files(folder):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def copy_model(source: Path, target: Path) -> None:
    """Write a stored model again in another folder: the same weights."""
    models = read(source)
    family = next(iter(models.values())).config.model_type
    save(models, read_tokenizer(vocabulary(source), family), target)


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _read(folder: Path) -> Weights:
    prefix = f"{configuration(folder)['model_type']}."
    stored = load_file(folder / TRUNK).items()
    weights = {f"trunk.{name.removeprefix(prefix)}": tensor for name, tensor in stored}
    for head in _heads(folder):
        layers = load_file(head / HEAD).items()
        weights |= {f"{head.name}.{name}": tensor for name, tensor in layers}
    return weights


def _heads(folder: Path) -> tuple[Path, ...]:
    """The folders of the heads, in the registry's order."""
    return tuple(folder / head for head in HEADS if (folder / head / HEAD).is_file())


def _files(folder: Path, heads: dict[str, PreTrainedModel]) -> list[Path]:
    names = (HEAD, INDEX, CONFIGURATION, "tokenizer_config.json")
    return [folder / TRUNK, folder / TOKENIZER, *(folder / h / n for h in heads for n in names)]


def _part(tensors: Weights, part: str, prefix: str = "") -> Weights:
    """The tensors of the trunk or of a head, named as the class of transformers names them."""
    start = f"{part}."
    return {
        prefix + name.removeprefix(start): tensor
        for name, tensor in tensors.items()
        if name.startswith(start)
    }


def _index(trunk: Weights, layers: Weights) -> dict[str, Any]:
    every = [*trunk.values(), *layers.values()]
    total = sum(tensor.numel() * tensor.element_size() for tensor in every)
    files = dict.fromkeys(trunk, f"../{TRUNK}") | dict.fromkeys(layers, HEAD)
    return {"metadata": {"total_size": total}, "weight_map": files}


def _configuration(model: PreTrainedModel, head: str) -> dict[str, Any]:
    """What `config.json` says; float32, since float16 is only how the weights are stored."""
    settings = model.config.to_dict()
    for name in ("_name_or_path", "transformers_version"):
        settings.pop(name, None)
    kind = class_name(model.config.model_type, head)
    return settings | {"architectures": [kind], "dtype": "float32"}


def _tokenizer_settings(family: str, lowercase: bool) -> dict[str, Any]:
    return {
        "tokenizer_class": f"{PREFIXES[family]}Tokenizer",
        "do_lower_case": lowercase,
        "model_max_length": LONGEST,
        "fast_tokenizer_files": [f"../{TOKENIZER}"],
    }


def _save_tokenizer(tokenizer: PreTrainedTokenizerBase, path: Path) -> bool:
    """Write it without the cutting and padding that its owner may have set; whether it lowers."""
    plain = copy.deepcopy(tokenizer.backend_tokenizer)
    plain.no_truncation()
    plain.no_padding()
    text = plain.to_str(pretty=True)
    _save_text(text + "\n", path)
    return bool(json.loads(text)["normalizer"]["lowercase"])


def _save_tensors(tensors: Weights, path: Path) -> None:
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)


def _save_json(table: dict[str, Any], path: Path) -> None:
    _save_text(json.dumps(table, indent=2, sort_keys=True) + "\n", path)


def _save_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
