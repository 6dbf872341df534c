"""The race's handlers, called as the page calls them, and `/race` as other programs do."""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import ModuleType
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from demos.answers import exclusive_compute
from demos.jobs import Job
from demos.race import accuracy as race_accuracy
from demos.race import claims as race_claims
from demos.race import explanations as race_explained
from demos.race import latency as race
from demos.race import sweep as race_sweep
from explain.race import lock

BOTH = ["teacher", "student"]
VISITOR = gr.Request(session_hash="someone")


def test_a_race_is_drawn_from_start_to_verdict() -> None:
    shots = list(race.JOB.run(VISITOR, BOTH, 8, 1, 10, 1, "pocket"))
    assert "ready" in shots[0][0]
    verdict, marks, _, table, sizes, *_, found, start, cancel = shots[-2]
    assert not start["interactive"] and cancel["interactive"]
    *_, start, cancel = shots[-1]
    assert "rx-done" in verdict and "10 laps, computed now" in verdict
    assert len(marks["value"].data) == 2 and "p99" in table and "in memory" in sizes
    assert found.laps == 10 and start["interactive"] and not cancel["interactive"]
    assert lock.current_job() == ""


def test_the_last_view_of_a_job_is_whole_though_the_one_before_was_sent() -> None:
    def steps(_: Callable[[], bool]) -> Generator[tuple[Any, ...], None, None]:
        yield "Finished.", gr.update(value="race.csv", visible=True)

    job = Job("toy", lambda status, file=None: (status, file), steps, str, "Cancelled")
    sent = []
    for _, file, *_ in job.run(VISITOR):
        sent.append(dict(file))
        file.pop("value")  # as Gradio does
    assert [file["value"] for file in sent] == ["race.csv", "race.csv"]


def late(press: Callable[[Job], object]) -> list[tuple[Any, ...]]:
    """What a job sends when `press` comes too late for its steps to notice."""

    def steps(_: Callable[[], bool]) -> Generator[tuple[Any, ...], None, None]:
        yield "Going on.", "half"
        press(job)
        yield "Finished.", "whole"

    job = Job("toy", lambda status, result="": (status, result), steps, str, "Cancelled")
    return [(status, result) for status, result, *_ in job.run(VISITOR)]


def test_a_job_that_was_cancelled_at_its_very_end_says_so() -> None:
    sent = late(lambda job: job.cancel(VISITOR))
    assert sent == [("Going on.", "half"), ("Finished.", "whole"), ("Cancelled", "whole")]


def test_nothing_of_a_job_is_shown_after_another_pair_was_chosen() -> None:
    assert late(lambda job: job.change_pair("Race", VISITOR)) == [("Going on.", "half")]


def test_another_pair_ends_a_race_unseen() -> None:
    shots = race.JOB.run(VISITOR, BOTH, 8, 1, 500, 1, "pocket")
    while "Lap" not in next(shots)[0]:
        pass
    said, *_ = race.JOB.change_pair("Race", VISITOR)
    assert "pair was changed" in said
    assert list(shots) == [] and lock.current_job() == ""


def test_closing_the_handler_ends_the_race() -> None:
    shots = race.JOB.run(VISITOR, BOTH, 8, 1, 500, 1, "pocket")
    while "Lap" not in next(shots)[0]:
        pass
    assert "500 laps" in lock.current_job() and "500 laps" in race.JOB.start(VISITOR)[0]
    shots.close()
    assert lock.current_job() == "" and "Waiting" not in race.JOB.start(VISITOR)[0]


@pytest.mark.parametrize("section", [race, race_sweep, race_accuracy, race_explained])
def test_whoever_presses_start_is_told_at_once_what_is_running(section: ModuleType) -> None:
    def said() -> str:
        return section.JOB.start(VISITOR)[0]

    assert "Waiting" not in said()
    with lock.announce_job("an evaluation of 168 texts"):
        assert "Waiting for its turn" in said() and "an evaluation of 168 texts" in said()
    with exclusive_compute():
        assert lock.current_job() == lock.PREDICTION and "Waiting" not in said()
    assert lock.acquire("<b>; 60 laps", 0)
    assert "Running now: &lt;b&gt;; 60 laps" in said()
    lock.release()
    assert "Waiting" not in said()


def test_a_visitor_who_scores_the_contestants_is_told_too() -> None:
    with lock.announce_job("explanations of 40 texts"):
        assert "Running now: explanations of 40 texts" in race_claims.announce()
    assert "Scoring" in race_claims.announce()


@pytest.mark.parametrize(
    ("section", "values", "noun"),
    [
        (race_accuracy, ("sentiment", "ours", None, 0), "168 texts"),
        (race_explained, ("sentiment", "ours", None, "gradient_x_input", 10), "10 texts"),
    ],
)
def test_work_on_a_whole_set_is_named_while_it_lasts(
    section: ModuleType, values: tuple[Any, ...], noun: str
) -> None:
    going = section.JOB.run(VISITOR, *values, "pocket")
    assert "Getting ready" in next(going)[0] and lock.blocking_job() == ""
    next(going)
    assert lock.blocking_job().endswith(noun)
    going.close()
    assert lock.blocking_job() == ""


def test_only_its_owner_can_cancel_a_race_and_it_ends_before_the_next_pass() -> None:
    shots = race.JOB.run(VISITOR, BOTH, 8, 1, 500, 1, "pocket")
    while "Lap" not in next(shots)[0]:
        pass
    race.JOB.cancel(gr.Request(session_hash="someone else"))
    assert "Lap" in next(shots)[0]
    said, *_ = race.JOB.cancel(VISITOR)
    assert "Cancelled" in said
    rest = list(shots)
    assert len(rest) <= 3 and "Cancelled" in rest[-2][0] and rest[-2][-3].ended == "cancelled"
    assert rest[-1][-2]["interactive"]
    assert lock.current_job() == ""


@pytest.mark.parametrize(
    ("section", "values"),
    [
        (race_accuracy, ("sentiment", "ours", None, 0)),
        (race_explained, ("sentiment", "ours", None, "gradient_x_input", 40)),
    ],
)
def test_only_its_owner_can_cancel_work_on_a_set(section: Any, values: tuple[Any, ...]) -> None:
    going = section.JOB.run(VISITOR, *values, "pocket")
    next(going), next(going)
    section.JOB.cancel(gr.Request(session_hash="someone else"))
    next(going)
    section.JOB.cancel(VISITOR)
    view, last = going
    assert "Cancelled" in view[0] and last[-2]["interactive"] and lock.blocking_job() == ""


def test_what_cannot_be_raced_is_said_in_place_of_the_verdict() -> None:
    (only,) = race.JOB.run(VISITOR, [], 8, 1, 10, 1, "pocket")
    assert "Nobody races" in only[0] and only[-2]["interactive"]


def test_bad_settings_of_the_endpoint_are_one_sentence() -> None:
    with pytest.raises(gr.Error, match="no contestant named"):
        race.race(["<hare>"])


@pytest.fixture(scope="module")
def client(app: str) -> Client:
    return Client(app, verbose=False, analytics_enabled=False)


def test_the_endpoint_gives_verdict_duel_and_passes(client: Client) -> None:
    found = client.predict(["student", "teacher"], 8, 2, 10, 1, "pocket", api_name="/race")
    assert found["pair"] == "pocket" and "10 laps" in found["basis"]
    (duel,) = found["duels"]
    assert (duel["first"], duel["second"], duel["laps"]) == ("teacher", "student", 10)
    assert 0 < duel["ratio"]["low"] <= duel["ratio"]["estimate"] <= duel["ratio"]["high"]
    assert sum(one["lap"] >= 0 for one in found["passes"]) == 40
    assert found["circumstances"]["processor"] and found["settings"]["batch"] == 2
    assert found["sizes"][0]["parameters"] > 22_000_000


def test_the_endpoint_refuses_in_one_sentence(client: Client) -> None:
    with pytest.raises(AppError, match="8 to 512 word pieces"):
        client.predict(BOTH, 4, api_name="/race")


def test_a_sweep_given_up_leaves_the_visitors_race_running() -> None:
    shots = race.JOB.run(VISITOR, BOTH, 8, 1, 500, 1, "pocket")
    next(shots)
    race_sweep.JOB.cancel(VISITOR)
    assert "ready" in next(shots)[0]
    race.JOB.cancel(VISITOR)
    assert "Cancelled" in list(shots)[-2][0]


@pytest.mark.parametrize("section", [race, race_sweep])
def test_what_was_given_up_in_the_queue_ends_when_it_begins(section: ModuleType) -> None:
    values = (BOTH, 8, 1, 500, 1) if section is race else (BOTH, 8, 1, 1)
    section.JOB.start(VISITOR)
    section.JOB.cancel(VISITOR)
    *_, view, last = section.JOB.run(VISITOR, *values, "pocket")
    assert "Cancelled" in view[0] and last[-2]["interactive"] and lock.current_job() == ""
    section.JOB.start(VISITOR)  # pressed anew: the old Cancel is not of this one
    going = section.JOB.run(VISITOR, *values, "pocket")
    next(going)
    assert "Cancelled" not in next(going)[0]
    going.close()
