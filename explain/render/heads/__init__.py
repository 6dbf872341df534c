"""How each head is drawn: one module of its name, found by that name.

A module has `panel` (one model's answer), `compare` (both answers in a sentence), `EVALUATION`
(the words for its labelled items) and `fields` (how an item fills the fields of its tab).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType


@dataclass(frozen=True, slots=True)
class EvaluationWords:
    """What an evaluation of one head is described with."""

    items: str  # the noun for several of its items
    right: str  # when an item counts as right, after "Right means that"
    columns: str  # what a visitor's table must hold
    metrics: Mapping[str, str]  # metric of `explain.evaluation.metrics` to its name and unit
    main: str  # the metric of which the student's share of the teacher's score is given
    main_name: str  # its name within a sentence
    table: str  # title of the table of outcomes
    table_note: str  # how to read it


def drawing(head: str) -> ModuleType:
    """The module that draws a head."""
    return import_module(f"{__name__}.{head}")


def evaluation_words(head: str) -> EvaluationWords:
    """The words for a head's labelled items."""
    words = drawing(head).EVALUATION
    assert isinstance(words, EvaluationWords)
    return words
