"""Sweeps as plotly figures: times and rates against length and batch, and time by part."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from explain.figures.common import TEXT
from explain.figures.race import MARKS, level, logarithmic
from explain.race.records import CONTESTANTS, Point, Shares


def sweep(points: Sequence[Point], what: str) -> go.Figure:
    """Median ms a pass and its quartiles against `length` or `batch`, both axes logarithmic."""
    figure = go.Figure()
    own = [one for one in points if one.what == what]
    for key in dict.fromkeys(one.contestant for one in own):
        line = [one for one in own if one.contestant == key]
        _line(figure, key, line, [one.middle for one in line])
        figure.data[-1].update(
            error_y={
                "array": [one.high - one.middle for one in line],
                "arrayminus": [one.middle - one.low for one in line],
                "thickness": 1.5,
            },
            hovertemplate="%{x}: %{y:.2f} ms<extra></extra>",
        )
    title = "word pieces a text" if what == "length" else "texts a pass"
    edges = [edge for one in own for edge in (one.low, one.high)]
    return _doubling(figure, [one.value for one in own], edges, title, "ms a pass")


def throughput(points: Sequence[Point]) -> go.Figure:
    """Texts a second against the batch size."""
    figure = go.Figure()
    own = [one for one in points if one.what == "batch"]
    for key in dict.fromkeys(one.contestant for one in own):
        line = [one for one in own if one.contestant == key]
        _line(figure, key, line, [one.rate for one in line])
        figure.data[-1].update(hovertemplate="%{x}: %{y:,.0f} texts a second<extra></extra>")
    rates = [one.rate for one in own]
    return _doubling(figure, [n.value for n in own], rates, "texts a pass", "texts a second")


def shares(rows: Sequence[Shares]) -> go.Figure:
    """One stacked bar a contestant: milliseconds in embeddings, layers and head."""
    figure = go.Figure()
    names = [CONTESTANTS[row.contestant].name for row in rows]
    for part, opacity in (("embeddings", 0.45), ("layers", 1.0), ("head", 0.7)):
        values = [getattr(row, part) for row in rows]
        figure.add_bar(
            x=values,
            y=names,
            orientation="h",
            name=part,
            marker={"color": [MARKS[row.contestant][0] for row in rows], "opacity": opacity},
            text=[f"{part}<br>{value:.2f} ms" for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "#ffffff" if part == "layers" else TEXT},
            hovertemplate="%{y}, " + part + ": %{x:.3f} ms<extra></extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.35, uniformtext={"minsize": 9, "mode": "hide"})
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title="ms a pass")
    return level(figure, 90 + 62 * len(rows), False)


def _line(figure: go.Figure, key: str, line: Sequence[Point], values: Sequence[float]) -> None:
    colour, symbol = MARKS[key]
    figure.add_scatter(
        x=[one.value for one in line],
        y=list(values),
        mode="lines+markers",
        name=CONTESTANTS[key].name,
        line={"color": colour, "width": 2.5},
        marker={"symbol": symbol, "size": 9},
    )


def _doubling(
    figure: go.Figure,
    values: Sequence[int],
    heights: Sequence[float],
    below: str,
    beside: str,
) -> go.Figure:
    """Two logarithmic axes with plain numbers at the ticks."""
    ticks = sorted(set(values))
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[str(n) for n in ticks], title=below)
    logarithmic(figure, min(heights, default=1.0), max(heights, default=10.0))
    figure.update_yaxes(title=beside)
    return level(figure, 340, True)
