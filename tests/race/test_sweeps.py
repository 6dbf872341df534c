"""Sweeps, sizes, scores and claims: what is measured is what is said."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, replace
from pathlib import Path

import gradio as gr
import pytest
import torch
from huggingface_hub import constants

from demos.race import evidence as race_evidence
from demos.race import sweep as race_sweep
from explain.anatomy import inside as anatomy
from explain.article import claims, evidence, facts
from explain.evaluation import sets
from explain.figures import race as figures
from explain.figures import sweep as figures_sweep
from explain.heads.sentiment import LABELS, classify
from explain.models import PAIRS, load
from explain.models.layers import trunk
from explain.race import lock, scores, sizes, sweeps
from explain.race.contestants import ready
from explain.race.records import CONTESTANTS, Duel, Pass, Point, Result, Settings, Shares
from explain.race.results import result
from explain.statistics import Interval, verdict
from tests.hub_cache import publish
from tests.tiny import tiny

BOTH = ("teacher", "student")
VISITOR = gr.Request(session_hash="someone")
SETTINGS = Settings(BOTH, "pocket", length=16, batch=2, threads=1, laps=10)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few stops, few laps, tiny models."""
    monkeypatch.setattr(sweeps, "ready", lambda key, pair, seed: tiny("sentiment", key))
    monkeypatch.setattr(sweeps, "LENGTHS", (8, 32))
    monkeypatch.setattr(sweeps, "BATCHES", (1, 4))
    monkeypatch.setattr(sweeps, "LAPS", 2)


def test_a_sweep_yields_its_points_as_they_come_and_the_parts_before_the_batches(
    quick: None,
) -> None:
    shots = list(sweeps.survey(SETTINGS))
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
    going = sweeps.survey(SETTINGS)
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
    row = sweeps.parted(role, loaded, SETTINGS)
    assert row.embeddings > 0 and row.layers > row.embeddings / 10 and row.head > 0
    base = trunk(loaded.model)
    assert not base.embeddings._forward_hooks and not base.embeddings._forward_pre_hooks


def test_the_handler_draws_rows_of_pictures(quick: None) -> None:
    *before, last, _ = race_sweep.JOB.run(VISITOR, list(BOTH), 16, 2, 1, "pocket")
    assert "Computed now" in last[0] and all(one["visible"] for one in last[1:8])
    assert not any(shot[7]["visible"] for shot in before)
    (said, *_) = list(race_sweep.JOB.run(VISITOR, list(BOTH), None, 2, 1, "pocket"))[-1]
    assert "Choose 8 to 512 word pieces a text, not None." in said
    (said, *_) = list(race_sweep.JOB.run(VISITOR, [], 16, 2, 1, "pocket"))[-1]
    assert "Nobody races" in said


@pytest.mark.parametrize("role", BOTH)
def test_sizes_are_those_of_the_ledger(role: str) -> None:
    found = sizes.size(role, load("sentiment", role))
    ledger = dict(zip(BOTH, anatomy.ledgers("pocket"), strict=True))[role]
    assert found.embeddings == ledger.total("embeddings")
    assert found.layers == ledger.total("layers")
    assert found.parameters == sum(p.numel() for p in load("sentiment", role).model.parameters())
    assert found.memory == 4 * found.parameters and 0 < found.file < found.memory


def test_the_file_of_the_base_pair_is_that_in_the_cache_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert sizes.file_size("base", "student") == 0
    source = PAIRS["base"]["student"]["sentiment"].source
    publish(tmp_path, source, {"model.safetensors": b"1234"})
    assert sizes.file_size("base", "student") == 4
    assert sizes.file_size("full", "student") == 0


def test_int8_keeps_the_parameters_and_saves_memory() -> None:
    plain = sizes.size("student", load("sentiment", "student"))
    small = sizes.size("student-int8", ready("student-int8", "pocket"))
    half = sizes.size("student-bfloat16", ready("student-bfloat16", "pocket"))
    assert small.parameters == half.parameters == plain.parameters
    linear = sum(
        module.weight.numel()
        for module in load("sentiment", "student").model.modules()
        if isinstance(module, torch.nn.Linear)
    )
    assert small.memory == plain.memory - 3 * linear
    assert half.memory == plain.memory // 2 and half.file == 0


def test_why_half_the_layers_is_forty_percent() -> None:
    said, figure = race_evidence.sizes()
    assert "39.4 % fewer" in said and "85.1 to 42.5 million" in said and "23.8 million" in said
    assert sum(trace.x[0] for trace in figure.data) == pytest.approx(109.48224)


def finished(ratio: Interval, keys: tuple[str, ...] = BOTH) -> Result:
    """A race whose only duel has this ratio."""
    settings = replace(SETTINGS, contestants=keys)
    passes = [Pass(0, turn, key, 0.1, 1.0) for turn in (0, 1) for key in keys]
    duel = Duel(keys[0], keys[1], ratio, verdict(ratio), 60)
    return replace(result(settings, passes), duels=(duel,))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(1.66, 1.74, "Holds here"), (1.3, 1.5, "Not reached"), (1.5, 1.7, "Inconclusive")],
)
def test_sixty_percent_faster_is_judged_by_the_whole_interval(
    low: float, high: float, said: str
) -> None:
    row = claims.speed("pocket", finished(Interval((low + high) / 2, low, high)))
    assert row.verdict.startswith(said) and f"{low:.2f} to {high:.2f}" in row.measured
    assert "Table 3" in row.source and "38.6 %" in row.correction.replace("\xa0", " ")


def test_a_claim_without_a_measurement_says_so() -> None:
    assert claims.speed("pocket", None).measured == ""
    assert "Start a race" in claims.speed("pocket", None).verdict
    assert claims.quality("base").measured == ""
    full = finished(Interval(2.0, 1.9, 2.1), ("full-teacher", "full-student"))
    assert "DistilBERT-base size" in claims.speed("pocket", full).measured
    both = replace(full, duels=(*finished(Interval(1.2, 1.1, 1.3)).duels, *full.duels))
    assert claims.speed("pocket", both) == claims.speed("pocket", full)


def test_a_race_of_one_pair_is_not_shown_for_the_other() -> None:
    found = finished(Interval(2.0, 1.6, 2.5))
    assert claims.speed("base", found) == claims.speed("base", None)
    assert claims.marks("base", found) == claims.marks("base", None)
    other = replace(found, settings=replace(SETTINGS, pair="base"))
    assert claims.marks("pocket", other) == claims.marks("pocket", None)
    full = finished(Interval(2.0, 1.9, 2.1), ("full-teacher", "full-student"))
    assert claims.speed("base", full) == claims.speed("pocket", full)  # of no pair


def test_the_claims_quote_the_tables_and_count_this_pair() -> None:
    shown, _ = race_evidence.evidence("pocket", None)
    teacher, student = anatomy.sizes("pocket")
    stored = evidence.measured()
    assert stored is not None
    for text in ("97", "40", "60", f"{teacher:,} → {student:,}", f"{stored.kept:.1f} % kept",
                 "Table 1", "Table 3"):  # fmt: skip
        assert text in shown.replace("\xa0", " ")


def test_the_picture_has_the_published_pair_and_whoever_raced() -> None:
    assert [mark.kind for mark in claims.marks("pocket", None)] == ["quoted"] * 2
    quoted = claims.marks("pocket", None)[1]
    assert quoted.time.estimate == pytest.approx(410 / 668)
    assert quoted.score.estimate == facts.value("glue_sst2_student")
    rows = claims.marks("pocket", finished(Interval(2.0, 1.6, 2.5)))
    student = rows[-1]
    assert (student.time.low, student.time.estimate, student.time.high) == (0.4, 0.5, 0.625)
    assert student.score.low < student.score.estimate < student.score.high
    drawn = figures.picture(rows)
    assert [trace.name for trace in drawn.data] == [mark.name for mark in rows]
    assert drawn.data[-1].error_x.array[0] == pytest.approx(0.125)
    places = {trace.name: trace.textposition for trace in drawn.data}  # apart on a narrow page
    assert places["BERT-base, quoted"] == "top left"
    assert places["DistilBERT, quoted"] == "bottom right"


def test_scores_computed_now_are_the_share_of_right_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = sets.ours("sentiment")
    few = replace(ours, items=ours.items[:25])
    monkeypatch.setattr(sets, "ours", lambda head: few)
    found = scores.now(replace(SETTINGS, contestants=("student", "full-student")))
    loaded = load("sentiment", "student")
    right = [
        classify(item.row["text"], loaded).label == LABELS[item.row["label"]] for item in few.items
    ]
    assert found.keys() == {"student"}
    assert found["student"].estimate == pytest.approx(100 * sum(right) / 25)


def test_scores_computed_now_replace_the_stored_ones() -> None:
    found = finished(Interval(2.0, 1.6, 2.5))
    rows = claims.marks("pocket", found, {"student": Interval(50.0, 40.0, 60.0)})
    assert [mark.key for mark in rows if mark.kind == "measured"] == ["student"]


def test_figures_of_sweeps_hold_every_point() -> None:
    points = [Point("length", n, "student", n, 2.0 * n, 3.0 * n, 9.0, 4) for n in (8, 16, 512)]
    drawn = figures_sweep.sweep(points, "length")
    assert list(drawn.data[0].x) == [8, 16, 512]
    assert list(drawn.layout.xaxis.ticktext) == ["8", "16", "512"]
    assert list(drawn.data[0].error_y.array) == [8, 16, 512]
    parts = figures_sweep.shares([Shares("teacher", 1.0, 5.0, 0.5)])
    assert [trace.name for trace in parts.data] == ["embeddings", "layers", "head"]
    assert CONTESTANTS["teacher"].name in parts.data[0].y
