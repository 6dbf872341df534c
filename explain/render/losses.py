"""The article's losses, number by number: a part of the Inside tab."""

from __future__ import annotations

from collections.abc import Sequence

from explain.anatomy.records import ArticleLoss
from explain.render.templates import draw


def losses(sections: Sequence[ArticleLoss]) -> str:
    """One card per section: labels, every term of both models, and the mean."""
    return draw("losses.html", "losses", sections)


def invitation() -> str:
    """Before they are computed, where that takes ten checkpoints."""
    return draw(
        "components.html", "quiet",
        "Press the button: ten checkpoints of the base pair are needed, some of them not yet here.",
    )  # fmt: skip
