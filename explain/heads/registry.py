"""The heads there are: one row each, and where each room keeps what it has to say about one.

Whatever differs from head to head and is plain data stands here. What is code stands in one file
per head and room that bears the head's name, and is found by `module`:

    explain/heads/NAME.py              its three steps and its verb
    explain/attribution/heads/NAME.py  input, targets, what is explained
    explain/evaluation/heads/NAME.py   schema, scoring, metrics, tables
    explain/render/heads/NAME.py       its panel, its sentences, a template of its name
    distill/heads/NAME.py              training rows and their loss
    demos/NAME.py                      its tab

Nothing but the standard library is imported here, so every room may read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Head:
    """One task: what it is called, measured by, stored as and read from."""

    title: str  # of its tab, and wherever the task is named
    architecture: str  # class of transformers, after the family: BertForMaskedLM, DistilBertFor...
    metric: str  # the main one, by its name in `explain.evaluation.metrics`
    metric_title: str  # as readers know it
    items: str  # what one labelled row is, in the plural
    columns: tuple[str, ...]  # keys that a labelled row must have
    optional: tuple[str, ...] = ()  # and may have
    labels: tuple[str, ...] = ()  # in the order of the pocket pair's logits; () where outputs vary
    label_aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names that checkpoints give the labels, in lower case."""
    window: int = 512  # longest row of the pocket pair, word pieces with special tokens


HEADS: dict[str, Head] = {
    "fill_mask": Head(
        title="Fill-mask",
        architecture="ForMaskedLM",
        metric="top5",
        metric_title="top 5",
        items="texts",
        columns=("text",),
        optional=("answer",),
    ),
    "sentiment": Head(
        title="Sentiment",
        architecture="ForSequenceClassification",
        metric="accuracy",
        metric_title="accuracy",
        items="texts",
        columns=("text", "label"),
        labels=("negative", "positive"),
        label_aliases={
            "neg": "negative", "label_0": "negative", "0": "negative",
            "pos": "positive", "label_1": "positive", "1": "positive",
        },
    ),
    "ner": Head(
        title="Entities",
        architecture="ForTokenClassification",
        metric="f1",
        metric_title="F1",
        items="sentences",
        columns=("tokens", "tags"),
        labels=(
            "O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC",
        ),
        window=128,
    ),
    "multiple_choice": Head(
        title="Multiple choice",
        architecture="ForMultipleChoice",
        metric="accuracy",
        metric_title="accuracy",
        items="questions",
        columns=("context", "question", "choices", "label"),
    ),
    "question_answering": Head(
        title="Questions",
        architecture="ForQuestionAnswering",
        metric="f1",
        metric_title="F1",
        items="questions",
        columns=("context", "question", "answers"),
        window=208,
    ),
}  # fmt: skip
"""In reading order. Read it when it is needed, not at import: a row may be added meanwhile."""


def module(room: str, head: str) -> ModuleType:
    """A room's file on one head: `module("explain.evaluation.heads", "ner")`."""
    return import_module(f"{room}.{head}")
