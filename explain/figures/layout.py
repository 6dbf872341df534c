"""The layout that all figures share, for light and dark pages and for a phone.

Backgrounds are transparent, grid lines translucent, text mid-grey (the page's style sheet sharpens
it). A figure below a heading of its own has no title. The teacher is blue and round, above or left;
the student amber and pointed. A number stands beside every mark.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import plotly.graph_objects as go

TEACHER, STUDENT = "#3b82f6", "#d97706"  # readable on white and on slate
TEXT, GRID = "#858a94", "rgba(133, 138, 148, 0.25)"
COLOURS = {"teacher": TEACHER, "student": STUDENT}
SYMBOLS = {"teacher": "circle", "student": "diamond"}


def styled(figure: go.Figure, height: int, **layout: object) -> go.Figure:
    """Transparent, without zoom or grid; `layout` takes precedence."""
    common = {
        "template": "none",
        "height": height,
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": TEXT, "size": 13, "family": "system-ui, sans-serif"},
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "legend": _legend(-0.02, "top", 0.5, "center"),
        "hoverlabel": {"font": {"size": 13}},
        "dragmode": False,
    }
    figure.update_layout(common | layout)
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    figure.update_xaxes(title_font={"size": 13})
    figure.update_yaxes(title_font={"size": 13})
    figure.update_yaxes(showgrid=False, zeroline=False, automargin=True, fixedrange=True, ticks="")
    return figure


def with_grid(figure: go.Figure, height: int, title: str = "", legend: bool = False) -> go.Figure:
    """With horizontal grid lines, a title, and the legend below the axis where there is one."""
    margin = {"l": 8, "r": 12, "t": 40 if title else 12, "b": 8}
    styled(figure, height, showlegend=legend, margin=margin, legend=_legend(-0.24, "top", 0))
    if title:
        font = {"size": 15, "weight": 600}
        place = {"x": 0.01, "xref": "container", "y": 1, "yref": "paper", "yanchor": "bottom"}
        figure.update_layout(title={"text": title, "font": font, "pad": {"b": 14}, **place})
    return _horizontal_lines(figure)


def with_grid_and_legend_below(figure: go.Figure, height: int) -> go.Figure:
    """With horizontal grid lines, and the legend below the axis."""
    legend = _legend(-0.1, "top", 0.5, "center")
    styled(figure, height, legend=legend, hovermode="closest")
    return _horizontal_lines(figure)


def in_rows(
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
    height = round(pitch * (rows - 0.5 + thickness / 2)) + (110 if legend else 60)
    below = _legend(-46 / height, "top", 0.5, "center")  # and below the title of the axis
    return styled(figure, height, showlegend=legend, bargap=1 - thickness, legend=below)


def name_pieces(figure: go.Figure, pieces: Sequence[str], axis: str = "y") -> None:
    """Word pieces as names of rows or columns; by number, for a piece may occur twice."""
    names = [html.escape(piece) for piece in pieces]
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False}
    if axis == "y":
        figure.update_yaxes(**ticks, autorange="reversed")
    else:
        figure.update_xaxes(**ticks, tickangle=-60)


def logarithmic(figure: go.Figure, low: float, high: float) -> None:
    """A vertical axis from `low` to `high` with plain numbers at 1, 2, 5, 10, ..."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    figure.update_yaxes(
        type="log",
        tickvals=marks,
        ticktext=[f"{mark:,.6g}" for mark in marks],
        range=[math.log10(low) - 0.08, math.log10(high) + 0.08],
    )


def add_stacked_bars(
    figure: go.Figure,
    part: str,
    values: Sequence[float],
    names: Sequence[str],
    unit: str,
    digits: int,
    **style: object,
) -> None:
    """One part of every horizontal stacked bar, its name and value inside."""
    figure.add_bar(
        x=list(values),
        y=list(names),
        orientation="h",
        name=part,
        text=[f"{part}<br>{value:.{digits}f} {unit}" for value in values],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        **style,
    )
    figure.update_layout(barmode="stack", uniformtext={"minsize": 9, "mode": "hide"})


def _legend(y: float, yanchor: str, x: float, xanchor: str | None = None) -> dict[str, object]:
    place = {"orientation": "h", "y": y, "yanchor": yanchor, "x": x}
    return place | ({"xanchor": xanchor} if xanchor else {})


def _horizontal_lines(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(showgrid=False)
    return figure.update_yaxes(showgrid=True, gridcolor=GRID)
