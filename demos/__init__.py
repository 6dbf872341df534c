"""The page's table of contents, in reading order: each module is one tab."""

from __future__ import annotations

from types import ModuleType

from demos import (
    anatomy,
    fill_mask,
    multiple_choice,
    ner,
    question_answering,
    race,
    sentiment,
    start,
)

TABS: tuple[ModuleType, ...] = (
    start,
    fill_mask,
    sentiment,
    ner,
    multiple_choice,
    question_answering,
    race,
    anatomy,
)
