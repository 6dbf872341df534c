"""The schemas of labelled data, for the recipe, the command line and a visitor's own rows.

    sentiment           {"text", "label": 0 or 1}                     1 is positive
    ner                 {"tokens": [...], "tags": [...]}              BIO over PER, ORG, LOC, MISC
    multiple_choice     {"context", "question", "choices": [2 to 8], "label"}
    question_answering  {"context", "question", "answers": {"text": [...], "answer_start": [...]}}
    fill_mask           {"text": "... [MASK] ...", "answer"}, or {"text"} to be masked at random

`answer_start` is for training and is not looked at here. Further keys may stand in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explain.heads.registry import HEADS

LabelledRow = dict[str, Any]  # one line of labelled data

KEYS = {  # a row must have these; in this order they also tell the heads apart
    "ner": {"tokens", "tags"},
    "multiple_choice": {"context", "question", "choices", "label"},
    "question_answering": {"context", "question", "answers"},
    "sentiment": {"text", "label"},
    "fill_mask": {"text"},
}


def fault(row: LabelledRow, head: str) -> str | None:
    """What keeps a row from being used, in words to follow "row 3: "; None for a good row."""
    missing = [key for key in sorted(KEYS[head]) if key not in row]
    return f"{missing[0]!r} is missing" if missing else _CHECKS[head](row)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _number_below(value: object, limit: int) -> bool:
    return type(value) is int and 0 <= value < limit


def _sentiment_fault(row: LabelledRow) -> str | None:
    if not _is_text(row["text"]):
        return "'text' must be text that is not empty"
    return None if _number_below(row["label"], 2) else "'label' must be 0 or 1 (positive)"


def _ner_fault(row: LabelledRow) -> str | None:
    if not _are_texts(row["tokens"]) or not _are_texts(row["tags"]):
        return "'tokens' and 'tags' must be lists of text that are not empty"
    if len(row["tokens"]) != len(row["tags"]):
        return f"{len(row['tokens'])} tokens but {len(row['tags'])} tags"
    wrong = next((tag for tag in row["tags"] if tag not in HEADS["ner"].labels), None)
    return None if wrong is None else f"{wrong!r} is no tag; use {', '.join(HEADS['ner'].labels)}"


def _choice_fault(row: LabelledRow) -> str | None:
    prompt = row["context"], row["question"]
    if not all(isinstance(part, str) for part in prompt) or not any(map(_is_text, prompt)):
        return "'context' and 'question' must be text, and one of them not empty"
    choices = row["choices"]
    if not _are_texts(choices) or not all(map(_is_text, choices)) or not 2 <= len(choices) <= 8:
        return "'choices' must be a list of 2 to 8 texts, none empty"
    if not _number_below(row["label"], len(choices)):
        return f"'label' must be the index of a choice, 0 to {len(choices) - 1}"
    return None


def _question_fault(row: LabelledRow) -> str | None:
    if not _is_text(row["context"]) or not _is_text(row["question"]):
        return "'context' and 'question' must be text that is not empty"
    answers = row["answers"]
    if not isinstance(answers, dict) or not _are_texts(answers.get("text")):
        return "'answers' must hold 'text', a list with at least one answer"
    return None


def _mask_fault(row: LabelledRow) -> str | None:
    if not _is_text(row["text"]):
        return "'text' must be text that is not empty"
    return None if _is_text(row.get("answer", "word")) else "'answer' must be one word"


_CHECKS: dict[str, Callable[[LabelledRow], str | None]] = {
    "ner": _ner_fault,
    "multiple_choice": _choice_fault,
    "question_answering": _question_fault,
    "sentiment": _sentiment_fault,
    "fill_mask": _mask_fault,
}
