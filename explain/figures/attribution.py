"""Faithfulness and attention as plotly figures: the Why? panel."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from explain.figures.layout import (
    COLOURS,
    name_pieces,
    with_grid_and_legend_below,
)
from explain.records import MODEL_NAMES, ROLES

if TYPE_CHECKING:
    from explain.attribution.results import Attention, Faithfulness

MOST_PIECES = 40  # columns of a heat map


def deletion(results: Sequence[Faithfulness]) -> go.Figure:
    """F as more and more words are replaced: by score, in random order, and the best order found.

    F is placed between the lowest (0) and the highest (1) that the model's curves reach, so that
    two models compare and a fall is drawn as a fall, also where F of the baseline is the higher.
    """
    figure = go.Figure()
    for role, result in zip(ROLES, results, strict=False):
        every = (*result.deletion, *result.deletion_chance, *result.deletion_best)
        bottom, top = min(every), max(every)
        share = [100 * i / max(1, len(result.units)) for i in range(len(result.deletion))]
        for values, name, dash, width in (
            (result.deletion, "by score", "solid", 3),
            (result.deletion_chance, "random order", "dot", 2),
            (result.deletion_best, "best found", "dash", 1),
        ):
            figure.add_scatter(
                x=share,
                y=[(v - bottom) / (top - bottom) if top != bottom else 0.0 for v in values],
                mode="lines",
                name=f"{MODEL_NAMES[role]}, {name}",
                line={"color": COLOURS[role], "dash": dash, "width": width},
                customdata=list(values),
                hovertemplate="%{x:.0f} % of the words replaced: F %{customdata:+.2f}"
                f"<extra>{MODEL_NAMES[role]}, {name}</extra>",
            )
    figure.update_xaxes(ticksuffix=" %")
    return with_grid_and_legend_below(figure, 400)


def attention(result: Attention, role: str) -> go.Figure:
    """One row per layer, one column per piece: attention to it from the place of the answer."""
    sums = [sum(column) for column in zip(*result.layers, strict=True)]
    most = sorted(sorted(range(len(sums)), key=lambda i: -sums[i])[:MOST_PIECES])
    pieces = [result.pieces[i].text for i in most]
    figure = go.Figure()
    figure.add_heatmap(
        z=[[round(row[i], 4) for i in most] for row in result.layers],
        x=list(range(len(most))),
        y=[f"layer {n}" for n in range(1, len(result.layers) + 1)],
        colorscale=[[0, "rgba(133, 138, 148, 0)"], [1, COLOURS[role]]],
        zmin=0,
        showscale=False,
        customdata=[[html.escape(piece) for piece in pieces]] * len(result.layers),
        hovertemplate="%{y}, %{customdata}: %{z:.1%}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed")
    name_pieces(figure, pieces, axis="x")
    return with_grid_and_legend_below(figure, 120 + 26 * len(result.layers))
