"""What is running, and how long it still takes: named to those who wait."""

from __future__ import annotations

import time

import pytest

from explain.race import lock
from explain.race.records import Settings
from explain.race.sweeps import share_done, stops
from explain.render import notices
from explain.serving.batching import MicroBatcher


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that `time.monotonic` gives, to be set."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("noted", "later", "told"),
    [
        ([], 0, "an evaluation"),
        ([(0, 0.0)], 1, "an evaluation"),  # nothing is known from one note
        ([(0, 0.0), (10, 0.25)], 0, "an evaluation; about 30 s are left"),
        ([(0, 0.0), (10, 0.25)], 20, "an evaluation; about 10 s are left"),
        ([(0, 0.5), (10, 0.75)], 0, "an evaluation; about 10 s are left"),  # resumed half done
        ([(0, 0.0), (10, 1.0)], 60, "an evaluation; about 1 s are left"),  # never less
    ],
)
def test_the_time_left_follows_from_the_share_done(
    clock: list[float], noted: list[tuple[float, float]], later: float, told: str
) -> None:
    with lock.announce_job("an evaluation") as job:
        for seconds, share in noted:
            clock[0] = 100.0 + seconds
            job.note_progress(share)
        clock[0] += later
        assert lock.blocking_job() == told
    assert lock.blocking_job() == ""


def test_what_holds_the_lock_is_named_before_what_is_announced(clock: list[float]) -> None:
    assert lock.acquire("a race", 0)
    try:
        lock.note_progress(0.0)
        clock[0] += 5
        lock.note_progress(0.5)
        with lock.announce_job("an evaluation"):
            assert lock.blocking_job() == lock.current_job() == "a race; about 5 s are left"
    finally:
        lock.release()
    lock.note_progress(0.5)  # nothing holds it: nothing is noted
    assert lock.current_job() == ""


def test_work_whose_time_was_estimated_is_named_with_it(clock: list[float]) -> None:
    with lock.announce_job("an explanation") as job:
        job.expect(40)
        clock[0] += 15
        assert lock.blocking_job() == "an explanation; about 25 s are left"


def test_jobs_of_one_title_are_two_jobs() -> None:
    with lock.announce_job("an evaluation"):
        with lock.announce_job("an evaluation"):
            pass
        assert lock.blocking_job() == "an evaluation"


def test_the_share_of_a_sweep_grows_to_one() -> None:
    settings = Settings(("teacher", "student"), "pocket", length=64, batch=1, threads=1, laps=8)
    count = len(stops(settings))
    shares = [share_done(settings, number) for number in range(count + 1)]
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)


def test_seconds_left_are_counted_down_in_the_browser_and_read_whole_without() -> None:
    status = notices.queued("a <race>; about 12 s are left")
    assert '<span class="dx-left" data-seconds="12">about 12 s are left</span>.' in status
    assert "a &lt;race&gt;; " in status
    assert "dx-left" not in notices.queued("a race") and "a race." in notices.queued("a race")
    assert "dx-left" in notices.starting("a race; about 3 s are left", "")


def test_a_visitor_before_whom_answers_are_computed_is_told_how_many() -> None:
    assert MicroBatcher().waiting() == "1 answer is computed first: about 1 s."
