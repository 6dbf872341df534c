"""The scores of both models on every test set, as one picture for the README.

Each row is a set, each dot a model with its 95 % interval; the teacher is blue, the student amber.
Drawn with matplotlib, which Captum requires; the figures of the page are drawn with plotly.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distill.score_tables import LABELS
from explain.evaluation import heads
from explain.heads.registry import HEADS

Report = dict[str, Any]

PLOT = "scores.svg"
COLUMNS = 2
INK, GRID = "#1f2937", "#e5e7eb"
STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: small, sharp, and found by a search
    "svg.hashsalt": "scores",  # the same scores give the same file
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
SIDES = (("teacher", "#2563eb", "o", -0.15), ("student", "#d97706", "D", 0.15))


def draw(report: Report, path: Path) -> None:
    """Write the picture of `scores.json` to an SVG file."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    reports = report["heads"]
    columns = _columns({head: len(result["sets"]) for head, result in reports.items()})
    with rc_context(STYLE):
        figure = Figure(figsize=(9.2, 6.4), layout="constrained", facecolor="white")
        for number, column in enumerate(columns):
            ratios = [2 + len(reports[head]["sets"]) for head in column]
            part = figure.add_subfigure(figure.add_gridspec(1, len(columns))[number])
            axes = part.subplots(len(column), squeeze=False, height_ratios=ratios)[:, 0]
            for axis, head in zip(axes, column, strict=True):
                _panel(axis, head, reports[head]["sets"])
        handles, roles = axes[-1].get_legend_handles_labels()
        names = [report["models"][role]["name"] for role in roles]
        figure.legend(handles, names, loc="outside upper center", ncols=2, frameon=False)
        figure.savefig(path, metadata={"Date": None})


def _columns(sizes: Mapping[str, int]) -> list[list[str]]:
    """The heads in columns of similar height, the largest ones first."""
    columns: list[list[str]] = [[] for _ in range(min(COLUMNS, len(sizes)))]
    for head in sorted(sizes, key=lambda head: -sizes[head]):
        min(columns, key=lambda column: sum(sizes[head] for head in column)).append(head)
    return columns


def _panel(axis: Any, head: str, sets: Report) -> None:
    metric = HEADS[head].metric
    scale = heads.of(head).metric(metric).scale
    for role, colour, mark, shift in SIDES:
        scores = [result[role][metric] for result in sets.values()]
        values = [scale * score["value"] for score in scores]
        bars = [
            [scale * (score["value"] - score["low"]) for score in scores],
            [scale * (score["high"] - score["value"]) for score in scores],
        ]
        axis.errorbar(
            values, [row + shift for row in range(len(sets))], xerr=bars, fmt=mark, label=role,
            color=colour, markersize=5, elinewidth=1.4,
        )  # fmt: skip
    axis.set_yticks(range(len(sets)), [name.partition("_")[2] for name in sets])
    axis.set_ylim(len(sets) - 0.5, -0.5)
    title = f"{HEADS[head].title}, {LABELS[metric]}"
    axis.set_title(title, fontsize=9.5, loc="left", weight="bold")
    axis.grid(axis="x", color=GRID)
    axis.set_axisbelow(True)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
