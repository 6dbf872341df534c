"""Hidden states as plotly figures: the Inside tab."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from explain.anatomy.records import HiddenState
from explain.figures.layout import STUDENT, name_pieces, styled

DIVERGING = (  # the signs' own colours: blue and amber are the two models
    (0.0, "rgba(147, 51, 200, 1)"),
    (0.5, "rgba(133, 138, 148, 0)"),
    (1.0, "rgba(27, 158, 75, 1)"),
)
MOST_PIECES = 32  # rows of a heat map


def reach(states: Sequence[HiddenState]) -> float:
    """The value that gets the full colour: 99 % of the values shown are within plus or minus."""
    values = sorted(abs(x) for state in states for row in state.values[:MOST_PIECES] for x in row)
    return values[int(0.99 * (len(values) - 1))]


def hidden_state(state: HiddenState, limit: float) -> go.Figure:
    """One row per piece, one column per dimension; purple below 0, green above, full at `limit`."""
    rows = state.values[:MOST_PIECES]
    figure = go.Figure()
    figure.add_heatmap(
        z=[[round(value, 2) for value in row] for row in rows],
        colorscale=[list(stop) for stop in DIVERGING],
        zmin=-limit,
        zmax=limit,
        showscale=False,
        hovertemplate="dimension %{x}: %{z}<extra></extra>",
    )
    name_pieces(figure, state.pieces[: len(rows)])
    figure.update_xaxes(showgrid=False, nticks=6, title="dimension")
    return styled(figure, 80 + 24 * len(rows), showlegend=False)


def cosines(pieces: Sequence[str], values: Sequence[float]) -> go.Figure:
    """One bar per piece: the cosine of the student's hidden state and the teacher's."""
    shown = list(values[:MOST_PIECES])
    figure = go.Figure()
    figure.add_bar(
        x=shown,
        y=list(range(len(shown))),
        orientation="h",
        marker={"color": STUDENT, "cornerradius": 3},
        text=[f"{value:.2f}" for value in shown],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="cosine %{x:.3f}<extra></extra>",
    )
    name_pieces(figure, pieces[: len(shown)])
    figure.update_xaxes(range=[min(0.0, *shown) * 1.15, 1.12], tickvals=[0, 0.5, 1], title="cosine")
    return styled(figure, 80 + 24 * len(shown), showlegend=False, bargap=0.3)
