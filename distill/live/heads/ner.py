"""Names: every word gets the teacher's nine probabilities; its own tag is the hard label."""

from __future__ import annotations

import random
from collections.abc import Sequence

from distill.batches import Example
from explain.distillation.records import Outcomes
from explain.evaluation.items import LabelledRow
from explain.heads import ner
from explain.heads.registry import HEADS
from explain.models import Loaded
from explain.words import entity_spans

SCORE = "F1 of names"
HARD = "L_hard, against the teacher’s tags"
FILES = ("names", "general")
WATCHED = "Marta Silva left Siemens in Lisbon to join the United Nations."


def example(text: str, loaded: Loaded) -> Example:
    """Ids of one text and the first piece of every word; the teacher will put the tags in."""
    return _example(ner.encode(text, loaded))


def prepared(example: Example, loaded: Loaded, draw: random.Random) -> Example:
    """The example as it is."""
    return example


def held_out(row: LabelledRow, loaded: Loaded) -> Example:
    """A labelled sentence, cut into the words that its tags belong to."""
    spans, end = [], 0
    for word in row["tokens"]:
        spans.append((end, end + len(word)))
        end += len(word) + 1
    encoded = ner.encode(" ".join(row["tokens"]), loaded, row["tags"], tuple(spans))
    labels = HEADS["ner"].labels
    read = [
        tag
        for tag, first in zip(row["tags"], encoded.first, strict=True)
        if _is_read(encoded, first)
    ]
    return _example(encoded) | {"labels": [labels.index(tag) for tag in read]}


def _example(encoded: ner.EncodedWords) -> Example:
    where = [first + 1 for first in encoded.first if _is_read(encoded, first)]
    return {"ids": [list(encoded.rows[0].ids)], "where": where, "labels": [0] * len(where)}


def _is_read(encoded: ner.EncodedWords, first: int) -> bool:
    """Whether a word has a piece in the first window."""
    return 0 <= first < encoded.windows[0][1]


def tally(predicted: Sequence[Sequence[int]], expected: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Twice the names with the same words and type, and the names of both: F1 is their ratio."""
    labels = HEADS["ner"].labels
    shared = total = 0
    for one, other in zip(predicted, expected, strict=True):
        first, second = (entity_spans([labels[tag] for tag in tags]) for tags in (one, other))
        shared += 2 * len({*first} & {*second})
        total += len(first) + len(second)
    return shared, total


def answer(text: str, loaded: Loaded) -> Outcomes:
    """The names of one text, with their types."""
    entities = ner.tag(text, loaded).entities
    return tuple((f"{name.text} ({name.kind})", name.probability) for name in entities)
