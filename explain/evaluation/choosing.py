"""Which items are asked: our own set, an official split, or a visitor's file."""

from __future__ import annotations

from pathlib import Path

from explain.evaluation import sets, upload
from explain.evaluation.items import EvaluationSet
from explain.models import HEADS
from explain.records import InputError

OURS, OFFICIAL, FILE = "ours", "official", "file"
MOST_ITEMS = 2_000  # of one evaluation


def chosen(head: str, source: str, file: str | None, limit: float) -> EvaluationSet:
    """The set of a source, at most `limit` of its items; 0 for all, or the most there may be."""
    if head not in HEADS:
        raise InputError(f"There is no task named {str(head)[:40]!r}; choose {', '.join(HEADS)}.")
    number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if not number or not 0 <= limit <= MOST_ITEMS or limit != int(limit):
        raise InputError(f"Ask for 1 to {MOST_ITEMS:,} items, or 0 for all, not {str(limit)[:40]}.")
    if source == OFFICIAL:
        return sets.official(head, int(limit) or MOST_ITEMS)
    if source == FILE:
        if not file:
            raise InputError("Choose a file first: CSV or JSON Lines.")
        return sets.sample(upload.read_file(Path(file), head), int(limit))
    if source != OURS:
        raise InputError(f"There is no set named {str(source)[:40]!r}; choose ours or official.")
    return sets.sample(sets.ours(head), int(limit))
