"""Small line charts as inline SVG: light enough to be sent anew every second, and for any width.

Lines differ in colour and in dashes, and their last values stand beside the title as text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from explain.render.formats import significant
from explain.render.templates import draw

WIDTH, HEIGHT = 100.0, 40.0  # of the drawing, stretched to its place on the page


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: teacher, student or rival."""

    style: str
    points: Sequence[tuple[float, float]]


def chart(
    title: str,
    lines: Sequence[Line],
    text: str,
    *,
    across: tuple[float, float] | None = None,
    height: tuple[float, float] | None = None,
    level: float | None = None,
    marked: float | None = None,
    ends: str = "",
    share: bool = False,
    logarithmic: str = "",
    key: str = "",
) -> str:
    """The chart with its title and `text`, its values in words.

    `across` and `height` are the ends of the axes, by default those of the points, and 0 below;
    `level` is the teacher's, a horizontal line; `marked` a place on the horizontal axis, whose
    unit is `ends`; with `share` the heights are written as per cent; `logarithmic` names axes, of
    "xy"; `key` marks the text for the page's script.
    """
    xs = [x for line in lines for x, _ in line.points] or [0.0, 1.0]
    ys = [y for line in lines for _, y in line.points] or [0.0, 1.0]
    left, right = across or (min(xs), max(xs))
    low, high = height or (min(ys) if "y" in logarithmic else 0.0, max(ys) or 1.0)

    def place(x: float) -> float:
        return _scaled(x, left, right, WIDTH, "x" in logarithmic)

    def rise(y: float) -> float:
        return HEIGHT - _scaled(y, low, high, HEIGHT, "y" in logarithmic)

    drawn = [
        (line.style, " ".join(f"{place(x):.2f},{rise(y):.2f}" for x, y in line.points))
        for line in lines
    ]
    top = f"{100 * high:.0f} %" if share else significant(high, 2)
    return draw(
        "distillation.html", "chart", title, text, drawn, (top, significant(low, 2)),
        (significant(left, 3), f"{significant(right, 3)} {ends}"),
        None if level is None else rise(level),
        None if marked is None else place(marked), key,
    )  # fmt: skip


def _scaled(value: float, low: float, high: float, size: float, logarithmic: bool) -> float:
    if logarithmic:
        value, low, high = (math.log(max(number, 1e-12)) for number in (value, low, high))
    return size * (value - low) / (high - low) if high > low else 0.0
