"""A visitor's own student answers in its head's tab and races, for that visitor alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from gradio.context import LocalContext

from demos import fill_mask, own_student
from demos.race import latency
from explain.models import load
from explain.race import contestants
from explain.records import InputError
from explain.render.heads import fill_mask as render

TEXT = "The keys to the cabinet [MASK] on the table."


@contextmanager
def visitor(session: str) -> Iterator[None]:
    token = LocalContext.request.set(SimpleNamespace(session_hash=session))  # type: ignore[arg-type]
    try:
        yield
    finally:
        LocalContext.request.reset(token)


@pytest.fixture(autouse=True)
def none_kept() -> Iterator[None]:
    own_student._students.clear()
    yield
    own_student._students.clear()


def answer(session: str, text: str = TEXT) -> str:
    panel = own_student.panel("fill_mask", fill_mask.ask, render.panel)
    with visitor(session):
        return panel(text, "", "pocket")


def test_a_student_answers_once_it_is_put_into_the_tabs_and_until_it_is_taken_out() -> None:
    own_student.keep("a", load("fill_mask", "student"))
    assert answer("a") == ""
    assert own_student.switch("a").in_tabs
    shown = answer("a")
    assert "Your student" in shown and "dx-own" in shown and ">are<" in shown
    assert answer("b") == ""
    assert not own_student.switch("a").in_tabs
    assert answer("a") == ""


def test_a_student_answers_in_the_tab_of_its_own_head_only() -> None:
    own_student.keep("a", load("ner", "student"))
    own_student.switch("a")
    assert answer("a") == ""


def test_a_word_that_cannot_be_scored_costs_no_answer() -> None:
    loaded = load("fill_mask", "student")
    answers = [fill_mask.ask(loaded, TEXT, word) for word in ("😀", "")]
    assert answers[0].candidates == answers[1].candidates


def test_a_text_that_it_cannot_read_costs_the_other_answers_nothing() -> None:
    own_student.keep("a", load("fill_mask", "student"))
    own_student.switch("a")
    assert "Your student does not answer: " in answer("a", "There is no gap in <b>this</b>.")
    assert "<b>" not in answer("a", "There is no gap in <b>this</b>.")


def test_the_oldest_students_go_and_their_visitors_are_told() -> None:
    for number in range(own_student.KEPT + 1):
        own_student.keep(str(number), load("fill_mask", "student"))
    with pytest.raises(InputError, match="no longer kept: train it again"):
        own_student.switch("0")
    assert own_student.switch("1").in_tabs


def test_an_own_student_races_against_its_teacher() -> None:
    own_student.keep("a", load("sentiment", "student"))
    own_student.switch("a")
    with visitor("a"):
        given = ["teacher", "own-student"], 8, 1, 10, 1, "pocket"
        *_, view = latency.steps(lambda: False, *given)
    assert [entry.contestant for entry in view.result.standings] == ["teacher", "own-student"]
    assert "Your student" in view.table


@pytest.mark.parametrize(
    ("head", "sentence"),
    [("", "You have no student yet"), ("ner", "your student was trained for Entities")],
)
def test_a_student_that_cannot_race_is_refused_with_what_to_do(head: str, sentence: str) -> None:
    own = load(head, "student") if head else None
    with pytest.raises(InputError, match=f"{sentence}.*Use it in the tabs"):
        contestants.prepare("own-student", "pocket", own=own)
