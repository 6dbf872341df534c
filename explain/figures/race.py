"""Races as plotly figures, and accuracy against latency.

Teacher in blues and round, student in ambers and pointed; every precision has its own mark, so
colour is never the only signal. Backgrounds are transparent; titles are the page's business.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import plotly.graph_objects as go

from explain.article.trade_off import ModelPoint
from explain.figures.layout import TEXT, logarithmic, with_grid
from explain.race.records import CONTESTANTS, Pass, Settings
from explain.statistics import Interval

MARKS = {  # colour, symbol
    "teacher": ("#3b82f6", "circle"),
    "student": ("#d97706", "diamond"),
    "teacher-bfloat16": ("#0891d1", "circle-open"),
    "student-bfloat16": ("#e08a00", "diamond-open"),
    "teacher-int8": ("#6d7cf5", "circle-x-open"),
    "student-int8": ("#c2570c", "diamond-x-open"),
    "own-student": ("#16a34a", "triangle-up"),
    "full-teacher": ("#2f6fe4", "square"),
    "full-student": ("#dd6b20", "star-diamond"),
}
FRAME = 2.5  # of the slowest contestant's median: passes above are drawn at the upper edge
BAND = "rgba(217, 119, 6, 0.22)"


def laps(settings: Settings, passes: Sequence[Pass]) -> go.Figure:
    """One mark per pass: its lap and its ms; passes of the warm-up are left out."""
    figure = go.Figure()
    timed = {
        key: [entry for entry in passes if entry.contestant == key and entry.lap >= 0]
        for key in settings.contestants
    }
    times = {key: [entry.forward for entry in timed[key]] for key in timed}
    top = _scale(figure, [forward for forward in times.values() if forward])
    for key, own_passes in timed.items():
        colour, symbol = MARKS[key]
        figure.add_scatter(
            x=[entry.lap + 1 + 0.3 * (entry.direction - 0.5) for entry in own_passes],
            y=[min(round(time, 3), top) for time in times[key]],
            mode="markers",
            name=CONTESTANTS[key].name,
            marker={"color": colour, "symbol": symbol, "size": 8, "opacity": 0.85},
            customdata=times[key],
            hovertemplate="lap %{x:.0f}: %{customdata:.2f} ms<extra></extra>",
        )
    if hidden := sum(time > top for forward in times.values() for time in forward):
        text = f"{hidden} passes took longer than shown" if hidden > 1 else "1 pass took longer"
        figure.add_annotation(text=text, x=1, y=1, xref="paper", yref="paper", showarrow=False)
    figure.update_xaxes(range=[0.2, settings.laps + 0.8], title="lap")
    figure.update_yaxes(title="ms per pass")
    return with_grid(figure, 360, "Time of every pass", legend=True)


def _scale(figure: go.Figure, times: Sequence[Sequence[float]]) -> float:
    """Scale the vertical axis to the times of each contestant; returns its upper end, ms."""
    medians = [median(forward) for forward in times]
    slowest = max((max(forward) for forward in times), default=1.0)
    top = min(slowest, FRAME * max(medians, default=1.0))
    if medians and max(medians) > 8 * min(medians):
        logarithmic(figure, min(min(forward) for forward in times), top)
    else:
        figure.update_yaxes(range=[0, 1.1 * top])
    return top


def ratio(settings: Settings, trail: Sequence[tuple[int, Interval]], name: str) -> go.Figure:
    """The running ratio and its interval after so many laps; 1 means equally fast."""
    figure = go.Figure()
    known = [(lap, interval) for lap, interval in trail if math.isfinite(interval.high)]
    xs = [lap for lap, _ in known]
    figure.add_scatter(
        x=xs + xs[::-1],
        y=[interval.low for _, interval in known]
        + [interval.high for _, interval in reversed(known)],
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[lap for lap, _ in trail],
        y=[interval.estimate for _, interval in trail],
        mode="lines+markers",
        line={"color": MARKS["student"][0], "width": 3},
        marker={"size": 5},
        hovertemplate="%{x} laps: %{y:.3f} times as fast<extra></extra>",
    )
    figure.add_hline(y=1, line={"color": TEXT, "width": 1, "dash": "dot"})
    edges = [1.0, *(end for _, interval in known for end in (interval.low, interval.high))]
    edges += [interval.estimate for _, interval in trail[-1:]]
    room = 0.12 * (max(edges) - min(edges)) + 0.01
    figure.update_yaxes(range=[min(edges) - room, max(edges) + room], title=name)
    figure.update_xaxes(range=[0, settings.laps + 0.8], title="laps")
    return with_grid(figure, 360, "Ratio after each lap, interval")


def trade_off(rows: Sequence[ModelPoint]) -> go.Figure:
    """Accuracy against time per pass, each teacher's time as 1; published marks are crosses."""
    figure = go.Figure()
    for row in rows:
        colour, symbol = MARKS[row.key]
        figure.add_scatter(
            x=[row.time.estimate],
            y=[row.score.estimate],
            mode="markers+text",
            name=row.name,
            text=[row.name.replace(", ", ",<br>")],  # short lines, for a phone
            textposition=f"{'bottom' if _is_student(row) else 'top'} left",  # clear of all whiskers
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
    figure.update_xaxes(range=[0, 1.25 * max(times)], title="time per pass (teacher: 1)")
    figure.update_yaxes(range=[min(scores) - 3, max(scores) + 3], title="accuracy, %")
    return with_grid(figure, 420)


def _is_student(row: ModelPoint) -> bool:
    return CONTESTANTS[row.key].role == "student"


def _error(interval: Interval, colour: str) -> dict[str, object]:
    return {
        "array": [interval.high - interval.estimate],
        "arrayminus": [interval.estimate - interval.low],
        "color": colour,
        "thickness": 1.5,
    }
