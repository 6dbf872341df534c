"""Masked words: the text is its own label, and the teacher's whole vocabulary the soft target."""

from __future__ import annotations

import random
from collections.abc import Sequence

from distill.batches import Example
from explain import encoding
from explain.distillation.records import Outcomes
from explain.encoding import Stretch
from explain.evaluation.items import LabelledRow
from explain.heads.fill_mask import encode, fill
from explain.models import Loaded

SCORE = "right word first"
HARD = "L_mlm"
FILES = ("general", "opinions", "names")
WATCHED = "The capital of France is [MASK]."
MASKED = 0.22  # share of a text's pieces, as in `distill.batches.Limits`
LONGEST = 94  # word pieces of a text


def example(text: str, loaded: Loaded) -> Example:
    """Ids of one text, nothing masked yet."""
    part = encoding.require_part(loaded, text)
    row = encoding.row_of(loaded, Stretch(part, 0, min(len(part.ids), LONGEST)))
    return {"ids": [list(row.ids)], "where": [], "labels": []}


def prepared(example: Example, loaded: Loaded, draw: random.Random) -> Example:
    """The example with a share of its pieces hidden by [MASK]; they are its labels."""
    ids = list(example["ids"][0])
    inner = range(1, len(ids) - 1)
    chosen = sorted(draw.sample(inner, max(1, round(MASKED * len(inner)))))
    labels = [ids[place] for place in chosen]
    for place in chosen:
        ids[place] = loaded.tokenizer.mask_token_id
    return {"ids": [ids], "where": chosen, "labels": labels}


def held_out(row: LabelledRow, loaded: Loaded) -> Example:
    """A text with one [MASK] and the word that belongs there."""
    encoded = encode(row["text"], loaded, row["answer"])
    first = encoded.rows[0]
    return {
        "ids": [list(first.ids)],
        "where": list(first.masks),
        "labels": list(encoded.answer_ids[:1]),
    }


def tally(predicted: Sequence[Sequence[int]], expected: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Masks with the same first word, and masks."""
    return sum(p == e for p, e in zip(predicted, expected, strict=True)), len(expected)


def answer(text: str, loaded: Loaded) -> Outcomes:
    """The five best words."""
    return tuple((word.word, word.probability) for word in fill(text, loaded).candidates)
