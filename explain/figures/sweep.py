"""Sweeps as plotly figures: times and rates against length and batch, and time by part."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from explain.figures.layout import TEXT, add_stacked_bars, logarithmic, with_grid
from explain.figures.race import MARKS
from explain.race.records import CONTESTANTS, PartTimes, Point


def sweep(points: Sequence[Point], what: str) -> go.Figure:
    """Median ms per pass and its quartiles against `length` or `batch`, both axes logarithmic."""
    figure = go.Figure()
    shown = [point for point in points if point.what == what]
    for key in dict.fromkeys(point.contestant for point in shown):
        line = [point for point in shown if point.contestant == key]
        _line(figure, key, line, [point.middle for point in line])
        figure.data[-1].update(
            error_y={
                "array": [point.high - point.middle for point in line],
                "arrayminus": [point.middle - point.low for point in line],
                "thickness": 1.5,
            },
            hovertemplate="%{x}: %{y:.2f} ms<extra></extra>",
        )
    title = "word pieces per text" if what == "length" else "texts per pass"
    edges = [edge for point in shown for edge in (point.low, point.high)]
    above = "Time by length of the texts" if what == "length" else "Time by number of texts"
    values = [point.value for point in shown]
    return _doubling(figure, values, edges, title, "ms per pass", above)


def throughput(points: Sequence[Point]) -> go.Figure:
    """Texts per second against the batch size."""
    figure = go.Figure()
    shown = [point for point in points if point.what == "batch"]
    for key in dict.fromkeys(point.contestant for point in shown):
        line = [point for point in shown if point.contestant == key]
        _line(figure, key, line, [point.rate for point in line])
        figure.data[-1].update(hovertemplate="%{x}: %{y:,.0f} texts per second<extra></extra>")
    sizes, rates = [point.value for point in shown], [point.rate for point in shown]
    above = "Throughput by number of texts"
    return _doubling(figure, sizes, rates, "texts per pass", "texts per second", above)


def shares(rows: Sequence[PartTimes]) -> go.Figure:
    """One stacked bar per contestant: milliseconds in embeddings, layers and head."""
    figure = go.Figure()
    names = [CONTESTANTS[row.contestant].name for row in rows]
    for part, opacity in (("embeddings", 0.45), ("layers", 1.0), ("head", 0.7)):
        values = [getattr(row, part) for row in rows]
        add_stacked_bars(
            figure, part, values, names, "ms", 2,
            marker={"color": [MARKS[row.contestant][0] for row in rows], "opacity": opacity},
            insidetextfont={"color": "#ffffff" if part == "layers" else TEXT},
            hovertemplate="%{y}, " + part + ": %{x:.3f} ms<extra></extra>",
        )  # fmt: skip
    figure.update_layout(bargap=0.35)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title="ms per pass")
    return with_grid(figure, 120 + 62 * len(rows), "Time of one pass, by part")


def _line(figure: go.Figure, key: str, line: Sequence[Point], values: Sequence[float]) -> None:
    colour, symbol = MARKS[key]
    figure.add_scatter(
        x=[point.value for point in line],
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
    above: str,
) -> go.Figure:
    """Two logarithmic axes with plain numbers at the ticks, their titles, and one of the figure."""
    ticks = sorted(set(values))
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[str(n) for n in ticks], title=below)
    logarithmic(figure, min(heights, default=1.0), max(heights, default=10.0))
    figure.update_yaxes(title=beside)
    return with_grid(figure, 360, above, legend=True)
