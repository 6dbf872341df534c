"""Laps: the order of the contestants, what is timed, and the state after a race ends early."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
import torch

from explain import encoding
from explain.environment import cores
from explain.race import laps, lock, results, run
from explain.race.records import CONTESTANTS, Pass, Settings
from explain.records import InputError
from tests.tiny import tiny

BOTH = {role: tiny("sentiment", role) for role in ("teacher", "student")}
SETTINGS = Settings(("teacher", "student"), "pocket", length=16, batch=2, threads=1, laps=12)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Races are run by tiny models."""
    monkeypatch.setattr(run, "prepare", lambda key, pair, seed, own: tiny("sentiment", key))


@pytest.mark.parametrize("length", [8, 33, 512])
def test_texts_have_exactly_the_word_pieces_asked_for(length: int) -> None:
    read = laps.texts(length, 32)
    counts = {len(encoding.pieces(BOTH["teacher"], text).ids) + 2 for text in read}
    assert counts == {length}
    assert len(set(read)) == 32


def test_two_run_in_counterbalanced_order_and_take_turns_at_starting() -> None:
    done = list(laps.laps(replace(SETTINGS, laps=2), BOTH))
    counted = [entry for entry in done if entry.lap >= 0]
    assert len(done) - len(counted) == 2 * 2 * laps.WARM_UP
    first, second = "teacher", "student"
    names = [entry.contestant for entry in counted]
    assert names == [first, second, second, first, second, first, first, second]
    assert [entry.direction for entry in counted] == [0, 0, 1, 1] * 2
    assert all(entry.forward > 0 and entry.tokenise > 0 for entry in counted)


def test_every_contestant_is_as_often_in_every_place() -> None:
    keys = ("a", "b", "c")
    places = [order.index("b") for order in (laps.counterbalanced(keys, lap) for lap in range(6))]
    assert sorted(places) == [0, 0, 1, 1, 2, 2]
    assert all(
        order == order[::-1] for order in (laps.counterbalanced(keys, lap) for lap in range(6))
    )


def test_threads_are_set_for_the_passes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, before = [], torch.get_num_threads()
    other = before + 1
    timed = laps.timed
    monkeypatch.setattr(
        laps, "timed", lambda *args: (seen.append(torch.get_num_threads()), timed(*args))[1]
    )
    going = laps.laps(replace(SETTINGS, threads=other), BOTH)
    for _ in range(3):
        next(going)
        assert torch.get_num_threads() == before
    going.close()
    assert set(seen) == {other}
    assert torch.get_num_threads() == before


def test_a_failing_pass_leaves_the_thread_setting_as_it_was() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), laps.threads(before + 1):
        _ = 1 / 0
    assert torch.get_num_threads() == before


def test_after_a_pause_one_warm_up_pass_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(laps, "timed", lambda *args: (calls.append(args), (0.1, 1.0))[1])
    going = laps.laps(SETTINGS, BOTH)
    next(going), next(going)
    assert len(calls) == 2
    time.sleep(2 * laps.PAUSE / 1e3)
    next(going)
    assert len(calls) == 4


def test_a_race_out_of_time_keeps_its_laps(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    monkeypatch.setattr(laps, "LONGEST", 0.2)
    long = replace(SETTINGS, laps=500)
    passes = [step.latest for step in run.run(long) if step.latest]
    found = results.result(long, passes)
    assert found.ended == "out of time" and found.laps < 500


def test_a_cancelled_race_releases_the_lock_and_leaves_no_thread(quick: None) -> None:
    running = threading.active_count()
    going = run.run(SETTINGS)
    while next(going).latest is None:
        pass
    assert "BERT" in lock.current_job()
    going.close()
    assert lock.current_job() == "" and lock.acquire("the next", 0)
    lock.release()
    assert threading.active_count() == running


def test_a_race_that_waits_names_the_one_that_runs(
    monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.setattr(run, "PATIENCE", 0.01)
    first, second = run.run(SETTINGS), run.run(SETTINGS)
    next(first)
    status = next(second).status
    assert status.startswith("Waiting") and "12 laps of 2 x 16" in status
    assert next(second).latest is None
    first.close()
    assert "ready" in next(second).status
    second.close()


def test_the_result_counts_complete_laps_alone(quick: None) -> None:
    passes = [step.latest for step in run.run(SETTINGS) if step.latest]
    found = results.result(SETTINGS, passes[:-1], ended="cancelled")
    assert (found.laps, found.ended) == (11, "cancelled")
    assert [standing.passes for standing in found.standings] == [22, 22]
    assert results.result(SETTINGS, passes).ended == "finished"


def test_duels_are_the_ratio_of_each_lap() -> None:
    passes = [
        Pass(lap, direction, key, 0.1, time)
        for lap in range(12)
        for direction in (0, 1)
        for key, time in (("teacher", 3.0 + lap), ("student", 1.5 + lap / 2))
    ]
    found = results.result(SETTINGS, passes)
    (duel,) = found.duels
    assert (duel.ratio.estimate, duel.ratio.low, duel.ratio.high) == pytest.approx((2, 2, 2))
    assert (duel.first, duel.second, duel.verdict) == ("teacher", "student", "faster")
    assert found.standings[0].forward.p50 == 8.5


def test_full_size_student_meets_full_size_teacher() -> None:
    keys = tuple(CONTESTANTS)
    done = {key: [(1.0, 1.0)] * 12 for key in keys}
    rivals = {
        duel.second: duel.first for duel in results.duels(replace(SETTINGS, contestants=keys), done)
    }
    assert rivals["full-student"] == "full-teacher"
    assert {rivals[key] for key in keys[1:-1]} == {"teacher"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"contestants": ()}, "Nobody races"),
        ({"contestants": ("hare",)}, "no contestant named 'hare'"),
        ({"pair": "large"}, "no pair named 'large'"),
        ({"length": 4}, "8 to 512 word pieces"),
        ({"batch": 33}, "1 to 32 texts"),
        ({"batch": 1.5}, "not 1.5"),
        ({"threads": 0}, "threads, not 0"),
        ({"threads": cores() + 1}, f"1 to {cores()} threads"),
        ({"laps": 5}, "10 to 500 laps"),
        ({"length": 512, "batch": 32}, "16,384 per pass"),
    ],
)
def test_settings_that_cannot_be_raced_are_refused(change: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run.checked(replace(SETTINGS, **change))
    assert run.checked(replace(SETTINGS, contestants=("student", "teacher"))) == SETTINGS
