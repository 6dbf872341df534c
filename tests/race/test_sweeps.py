"""Sweeps: the points, the parts, and their figures and files."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, replace
from pathlib import Path

import gradio as gr
import pytest

from demos.race import sweep as race_sweep
from explain.figures import sweep as figures_sweep
from explain.models.layers import trunk
from explain.race import lock, sweeps
from explain.race.records import CONTESTANTS, PartTimes, Point, Settings
from tests.tiny import tiny

BOTH = ("teacher", "student")
VISITOR = gr.Request(session_hash="someone")
SETTINGS = Settings(BOTH, "pocket", length=16, batch=2, threads=1, laps=10)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few stops, few laps, tiny models."""
    monkeypatch.setattr(sweeps, "prepare", lambda key, pair, seed, own: tiny("sentiment", key))
    monkeypatch.setattr(sweeps, "LENGTHS", (8, 32))
    monkeypatch.setattr(sweeps, "BATCHES", (1, 4))
    monkeypatch.setattr(sweeps, "LAPS", 2)


def test_a_sweep_yields_its_points_as_they_come_and_the_parts_before_the_batches(
    quick: None,
) -> None:
    shots = list(sweeps.sweep(SETTINGS))
    counts = [len(shot.points) for shot in shots]
    assert counts == sorted(counts) and counts[-1] == 2 * 4
    assert [shot.done for shot in shots] == [False] * (len(shots) - 1) + [True]
    last = shots[-1]
    assert [(p.what, p.value) for p in last.points[::2]] == [
        ("length", 8), ("length", 32), ("batch", 1), ("batch", 4),
    ]  # fmt: skip
    point = last.points[-1]
    assert point.low <= point.middle <= point.high and point.passes == 4
    assert point.rate == pytest.approx(4e3 / point.middle)
    assert [row.contestant for row in last.shares] == list(BOTH)
    for shot in shots:  # a row of pictures is drawn when both of it are there
        assert shot.shares or not any(point.what == "batch" for point in shot.points)


def test_a_sweep_is_taken_along_with_how_and_where_it_was_measured(quick: None) -> None:
    *_, last = race_sweep.steps(lock.never, list(BOTH), 16, 2, 1, "pocket")
    table, whole = (Path(file["value"]).read_text("utf-8") for file in (last.csv, last.json))
    plain = json.loads(whole)
    assert plain["settings"] == {**asdict(SETTINGS), "contestants": list(BOTH), "laps": sweeps.LAPS}
    assert plain["circumstances"]["versions"]["torch"] and plain["circumstances"]["processor"]
    comments = [line for line in table.splitlines() if line.startswith("#")]
    assert {"# threads: 1", "# seed: 0", f"# laps: {sweeps.LAPS}"} <= set(comments)
    rows = list(csv.DictReader(table.splitlines()[len(comments) :]))
    points, parts = rows[: len(plain["points"])], rows[len(plain["points"]) :]
    assert [float(row["p50_ms"]) for row in points] == pytest.approx(
        [one["middle"] for one in plain["points"]], abs=1e-4
    )
    assert [(row["varied"], row["value"], row["contestant"]) for row in parts] == [
        ("part", name, key) for key in BOTH for name in ("embeddings", "layers", "head")
    ]


def test_a_sweep_broken_off_releases_the_lock(quick: None) -> None:
    going = sweeps.sweep(SETTINGS)
    next(going), next(going)
    assert "sweep" in lock.current_job()
    going.close()
    assert lock.current_job() == ""


def test_stops_leave_out_what_takes_too_long() -> None:
    stops = sweeps.stops(replace(SETTINGS, length=512, batch=32))
    assert ("length", 128) in stops and ("length", 256) not in stops
    assert ("batch", 8) in stops and ("batch", 16) not in stops


@pytest.mark.parametrize("role", BOTH)
def test_parts_add_up_to_the_pass_and_leave_no_hook(role: str) -> None:
    loaded = tiny("sentiment", role)
    row = sweeps.part_times(role, loaded, SETTINGS)
    assert row.embeddings > 0 and row.layers > row.embeddings / 10 and row.head > 0
    base = trunk(loaded.model)
    assert not base.embeddings._forward_hooks and not base.embeddings._forward_pre_hooks


def test_the_handler_draws_rows_of_pictures(quick: None) -> None:
    *before, last, _ = race_sweep.JOB.run(VISITOR, list(BOTH), 16, 2, 1, "pocket")
    assert "Computed now" in last[0] and all(one["visible"] for one in last[1:8])
    assert not any(shot[7]["visible"] for shot in before)
    (said, *_) = list(race_sweep.JOB.run(VISITOR, list(BOTH), None, 2, 1, "pocket"))[-1]
    assert "Choose 8 to 512 word pieces per text, not None." in said
    (said, *_) = list(race_sweep.JOB.run(VISITOR, [], 16, 2, 1, "pocket"))[-1]
    assert "Nobody races" in said


def test_figures_of_sweeps_hold_every_point() -> None:
    points = [Point("length", n, "student", n, 2.0 * n, 3.0 * n, 9.0, 4) for n in (8, 16, 512)]
    drawn = figures_sweep.sweep(points, "length")
    assert list(drawn.data[0].x) == [8, 16, 512]
    assert list(drawn.layout.xaxis.ticktext) == ["8", "16", "512"]
    assert list(drawn.data[0].error_y.array) == [8, 16, 512]
    parts = figures_sweep.shares([PartTimes("teacher", 1.0, 5.0, 0.5)])
    assert [trace.name for trace in parts.data] == ["embeddings", "layers", "head"]
    assert CONTESTANTS["teacher"].name in parts.data[0].y
