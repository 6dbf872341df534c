"""The page's table of contents: each module is one tab, with `TITLE`, `EXAMPLES` and `build`."""

from __future__ import annotations

from types import ModuleType

from demos import anatomy, distil, race, start
from explain.heads.registry import HEADS, module


def tabs() -> tuple[ModuleType, ...]:
    """Every tab in reading order; each head of the registry has one of its name."""
    return (start, *(module("demos", head) for head in HEADS), race, anatomy, distil)
