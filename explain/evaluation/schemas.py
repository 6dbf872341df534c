"""The schemas of labelled data, for the recipe, the command line and a visitor's own rows.

    sentiment           {"text", "label": 0 or 1}                     1 is positive
    ner                 {"tokens": [...], "tags": [...]}              BIO over PER, ORG, LOC, MISC
    multiple_choice     {"context", "question", "choices": [2 to 8], "label"}
    question_answering  {"context", "question", "answers": {"text": [...], "answer_start": [...]}}
    fill_mask           {"text": "... [MASK] ...", "answer"}, or {"text"} to be masked at random

`answer_start` is for training and is not checked here. A row may have further keys.
"""

from __future__ import annotations

from collections.abc import Iterable

from explain.evaluation import heads
from explain.evaluation.items import LabelledRow
from explain.heads.registry import HEADS


def fault(row: LabelledRow, head: str) -> str | None:
    """What keeps a row from being used, in words to follow "row 3: "; None for a good row."""
    missing = [key for key in sorted(HEADS[head].columns) if key not in row]
    return f"{missing[0]!r} is missing" if missing else heads.of(head).fault(row)


def head_of(keys: Iterable[str]) -> str | None:
    """The head whose rows have these keys: the one that needs the most of them."""
    present = set(keys)
    fitting = [head for head, entry in HEADS.items() if present.issuperset(entry.columns)]
    return max(fitting, key=lambda head: len(HEADS[head].columns), default=None)


def is_text(value: object) -> bool:
    """Whether a value is text that is not empty."""
    return isinstance(value, str) and bool(value.strip())


def are_texts(value: object) -> bool:
    """Whether a value is a list of text with at least one element, which may be empty text."""
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) for text in value)


def is_index(value: object, length: int) -> bool:
    """Whether a value is a whole number from 0 to `length` - 1."""
    return type(value) is int and 0 <= value < length
