"""Records to plotly figures, for light and dark pages and for a phone.

Backgrounds are transparent, grid lines translucent, text mid-grey (the page's style sheet sharpens
it); titles are the page's business. The teacher is blue, above or left; the student amber. A number
stands beside every mark.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import plotly.graph_objects as go

from explain.anatomy.records import HiddenState
from explain.article.facts import Change, Comparison, Figure

TEACHER, STUDENT = "#3b82f6", "#d97706"  # readable on white and on slate
TEXT, GRID = "#858a94", "rgba(133, 138, 148, 0.25)"
NAMES = {"teacher": "BERT", "student": "DistilBERT"}
DIVERGING = (
    (0.0, "rgba(217, 119, 6, 1)"),
    (0.5, "rgba(133, 138, 148, 0)"),
    (1.0, "rgba(59, 130, 246, 1)"),
)
MOST_PIECES = 32  # rows of a picture of hidden states


def dots(rows: Sequence[Comparison]) -> go.Figure:
    """A line of two dots for each row: how far apart teacher and student are, first row on top."""
    figure = go.Figure()
    gap_x = [x for row in rows for x in (row.teacher, row.student, None)]
    gap_y = [y for row in rows for y in (row.label, row.label, None)]
    figure.add_scatter(
        x=gap_x, y=gap_y, mode="lines", line={"color": GRID, "width": 6}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip
    for role, colour in (("teacher", TEACHER), ("student", STUDENT)):
        own = [getattr(row, role) for row in rows]
        ahead = [getattr(row, role) >= min(row.teacher, row.student) + 1e-9 for row in rows]
        figure.add_scatter(
            x=own,
            y=[row.label for row in rows],
            mode="markers+text",
            name=NAMES[role],
            text=[f"{number:.{row.digits}f}" for number, row in zip(own, rows, strict=True)],
            textposition=["middle right" if right else "middle left" for right in ahead],
            textfont={"color": colour, "size": 13},
            marker={"color": colour, "size": 12, "symbol": _SYMBOLS[role]},
            customdata=[f"{row.unit}; {row.remark}" for row in rows],
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra>" + NAMES[role] + "</extra>",
        )
    low = min(min(row.teacher, row.student) for row in rows)
    high = max(max(row.teacher, row.student) for row in rows)
    space = 0.2 * (high - low) + 1
    figure.update_xaxes(range=[low - space, high + space])
    return _in_rows(figure, len(rows), 40, 0.36, legend=True)


def bars(rows: Sequence[Comparison], suffix: str = "") -> go.Figure:
    """Two bars from zero for each row, the number at the end."""
    figure = go.Figure()
    for role, colour in (("teacher", TEACHER), ("student", STUDENT)):
        own = [getattr(row, role) for row in rows]
        figure.add_bar(
            x=own,
            y=[row.label for row in rows],
            orientation="h",
            name=NAMES[role],
            marker={"color": colour, "cornerradius": 4},
            text=[f"{n:,.{row.digits}f}{suffix}" for n, row in zip(own, rows, strict=True)],
            textposition="outside",
            cliponaxis=False,
            customdata=[row.remark for row in rows],
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra>" + NAMES[role] + "</extra>",
        )
    figure.update_xaxes(range=[0, 1.2 * max(row.student for row in rows)])
    return _in_rows(figure, len(rows), 84, 0.58, legend=True)


def parameters(rows: Sequence[Comparison]) -> go.Figure:
    """Two stacked bars: where the parameters of teacher and student are, in millions."""
    figure = go.Figure()
    totals = [sum(getattr(row, role) for row in rows) / 1e6 for role in ("teacher", "student")]
    names = [
        f"<b>{name}</b> {total:.1f} M"
        for name, total in zip(("BERT", "DistilBERT"), totals, strict=True)
    ]
    for row, fills, texts in zip(rows, _SHADES, _ON_SHADES, strict=False):
        counts = [row.teacher / 1e6, row.student / 1e6]
        figure.add_bar(
            x=counts,
            y=names,
            orientation="h",
            marker={"color": fills, "line": {"width": 0}},
            text=[f"{row.label}<br>{count:.1f} M" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": texts},
            hovertemplate="%{y}<br>" + row.label + ": %{x:.3f} million<extra></extra>",
        )
    figure.update_xaxes(range=[0, 1.01 * max(totals)])
    figure.update_layout(barmode="stack", uniformtext={"minsize": 9, "mode": "hide"})
    return _in_rows(figure, 2, 78, 0.58)


def losses(rows: Sequence[Figure], here: Sequence[Change] = ()) -> go.Figure:
    """One bar for each part of the recipe: the points lost without it; a second for `here`."""
    figure = go.Figure()
    found = {change.part: change for change in here}
    own = [found[row.remark] for row in rows] if here else []
    _add_losses(figure, rows, [row.value for row in rows], "paper, GLUE", STUDENT)
    if own:
        _add_losses(figure, rows, [change.value for change in own], "here, five tasks", "#efb261")
        figure.data[1].error_x = {
            "type": "data",
            "symmetric": False,
            "array": [change.value - change.low for change in own],
            "arrayminus": [change.high - change.value for change in own],
            "color": TEXT,
            "thickness": 1.5,
        }
    ends = [-row.value for row in rows] + [-change.low for change in own]
    least = min(0.0, *(-change.high for change in own)) if own else 0.0
    figure.update_xaxes(range=[1.2 * least, 1.2 * max(ends)])
    return _in_rows(figure, len(rows), 84 if own else 48, 0.58 if own else 0.42, bool(own))


def _add_losses(
    figure: go.Figure, rows: Sequence[Figure], changes: Sequence[float], name: str, colour: str
) -> None:
    figure.add_bar(
        x=[-change for change in changes],
        y=[row.remark for row in rows],
        orientation="h",
        name=name,
        marker={"color": colour, "cornerradius": 4},
        text=[f"{change:+.2f}".replace("-", "\N{MINUS SIGN}") for change in changes],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text} points<extra></extra>",
    )


def reach(states: Sequence[HiddenState]) -> float:
    """The value that gets the full colour: 99 % of the values shown are within plus or minus."""
    values = sorted(abs(x) for state in states for row in state.values[:MOST_PIECES] for x in row)
    return values[int(0.99 * (len(values) - 1))]


def hidden_state(state: HiddenState, limit: float) -> go.Figure:
    """One row a piece, one column a dimension; amber below zero, blue above, full at `limit`."""
    rows = state.values[:MOST_PIECES]
    figure = go.Figure()
    figure.add_heatmap(
        z=[[round(number, 2) for number in row] for row in rows],
        colorscale=[list(stop) for stop in DIVERGING],
        zmin=-limit,
        zmax=limit,
        showscale=False,
        hovertemplate="dimension %{x}: %{z}<extra></extra>",
    )
    _name_pieces(figure, state.pieces[: len(rows)])
    figure.update_xaxes(showgrid=False, nticks=6)
    return plain(figure, 60 + 24 * len(rows), showlegend=False)


def cosines(pieces: Sequence[str], values: Sequence[float]) -> go.Figure:
    """One bar a piece: how far the student's hidden state points the teacher's way."""
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
    _name_pieces(figure, pieces[: len(shown)])
    figure.update_xaxes(range=[min(0.0, *shown) * 1.15, 1.12], tickvals=[0, 0.5, 1])
    return plain(figure, 60 + 24 * len(shown), showlegend=False, bargap=0.3)


_SHADES = (("#2563eb", "#d97706"), ("#8db4f7", "#efb261"), ("#c7dbfb", "#f8dcb0"))
_ON_SHADES = (("#ffffff", "#1c1004"), ("#0f172a", "#1c1004"), ("#0f172a", "#1c1004"))
_SYMBOLS = {"teacher": "circle", "student": "diamond"}


def _name_pieces(figure: go.Figure, pieces: Sequence[str]) -> None:
    """Pieces as row names, first on top; by number, for a piece may occur twice."""
    figure.update_yaxes(
        tickvals=list(range(len(pieces))),
        ticktext=[html.escape(piece) for piece in pieces],
        autorange="reversed",
        showgrid=False,
    )


def _in_rows(
    figure: go.Figure, rows: int, pitch: int, thickness: float, legend: bool = False
) -> go.Figure:
    """Rows `pitch` pixels apart, marks `thickness` of that, names above the marks.

    So a phone's whole width is for the marks.
    """
    figure.update_yaxes(
        range=[rows - 0.5, -thickness / 2 - 24 / pitch],
        ticklabelposition="inside top",
        ticklabelshift=round(pitch * thickness / 2) + 2,
    )
    figure.update_xaxes(showgrid=False, showticklabels=False)
    height = round(pitch * (rows - 0.5 + thickness / 2)) + (80 if legend else 40)
    return plain(figure, height, showlegend=legend, bargap=1 - thickness)


def plain(figure: go.Figure, height: int, **layout: object) -> go.Figure:
    """The page's manner: nothing moves, no ground of its own; `layout` goes before it."""
    manner = {
        "template": "none",
        "height": height,
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": TEXT, "size": 13, "family": "system-ui, sans-serif"},
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "legend": {"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0.5, "xanchor": "center"},
        "hoverlabel": {"font": {"size": 13}},
        "dragmode": False,
    }
    figure.update_layout(manner | layout)
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    figure.update_yaxes(showgrid=False, zeroline=False, automargin=True, fixedrange=True, ticks="")
    return figure
