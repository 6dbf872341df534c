"""What the browser writes into everything that a visitor saves: app, models and versions."""

from __future__ import annotations

import hashlib
import inspect
import json
from importlib.metadata import version
from typing import Any

from demos import tabs
from explain.heads.registry import HEADS
from explain.models import ASSETS, PAIRS
from explain.models.checkpoints import Checkpoint

VERSION = "1.0.0"  # as in pyproject.toml, which a Space does not get
PACKAGES = ("torch", "transformers", "tokenizers", "captum", "gradio")
CHECKSUMS = "SHA256SUMS"


def facts() -> dict[str, Any]:
    """The version of the app, its models by pair, role and head, endpoints and packages."""
    modules = {module.__name__.rpartition(".")[2]: module for module in tabs()}
    return {
        "app": "DistilBERT Explorer",
        "version": VERSION,
        "models": {
            pair: {
                role: {head: _described(pair, checkpoint) for head, checkpoint in heads.items()}
                for role, heads in roles.items()
            }
            for pair, roles in PAIRS.items()
        },
        "endpoints": {
            head: list(inspect.signature(modules[head].answer).parameters) for head in HEADS
        },
        "versions": {name: version(name) for name in PACKAGES},
    }


def saved_facts() -> str:
    """The facts as an element of the page's head, for `assets/save.js`."""
    written = json.dumps(facts()).replace("<", "\\u003c")
    return f'<script type="application/json" id="dx-facts">{written}</script>'


def _described(pair: str, checkpoint: Checkpoint) -> str:
    """The model's name, and what fixes its weights: a commit of the Hub, or checksums of ours."""
    if pair != "pocket":
        return f"{checkpoint.source} at {checkpoint.revision}"
    sums = ASSETS / checkpoint.source / CHECKSUMS
    known = hashlib.sha256(sums.read_bytes()).hexdigest()[:12] if sums.is_file() else "missing"
    return f"{checkpoint.name}, checksums {known}"
