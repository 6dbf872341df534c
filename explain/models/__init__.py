"""Which checkpoints there are, and `load`, the only door to their weights."""

from __future__ import annotations

from explain.heads.registry import HEADS
from explain.models.checkpoints import ASSETS, FAMILY, PAIRS, Checkpoint, Loaded
from explain.models.loading import building, fresh_classifier, is_loaded, load
from explain.records import ROLES

__all__ = [
    "ASSETS", "FAMILY", "HEADS", "PAIRS", "ROLES", "Checkpoint", "Loaded", "building",
    "fresh_classifier", "is_loaded", "load",
]  # fmt: skip
