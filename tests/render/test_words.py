"""Verdicts in words, the page's markup and figures, and what can be taken along."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace

import pytest

from explain.figures import race as figures
from explain.race import export
from explain.race import verdict as words
from explain.race.records import CONTESTANTS, Duel, Pass, Result, Settings, Snapshot
from explain.race.results import result
from explain.render import notices
from explain.render import race as render
from explain.render.templates import escape
from explain.statistics import Interval, verdict

SETTINGS = Settings(("teacher", "student"), "pocket", length=16, batch=4, threads=1, laps=20)


def finished(ratio: float, laps: int = 20, settings: Settings = SETTINGS) -> Result:
    """A race whose every lap has about the same ratio."""
    passes = [
        Pass(lap, turn, key, 0.25, 2.0 + 0.001 * (lap % 5) * (key == "student") + extra)
        for lap in range(-1, laps)
        for turn in (0, 1)
        for key, extra in zip(settings.contestants, (2 * ratio - 2, 0), strict=False)
    ]
    race = result(settings, passes)
    return replace(race, circumstances=replace(race.circumstances, cores=2, load=1.0))


def duel(estimate: float, low: float, high: float) -> Duel:
    ratio = Interval(estimate, low, high)
    return Duel("teacher", "student", ratio, verdict(ratio), 60)


def test_a_faster_student_is_said_with_ratio_interval_laps_and_place() -> None:
    big, small = words.verdict(finished(1.7))
    assert big == "DistilBERT is 1.70 times as fast as BERT"
    assert small == "95 % interval 1.70 to 1.70, 20 laps, computed now on this machine"


def test_a_busy_machine_is_named_before_the_number() -> None:
    race = finished(1.7)
    big, small = words.verdict(replace(race, circumstances=replace(race.circumstances, load=9.0)))
    assert big == "On a busy machine: DistilBERT is 1.70 times as fast as BERT"
    assert small.startswith("Other programs were running (load 9.0 on 2 cores): repeat this")


def test_a_slower_one_is_said_by_how_much_longer_it_takes() -> None:
    slow = duel(0.5, 0.4, 0.625)
    assert words.comparison(slow) == "DistilBERT takes 2.00 times as long as BERT"
    assert words.interval(slow) == "95 % interval 1.60 to 2.50"


def test_too_close_to_call_is_said_so() -> None:
    close = duel(1.02, 0.99, 1.05)
    assert words.comparison(close).startswith("Inconclusive")
    assert "0.990 to 1.050" in words.interval(close)


def test_a_handful_of_laps_has_neither_winner_nor_interval() -> None:
    big, small = words.verdict(finished(3.0, laps=4))
    assert big == "Too few laps to tell BERT and DistilBERT apart"
    assert small.startswith("An interval needs 10 laps, 4 of 20 laps")


def test_a_race_alone_and_a_race_without_a_lap_have_words_too() -> None:
    alone = finished(1.0, settings=replace(SETTINGS, contestants=("teacher",)))
    assert words.verdict(alone)[0] == "BERT takes 2.0 ms per pass"
    assert words.verdict(finished(1.0, laps=0))[0] == "No verdict"


def test_a_race_cut_short_says_so() -> None:
    assert "12 of 20 laps, then out of time" in words.verdict(finished(2.0, laps=12))[1]


def test_the_table_has_quantiles_rate_and_circumstances() -> None:
    shown = render.table(finished(2.0))
    assert "4.00" in shown and "2,000" not in shown.split("<tbody>")[0]
    assert f"{1e3 * 4 / 4.0:,.0f}" in shown  # texts per second of the teacher
    assert "16 word pieces per pass, 1 thread" in shown and "sdpa" in shown and "torch" in shown
    held = finished(2.0).circumstances.memory
    assert 100e6 < held < 100e9 and "holds" in shown and "MB of memory" in shown


def test_a_running_race_shows_lap_and_share() -> None:
    shot = Snapshot("Lap 5 of 20", SETTINGS, (), 5, duel(1.5, 0, math.inf), (), (), None)
    shown = render.verdict(shot)
    assert "Lap 5 of 20" in shown and "width:25%" in shown and "1.50 times as fast" in shown


def test_hostile_words_are_escaped() -> None:
    assert escape("<b>") in notices.announcement("<b>", "${x}") and "${" not in render.announcement(
        "", "${x}"
    )


def test_every_pass_but_the_warm_up_is_a_mark_and_none_is_out_of_sight() -> None:
    found = finished(2.0)
    slow = replace(found.passes[-1], forward=1000.0)
    drawn = figures.laps(SETTINGS, (*found.passes[:-1], slow))
    assert [len(trace.x) for trace in drawn.data] == [40, 40]
    assert [trace.name for trace in drawn.data] == ["BERT", "DistilBERT"]
    low, high = drawn.layout.yaxis.range
    assert all(low <= y <= high for trace in drawn.data for y in trace.y)
    assert "1 pass took longer" in drawn.layout.annotations[0].text


def test_marks_of_all_contestants_differ() -> None:
    assert figures.MARKS.keys() == CONTESTANTS.keys()
    assert len(set(figures.MARKS.values())) == len({symbol for _, symbol in figures.MARKS.values()})
    assert len({symbol for _, symbol in figures.MARKS.values()}) == len(CONTESTANTS)


def test_the_running_ratio_has_a_band_where_it_has_an_interval() -> None:
    trail = [(5, Interval(2.0, 0.0, math.inf)), (10, Interval(1.9, 1.8, 2.0))]
    band, line = figures.ratio(SETTINGS, trail, "times as fast").data
    assert list(band.y) == [1.8, 2.0] and list(line.y) == [2.0, 1.9]


def test_csv_has_every_pass_below_its_circumstances() -> None:
    found = finished(2.0)
    text = export.to_csv(found)
    head = [line for line in text.splitlines() if line.startswith("# ")]
    keys = {line[2:].partition(":")[0] for line in head}
    assert {"threads", "seed", "processor", "versions", "laps", "date"} <= keys
    rows = list(csv.DictReader(text.splitlines()[len(head) :]))
    assert len(rows) == len(found.passes)
    assert float(rows[-1]["forward_ms"]) == pytest.approx(found.passes[-1].forward, abs=1e-4)


def test_json_is_the_whole_result_and_has_no_infinities() -> None:
    plain = json.loads(export.to_json(finished(2.0, laps=5)))
    assert plain["duels"][0]["ratio"]["high"] is None
    assert plain["duels"][0]["verdict"] == "inconclusive"
    assert plain["settings"]["seed"] == 0 and plain["circumstances"]["versions"]["torch"]
    assert len(plain["passes"]) == 24
