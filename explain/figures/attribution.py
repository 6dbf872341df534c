"""Faithfulness and attention as plotly figures: the Why? panel."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from explain.figures.layout import (
    COLOURS,
    name_pieces,
    with_grid_and_legend_below,
)

if TYPE_CHECKING:
    from explain.attribution.results import Attention, Faithfulness

MOST_PIECES = 40  # columns of a heat map


def deletion(result: Faithfulness, role: str) -> go.Figure:
    """F of one model as more and more words are replaced: by score, at random, and the best order.

    F is placed between the lowest (0) and the highest (1) that the model's curves reach, so that
    two models compare and a fall is drawn as a fall, also where F of the baseline is the higher.
    """
    figure = go.Figure()
    every = (*result.deletion, *result.deletion_chance, *result.deletion_best)
    bottom, top = min(every), max(every)
    share = [100 * i / max(1, len(result.units)) for i in range(len(result.deletion))]
    for values, name, dash, width in (
        (result.deletion, "highest scores first", "solid", 3),
        (result.deletion_chance, "random order", "dot", 2),
        (result.deletion_best, "best order found", "dash", 2),
    ):
        figure.add_scatter(
            x=share,
            y=[(v - bottom) / (top - bottom) if top != bottom else 0.0 for v in values],
            mode="lines",
            name=name,
            line={"color": COLOURS[role], "dash": dash, "width": width},
            customdata=list(values),
            hovertemplate="%{x:.0f} % of the words replaced: %{customdata:+.2f} logits"
            f"<extra>{name}</extra>",
        )
    figure.update_xaxes(title="words replaced, %", range=[-2, 102], tickvals=[0, 25, 50, 75, 100])
    figure.update_yaxes(
        title="explained number", tickvals=[0, 0.5, 1], ticktext=["lowest", "", "highest"],
        range=[-0.04, 1.04],
    )  # fmt: skip
    with_grid_and_legend_below(figure, 330)
    margin = {"l": 8, "r": 24, "t": 12, "b": 8}
    return figure.update_layout(legend={"y": 1.02, "yanchor": "bottom"}, margin=margin)


def attention(result: Attention, role: str, highest: float) -> go.Figure:
    """One row per layer, one column per piece: attention to it from the place of the answer.

    `highest` has the full colour: the same for both models, so that their pictures compare.
    """
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
        zmax=highest,
        colorbar={
            "orientation": "h",
            "thickness": 10,
            "len": 0.6,
            "y": 1.0,
            "yanchor": "bottom",
            "tickvals": [0, highest / 2, highest],
            "tickformat": ".0%",
            "outlinewidth": 0,
        },
        customdata=[[html.escape(piece) for piece in pieces]] * len(result.layers),
        hovertemplate="%{y}, %{customdata}: %{z:.1%}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed")
    name_pieces(figure, pieces, axis="x")
    return with_grid_and_legend_below(figure, 160 + 26 * len(result.layers))
