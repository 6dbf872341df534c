"""What a race may say of speed, and what it must say first on a busy machine."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from explain.environment import circumstances
from explain.race import verdict
from explain.race.records import Duel, Point
from explain.statistics import Interval

QUIET = replace(circumstances(), cores=2, load=0.8)
BUSY = replace(QUIET, load=7.25)


def point(value: int, middle: float, what: str = "length") -> Point:
    return Point(what, value, "teacher", middle, middle, middle, 1e3 / middle, 9)


def test_a_quiet_machine_is_not_mentioned() -> None:
    assert verdict.disturbance(QUIET) == ""


@pytest.mark.parametrize(("load", "cores"), [(2.1, 2), (7.25, 2), (1.5, 1), (40.0, 16), (3.0, 2)])
def test_more_programs_than_cores_are_a_busy_machine(load: float, cores: int) -> None:
    assert replace(QUIET, load=load, cores=cores).is_busy


@pytest.mark.parametrize(("load", "cores"), [(2.0, 2), (0.0, 1), (15.9, 16), (1.0, 1)])
def test_as_many_programs_as_cores_are_not(load: float, cores: int) -> None:
    assert not replace(QUIET, load=load, cores=cores).is_busy


def test_a_busy_machine_is_named_with_its_load() -> None:
    assert "load 7.2 on 2 cores" in verdict.disturbance(BUSY)


@pytest.mark.parametrize("values", [[(8, 4.0), (128, 1.0)], [(8, 1.0), (32, 3.0), (64, 2.0)]])
def test_a_sweep_in_which_more_work_took_less_time_says_so(values: list[tuple[int, float]]) -> None:
    sentence = verdict.inversion([point(*each) for each in values])
    assert "BERT was timed as faster with" in sentence and "something disturbed" in sentence


@pytest.mark.parametrize("values", [[(8, 1.0), (128, 4.0)], [(8, 1.0), (16, 0.95)], [(8, 1.0)], []])
def test_a_sweep_in_order_says_nothing(values: list[tuple[int, float]]) -> None:
    assert verdict.inversion([point(*each) for each in values]) == ""


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.99, 1.03, "Inconclusive: BERT and DistilBERT are too close to call"),
        (0.96, 1.04, "Inconclusive: BERT and DistilBERT are too close to call"),
        (0.7, 1.9, "Inconclusive: the laps vary too much to tell BERT and DistilBERT apart"),
        (0.0, math.inf, "Too few laps to tell BERT and DistilBERT apart"),
    ],
)
def test_close_times_are_told_from_times_that_vary(low: float, high: float, said: str) -> None:
    ratio = Interval(1.0, low, high)
    assert verdict.comparison(Duel("teacher", "student", ratio, "inconclusive", 60)) == said


def test_points_of_lengths_and_of_batches_are_not_compared_with_each_other() -> None:
    assert verdict.inversion([point(512, 9.0), point(1, 1.0, "batch")]) == ""
