"""The first answer of a model is its slowest; ask each one something before a visitor does."""

from __future__ import annotations

from explain.attribution import SentimentInput, attribute
from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.heads.sentiment import classify
from explain.models import ROLES, load


def warm_up(pair: str) -> None:
    """Load the pocket pair and run every head once; the base pair waits until it is chosen."""
    if pair != "pocket":
        return
    for role in ROLES:
        for _ in range(2):
            fill("A short [MASK].", load("fill_mask", role))
            classify("A short text.", load("sentiment", role))
            tag("A short text.", load("ner", role))
            choose("A short text.", ["one", "two"], load("multiple_choice", role))
            answer("A question?", "A short text.", load("question_answering", role))
        attribute(SentimentInput("A short text."), load("sentiment", role))  # it imports Captum
