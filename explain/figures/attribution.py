"""Faithfulness and attention to plotly figures, in the looks of `explain.figures`."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from explain.figures.common import GRID, NAMES, STUDENT, TEACHER, plain

if TYPE_CHECKING:
    from explain.attribution.results import Attention, Faithfulness

ROLES = ("teacher", "student")
COLOURS = {"teacher": TEACHER, "student": STUDENT}
MOST_PIECES = 40  # columns of a picture of attention


def deletion(found: Sequence[Faithfulness]) -> go.Figure:
    """F as more and more words are replaced: by score, in random order, and the best order found.

    F is placed between the lowest (0) and the highest (1) that the model's curves reach, so that
    two models compare and a fall is drawn as a fall, also where F of the baseline is the higher.
    """
    figure = go.Figure()
    for role, one in zip(ROLES, found, strict=False):
        every = (*one.deletion, *one.deletion_chance, *one.deletion_best)
        bottom, top = min(every), max(every)
        share = [100 * i / max(1, len(one.units)) for i in range(len(one.deletion))]
        for values, name, dash, width in (
            (one.deletion, "by score", "solid", 3),
            (one.deletion_chance, "random order", "dot", 2),
            (one.deletion_best, "best found", "dash", 1),
        ):
            figure.add_scatter(
                x=share,
                y=[(v - bottom) / (top - bottom) if top != bottom else 0.0 for v in values],
                mode="lines",
                name=f"{NAMES[role]}, {name}",
                line={"color": COLOURS[role], "dash": dash, "width": width},
                customdata=list(values),
                hovertemplate="%{x:.0f} % of the words replaced: F %{customdata:+.2f}"
                f"<extra>{NAMES[role]}, {name}</extra>",
            )
    figure.update_xaxes(ticksuffix=" %", showgrid=False)
    return _gridded(figure, 400)


def attention(one: Attention, role: str) -> go.Figure:
    """One row a layer, one column a piece: how much the answer's place looks at it."""
    means = [sum(column) for column in zip(*one.layers, strict=True)]
    most = sorted(sorted(range(len(means)), key=lambda i: -means[i])[:MOST_PIECES])
    figure = go.Figure()
    figure.add_heatmap(
        z=[[round(row[i], 4) for i in most] for row in one.layers],
        x=list(range(len(most))),
        y=[f"layer {n}" for n in range(1, len(one.layers) + 1)],
        colorscale=[[0, "rgba(133, 138, 148, 0)"], [1, COLOURS[role]]],
        zmin=0,
        showscale=False,
        customdata=[[html.escape(one.pieces[i].text) for i in most]] * len(one.layers),
        hovertemplate="%{y}, %{customdata}: %{z:.1%}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(
        tickvals=list(range(len(most))),
        ticktext=[html.escape(one.pieces[i].text) for i in most],
        tickangle=-60,
        showgrid=False,
    )
    return _gridded(figure, 120 + 26 * len(one.layers))


def _gridded(figure: go.Figure, height: int) -> go.Figure:
    legend = {"orientation": "h", "y": -0.1, "yanchor": "top", "x": 0.5, "xanchor": "center"}
    plain(figure, height, legend=legend, hovermode="closest")
    return figure.update_yaxes(showgrid=True, gridcolor=GRID)
