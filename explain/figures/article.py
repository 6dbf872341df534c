"""What is published and what was measured here, as plotly figures: the Start tab."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from explain.article.facts import Change, Figure
from explain.figures.layout import (
    COLOURS,
    GRID,
    STUDENT,
    SYMBOLS,
    TEXT,
    add_stacked_bars,
    in_rows,
)
from explain.records import MODEL_NAMES, ROLES, Comparison

_SHADES = (("#2563eb", "#d97706"), ("#8db4f7", "#efb261"), ("#c7dbfb", "#f8dcb0"))
_ON_SHADES = (("#ffffff", "#1c1004"), ("#0f172a", "#1c1004"), ("#0f172a", "#1c1004"))


def dots(rows: Sequence[Comparison]) -> go.Figure:
    """A line of two dots for each row: how far apart teacher and student are, first row on top."""
    figure = go.Figure()
    gap_x = [x for row in rows for x in (row.teacher, row.student, None)]
    gap_y = [y for row in rows for y in (row.label, row.label, None)]
    figure.add_scatter(
        x=gap_x, y=gap_y, mode="lines", line={"color": GRID, "width": 6}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip
    for role in ROLES:
        values = [getattr(row, role) for row in rows]
        ahead = [getattr(row, role) >= min(row.teacher, row.student) + 1e-9 for row in rows]
        figure.add_scatter(
            x=values,
            y=[row.label for row in rows],
            mode="markers+text",
            name=MODEL_NAMES[role],
            text=[f"{value:.{row.digits}f}" for value, row in zip(values, rows, strict=True)],
            textposition=["middle right" if right else "middle left" for right in ahead],
            textfont={"color": COLOURS[role], "size": 13},
            marker={"color": COLOURS[role], "size": 12, "symbol": SYMBOLS[role]},
            customdata=[f"{row.unit}; {row.remark}" for row in rows],
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra>" + MODEL_NAMES[role] + "</extra>",
        )
    low = min(min(row.teacher, row.student) for row in rows)
    high = max(max(row.teacher, row.student) for row in rows)
    space = 0.2 * (high - low) + 1
    for row in rows:  # its name above the dots, inwards from them where they are near an edge
        ends = sorted((row.teacher, row.student))
        place = (sum(ends) / 2 - low) / max(high - low, 1e-9)
        anchor, x = "center", sum(ends) / 2
        if not 1 / 3 < place < 2 / 3:
            anchor, x = ("left", ends[0]) if place < 0.5 else ("right", ends[1])
        figure.add_annotation(
            text=row.label, x=x, y=row.label, xanchor=anchor, yshift=17, showarrow=False,
            font={"size": 13},
        )  # fmt: skip
    figure.update_xaxes(range=[low - space, high + space], title="score in the task’s own metric")
    in_rows(figure, len(rows), 44, 0.36, legend=True)
    return figure.update_yaxes(showticklabels=False)


def bars(rows: Sequence[Comparison], suffix: str = "") -> go.Figure:
    """Two bars from zero for each row, the number at the end."""
    figure = go.Figure()
    for role in ROLES:
        values = [getattr(row, role) for row in rows]
        texts = [f"{getattr(row, role):,.{row.digits}f}{suffix}" for row in rows]
        _add_bars(
            figure, values, [row.label for row in rows], MODEL_NAMES[role], COLOURS[role], texts,
            customdata=[row.remark for row in rows],
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra>" + MODEL_NAMES[role] + "</extra>",
        )  # fmt: skip
    figure.update_xaxes(
        range=[0, 1.2 * max(row.student for row in rows)], title="rate of answers, BERT: 1"
    )
    return in_rows(figure, len(rows), 84, 0.58, legend=True)


def parameters(rows: Sequence[Comparison]) -> go.Figure:
    """Two stacked bars: where the parameters of teacher and student are, in millions."""
    figure = go.Figure()
    totals = [sum(getattr(row, role) for row in rows) / 1e6 for role in ROLES]
    labels = [
        f"<b>{MODEL_NAMES[role]}</b> {total:.1f} M"
        for role, total in zip(ROLES, totals, strict=True)
    ]
    for row, fills, texts in zip(rows, _SHADES, _ON_SHADES, strict=False):
        add_stacked_bars(
            figure, row.label, [row.teacher / 1e6, row.student / 1e6], labels, "M", 1,
            marker={"color": fills, "line": {"width": 0}}, insidetextfont={"color": texts},
            hovertemplate="%{y}<br>" + row.label + ": %{x:.3f} million<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(range=[0, 1.01 * max(totals)], title="parameters, millions")
    return in_rows(figure, 2, 78, 0.58)


def losses(rows: Sequence[Figure], here: Sequence[Change] = ()) -> go.Figure:
    """One bar for each part of the recipe: the points lost without it; a second for `here`."""
    figure = go.Figure()
    by_part = {change.part: change for change in here}
    changes = [by_part[row.remark] for row in rows] if here else []
    _add_losses(figure, rows, [row.value for row in rows], "paper, GLUE", STUDENT)
    if changes:
        means = [change.value for change in changes]
        _add_losses(figure, rows, means, "here, five tasks", "#efb261")
        figure.data[1].error_x = {
            "type": "data",
            "symmetric": False,
            "array": [change.value - change.low for change in changes],
            "arrayminus": [change.high - change.value for change in changes],
            "color": TEXT,
            "thickness": 1.5,
        }
    ends = [-row.value for row in rows] + [-change.low for change in changes]
    least = min(0.0, *(-change.high for change in changes)) if changes else 0.0
    room = 0.3 * (max(ends) - least)  # for the numbers beside the bars, on a phone too
    figure.update_xaxes(
        range=[least - room if least else 0.0, max(ends) + room], title="points lost without it"
    )
    pitch, thickness = (84, 0.58) if changes else (48, 0.42)
    step = thickness / 4 if changes else 0.0
    for number, row in enumerate(rows):
        _add_number(figure, row.value, row.value, row.value, number - step)
    for number, change in enumerate(changes):
        _add_number(figure, change.value, change.low, change.high, number + step)
    for number in range(len(rows)):  # not through the names, which stand above the bars
        figure.add_shape(
            type="line", x0=0, x1=0, y0=number - thickness / 2, y1=number + thickness / 2,
            line={"color": GRID, "width": 2},
        )  # fmt: skip
    return in_rows(figure, len(rows), pitch, thickness, legend=bool(changes))


def _add_number(figure: go.Figure, change: float, low: float, high: float, y: float) -> None:
    """The change in points beyond the end of its bar and whisker."""
    lost = change <= 0
    figure.add_annotation(
        text=_signed(change), x=-low if lost else -high, y=y, showarrow=False,
        xanchor="left" if lost else "right", xshift=6 if lost else -6, font={"size": 13},
    )  # fmt: skip


def _signed(change: float) -> str:
    return f"{change:+.2f}".replace("-", "\N{MINUS SIGN}")


def _add_losses(
    figure: go.Figure, rows: Sequence[Figure], changes: Sequence[float], name: str, colour: str
) -> None:
    _add_bars(
        figure, [-change for change in changes], [row.remark for row in rows], name, colour,
        customdata=[_signed(change) for change in changes],
        hovertemplate="%{y}: %{customdata} points<extra></extra>",
    )  # fmt: skip


def _add_bars(
    figure: go.Figure,
    values: Sequence[float],
    labels: Sequence[str],
    name: str,
    colour: str,
    texts: Sequence[str] = (),
    **hover: object,
) -> None:
    figure.add_bar(
        x=list(values),
        y=list(labels),
        orientation="h",
        name=name,
        marker={"color": colour, "cornerradius": 4},
        text=list(texts) or None,
        textposition="outside" if texts else "none",
        cliponaxis=False,
        **hover,
    )
