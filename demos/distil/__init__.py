"""Distil: soft targets, the triple loss, where a student starts, and a training to watch."""

from demos.distil.tab import EXAMPLES, TITLE, build

__all__ = ["EXAMPLES", "TITLE", "build"]
