"""How each head is drawn: one module of its name, found by that name.

A module has `panel` (one model's answer), `compare` (both answers in a sentence), `EVALUATION`
(the words for its labelled items) and `fields` (how an item fills the fields of its tab).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from explain.heads import registry


@dataclass(frozen=True, slots=True)
class EvaluationWords:
    """What an evaluation of one head is described with."""

    right: str  # when an item counts as right, after "Right means that"
    columns: str  # what a visitor's table must hold
    metrics: Mapping[str, str]  # metric of `explain.evaluation.metrics` to its name and unit
    table: str  # title of the confusion table
    table_note: str  # how to read it


def drawing(head: str) -> ModuleType:
    """The module that draws a head."""
    return registry.module(__name__, head)


def evaluation_words(head: str) -> EvaluationWords:
    """The words for a head's labelled items."""
    words = drawing(head).EVALUATION
    assert isinstance(words, EvaluationWords)
    return words
