"""Rivals of recorded runs: what was recorded, what they may be compared with, and a training."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from distill.live import heads, recorded
from distill.live.control import Control
from distill.live.download import card
from distill.live.run import follow
from distill.live.settings import OWN, RIVALS, checked
from distill.thresholds import checksum
from explain.distillation.records import LiveSettings, Weights
from explain.models import ASSETS
from explain.records import InputError
from explain.render.distillation import live, live_status

ASKED = LiveSettings(
    "ner", (0, 2, 5), Weights(), 2e-4, 0, 60, "random", "Marta Silva left Lisbon.", recorded=True
)
SEEDS = range(2)


def test_the_recorded_students_learned_from_the_stored_teacher():
    assert recorded.teacher() == checksum(ASSETS / "bert-pocket"), "record the rivals again"


@pytest.mark.parametrize("head", heads.names())
@pytest.mark.parametrize("rival", RIVALS)
def test_every_rival_was_recorded_with_every_seed(head, rival):
    for seed in SEEDS:
        run = recorded.rival(replace(ASKED, head=head, rival=rival, seed=seed), "it")
        seconds, steps = ([getattr(p, name) for p in run.points] for name in ("seconds", "steps"))
        assert len(run.points) > 5 and seconds == sorted(seconds) and steps == sorted(steps)
        assert run.points[0].losses is None and run.points[-1].seconds <= 60 + 5
        assert all(0 <= point.marks.agreement <= 1 for point in run.points)
        assert run.end and run.end.rows > run.points[0].marks.rows and run.answer == ()


def test_the_runs_of_a_rival_differ_from_seed_to_seed():
    runs = [recorded.rival(replace(ASKED, seed=seed), "it").points for seed in SEEDS]
    assert len(set(runs)) == len(SEEDS)


def test_a_rival_has_come_no_further_than_the_student():
    whole = recorded.rival(ASKED, "random start")
    run = recorded.reached(whole, 20.0)
    assert run.points == tuple(p for p in whole.points if p.seconds <= 20) != whole.points
    assert run.end is None and run.name == "random start, recorded"


@pytest.mark.parametrize("head", heads.names())
def test_the_teacher_s_layers_are_ahead_of_a_random_start_with_every_seed(head):
    ends = recorded.agreements(head)
    assert ends.keys() == {recorded.WHOLE, *RIVALS}
    whole, random = ends[recorded.WHOLE], ends["random"]
    assert whole[1] > random[2] and whole[0] - random[0] > 0.2


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"rate": 1e-3}, "learning rate (0.0002)"),
        ({"seed": 7}, "seed (0 to 1)"),
        ({"layers": (0, 1, 2), "seconds": 90}, "layers (1, 3, 6); seconds (60)"),
        ({"weights": Weights(temperature=4.0)}, "weights (5 : 2 : 1, T = 2)"),
        ({"text": ("One more sentence.",)}, "sentences (ours)"),
    ],
)
def test_other_settings_than_those_of_the_recording_are_refused(changes, names):
    with pytest.raises(InputError) as refusal:
        checked(replace(ASKED, **changes))
    assert names in str(refusal.value)


def test_without_a_rival_nothing_is_drawn_and_any_settings_do():
    alone = replace(ASKED, rival="", rate=1e-3)
    assert checked(alone) == alone and not alone.is_rival_recorded


def test_a_recorded_rival_is_drawn_and_not_trained():
    control = Control()
    with closing(follow(ASKED, control)) as states:
        next(s for s, _ in states if s.students and len(s.students[0].points) > 2)
        control.stopped.set()
        *_, (state, training) = states
    own, rival = state.students
    assert len(training.pupils) == 1
    assert (own.name, rival.name) == (OWN, f"{RIVALS['random'].name}, recorded")
    assert rival.points[-1].seconds <= state.seconds and rival.end is None
    shown = live(state)
    assert recorded.origin() in shown and shown.count('<section class="lx-answer') == 2
    assert "by turns with | no other" in card(state)
    compared = own.points[-1].marks  # the rival was not scored on more rows at this time
    assert f"Your student: {100 * compared.agreement:.0f} %" in live_status(state)
    assert f"on {compared.rows} held-out rows" in live_status(state)
    assert "except the recorded rival" in live_status(state)
