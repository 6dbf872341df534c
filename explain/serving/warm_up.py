"""The first answer of a model is its slowest; ask each one something before a visitor does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from explain.attribution import SentimentInput, attribute
from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.heads.sentiment import classify
from explain.models import ROLES, load
from explain.statistics import spearman


def warm_up(pair: str, exclusive: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
    """Load the pocket pair and run every head once; the base pair waits until it is chosen.

    Each model answers within `exclusive` of its own: not beside a race, and not for long.
    """
    if pair != "pocket":
        return
    for role in ROLES:
        load("fill_mask", role)  # the trunk, with all five heads
        with exclusive():
            for _ in range(2):
                fill("A short [MASK].", load("fill_mask", role))
                classify("A short text.", load("sentiment", role))
                tag("A short text.", load("ner", role))
                choose("A short text.", ["one", "two"], load("multiple_choice", role))
                answer("A question?", "A short text.", load("question_answering", role))
        with exclusive():  # it imports Captum, and SciPy's statistics
            attribute(SentimentInput("A short text."), load("sentiment", role))
            spearman((1.0, 2.0), (1.0, 2.0))
