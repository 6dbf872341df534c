"""Races as plotly figures, and accuracy against latency, in the page's manner.

Teacher in blues and round, student in ambers and pointed; every precision has its own mark, so
colour is never the only signal. Backgrounds are transparent; titles are the page's business.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import plotly.graph_objects as go

from explain.figures.common import GRID, TEXT, plain
from explain.race.records import CONTESTANTS, Mark, Pass, Settings
from explain.statistics import Interval

MARKS = {  # colour, symbol
    "teacher": ("#3b82f6", "circle"),
    "student": ("#d97706", "diamond"),
    "teacher-bfloat16": ("#0891d1", "circle-open"),
    "student-bfloat16": ("#e08a00", "diamond-open"),
    "teacher-int8": ("#6d7cf5", "circle-x-open"),
    "student-int8": ("#c2570c", "diamond-x-open"),
    "full-teacher": ("#2f6fe4", "square"),
    "full-student": ("#dd6b20", "star-diamond"),
}
FRAME = 2.5  # of the slowest contestant's median: passes above are drawn at the upper edge
BAND = "rgba(217, 119, 6, 0.22)"


def laps(settings: Settings, passes: Sequence[Pass]) -> go.Figure:
    """One mark a pass: its lap and its ms; passes of the warm-up are left out."""
    figure, hidden = go.Figure(), 0
    own = {
        key: [one for one in passes if one.contestant == key and one.lap >= 0]
        for key in settings.contestants
    }
    medians = [median(one.forward for one in some) for some in own.values() if some]
    slowest = max((one.forward for some in own.values() for one in some), default=1.0)
    top = min(slowest, FRAME * max(medians, default=1.0))
    for key, some in own.items():
        colour, symbol = MARKS[key]
        hidden += sum(one.forward > top for one in some)
        figure.add_scatter(
            x=[one.lap + 1 + 0.3 * (one.direction - 0.5) for one in some],
            y=[min(round(one.forward, 3), top) for one in some],
            mode="markers",
            name=CONTESTANTS[key].name,
            marker={"color": colour, "symbol": symbol, "size": 8, "opacity": 0.85},
            customdata=[one.forward for one in some],
            hovertemplate="lap %{x:.0f}: %{customdata:.2f} ms<extra></extra>",
        )
    if medians and max(medians) > 8 * min(medians):
        low = min(one.forward for some in own.values() for one in some)
        logarithmic(figure, low, top)
    else:
        figure.update_yaxes(range=[0, 1.1 * top])
    if hidden:
        said = f"{hidden} passes took longer than shown" if hidden > 1 else "1 pass took longer"
        figure.add_annotation(text=said, x=1, y=1, xref="paper", yref="paper", showarrow=False)
    figure.update_xaxes(range=[0.2, settings.laps + 0.8], title="lap")
    figure.update_yaxes(title="ms a pass")
    return level(figure, 340, True)


def ratio(settings: Settings, trail: Sequence[tuple[int, Interval]], name: str) -> go.Figure:
    """The running ratio and its interval after so many laps; 1 is a dead heat."""
    figure = go.Figure()
    known = [(lap, one) for lap, one in trail if math.isfinite(one.high)]
    xs = [lap for lap, _ in known]
    figure.add_scatter(
        x=xs + xs[::-1],
        y=[one.low for _, one in known] + [one.high for _, one in reversed(known)],
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[lap for lap, _ in trail],
        y=[one.estimate for _, one in trail],
        mode="lines+markers",
        line={"color": MARKS["student"][0], "width": 3},
        marker={"size": 5},
        hovertemplate="%{x} laps: %{y:.3f} times as fast<extra></extra>",
    )
    figure.add_hline(y=1, line={"color": TEXT, "width": 1, "dash": "dot"})
    edges = [1.0, *(x for _, one in known for x in (one.low, one.high))]
    edges += [one.estimate for _, one in trail[-1:]]
    room = 0.12 * (max(edges) - min(edges)) + 0.01
    figure.update_yaxes(range=[min(edges) - room, max(edges) + room], title=name)
    figure.update_xaxes(range=[0, settings.laps + 0.8], title="laps")
    return level(figure, 340, False)


def picture(rows: Sequence[Mark]) -> go.Figure:
    """Accuracy against time a pass, each teacher's time as 1; published marks are crosses."""
    figure = go.Figure()
    for row in rows:
        colour, symbol = MARKS[row.key]
        figure.add_scatter(
            x=[row.time.estimate],
            y=[row.score.estimate],
            mode="markers+text",
            name=row.name,
            text=[row.name],
            textposition="bottom right" if _is_student(row) else "top left",  # clear of the pair
            textfont={"size": 13, "color": colour},
            marker={
                "color": colour,
                "symbol": "x-thin" if row.kind == "quoted" else symbol,
                "size": 13,
                "line": {"color": colour, "width": 3},
            },
            error_x=_error(row.time, colour),
            error_y=_error(row.score, colour),
            hovertemplate=f"{row.name}: {row.score.estimate:.1f} %, {row.time.estimate:.2f} of the "
            f"teacher’s time<br>{row.remark}<extra></extra>",
        )
    times = [edge for row in rows for edge in (row.time.low, row.time.high)]
    scores = [edge for row in rows for edge in (row.score.low, row.score.high)]
    figure.update_xaxes(range=[0, 1.25 * max(times)], title="time a pass (teacher: 1)")
    figure.update_yaxes(range=[min(scores) - 3, max(scores) + 3], title="sentiments right, %")
    return level(figure, 420, False)


def _is_student(row: Mark) -> bool:
    return CONTESTANTS[row.key].role == "student"


def _error(interval: Interval, colour: str) -> dict[str, object]:
    return {
        "array": [interval.high - interval.estimate],
        "arrayminus": [interval.estimate - interval.low],
        "color": colour,
        "thickness": 1.5,
    }


def logarithmic(figure: go.Figure, low: float, high: float) -> None:
    """An upright axis from `low` to `high` with plain numbers at 1, 2, 5, 10, ..."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    figure.update_yaxes(
        type="log",
        tickvals=marks,
        ticktext=[f"{mark:,.6g}" for mark in marks],
        range=[math.log10(low) - 0.08, math.log10(high) + 0.08],
    )


def level(figure: go.Figure, height: int, legend: bool) -> go.Figure:
    """The page's manner, with level lines and the legend above."""
    plain(
        figure, height, showlegend=legend, margin={"l": 8, "r": 12, "t": 12, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(showgrid=False)
    return figure.update_yaxes(showgrid=True, gridcolor=GRID)
