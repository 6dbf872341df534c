"""The first answer of a model is its slowest: each model answers once before a visitor asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from explain.attribution import SentimentInput, attribute
from explain.evaluation.scoring import score
from explain.evaluation.sets import ours
from explain.heads.registry import HEADS
from explain.models import ROLES, load
from explain.statistics import spearman


def warm_up(pair: str, exclusive: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
    """Load the pocket pair and run every head on two items; the base pair waits until chosen.

    Each model answers within `exclusive` of its own: not beside a race, and not for long.
    """
    if pair != "pocket":
        return
    for role in ROLES:
        models = [load(head, role) for head in HEADS]
        with exclusive():
            for loaded in models:
                for item in ours(loaded.head).items[:2]:
                    score([item], loaded)
        with exclusive():  # it imports Captum, and SciPy's statistics
            attribute(SentimentInput("A short text."), load("sentiment", role))
            spearman((1.0, 2.0), (1.0, 2.0))
