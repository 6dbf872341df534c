"""A Hub cache as the Hub's client lays it out, with repositories of tiny models in it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from transformers import PreTrainedModel

from explain.models import FAMILY, hub
from explain.models.architectures import model_class
from explain.models.tokenizer import SPECIAL
from tests.tiny import tiny_config

LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789.,?!'-[]()"]
WORDS = ["the", "paris", "capital", "is", "of", "was", "who", "good", "film", "france"]
CASED_WORDS = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "Jim", "Henson", "Paris"]
NER_LABELS = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


def publish(cache: Path, repository: str, files: dict[str, bytes], commit: str = "") -> Path:
    """Put a repository into a cache: blobs, refs/main, a snapshot of links. Gives the snapshot."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    commit = commit or hashlib.sha1(repository.encode()).hexdigest()
    snapshot = folder / "snapshots" / commit
    for part in (folder / "blobs", folder / "refs", snapshot):
        part.mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(commit)
    for name, content in files.items():
        blob = hashlib.sha256(content).hexdigest()
        (folder / "blobs" / blob).write_bytes(content)
        (snapshot / name).symlink_to(Path("../../blobs") / blob)
    return snapshot


def vocabulary(cased: bool = False) -> list[str]:
    """Letters, their continuations and a few words, after the special pieces."""
    letters = [*LETTERS, *(f"##{letter}" for letter in LETTERS)]
    return [*SPECIAL, *letters, *WORDS, *(CASED_WORDS if cased else [])]


def model_of(head: str, role: str, vocabulary_size: int, **settings: Any) -> PreTrainedModel:
    """One tiny head of full-size kind, with a trunk of its own and seeded weights."""
    torch.manual_seed(1)
    config = tiny_config(role, vocab_size=vocabulary_size, max_position_embeddings=80, **settings)
    return model_class(FAMILY[role], head)(config).eval()


def files_of(
    model: PreTrainedModel,
    cased: bool = False,
    pieces: str = "tokenizer.json",
) -> dict[str, bytes]:
    """Configuration, weights and vocabulary of a model, as a repository holds them."""
    config = model.config.to_dict() | {"architectures": [type(model).__name__]}
    files = {"config.json": json.dumps(config).encode(), hub.WEIGHTS: weights_of(model)}
    if pieces == "vocab.txt":
        files[pieces] = ("\n".join(vocabulary(cased)) + "\n").encode()
    elif pieces:
        ids = {piece: number for number, piece in enumerate(vocabulary(cased))}
        files[pieces] = json.dumps({"model": {"type": "WordPiece", "vocab": ids}}).encode()
    return files


def weights_of(model: PreTrainedModel) -> bytes:
    """The state of a model as safetensors; tied weights stored once."""
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    for tied in ("cls.predictions.decoder.weight", "cls.predictions.decoder.bias"):
        state.pop(tied, None)
    return pack(state)


def pack(state: dict[str, Any]) -> bytes:
    """Tensors as the content of a weights file."""
    return save(state, metadata={"format": "pt"})
