"""The Why? panel's markup: escaped, on one scale, honest about what has not converged."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from explain.attribution import Attribution, SentimentInput, SentimentTarget
from explain.attribution.engine import pair_steps
from explain.attribution.results import PairAttribution
from explain.models import HEADS, ROLES
from explain.render.attribution import ledger, proof, result
from explain.render.attribution_grid import DEEPEST, by_piece, by_word, grid, reach
from tests.attribution.questions import PLAIN, asked
from tests.tiny import tiny

HOSTILE = "<script>alert(1)</script> ${alert(2)} {{value}} <img src=x onerror=alert(3)>"


def both(
    head: str, head_input=None, method: str = "gradient_x_input", target=None
) -> PairAttribution:
    head_input = head_input or PLAIN[head]
    models = [tiny(head, role) for role in ROLES]
    *_, last = pair_steps(head_input, models, [target or asked(head_input)], method)
    return last


@pytest.mark.parametrize("head", HEADS)
def test_every_word_has_its_cell_with_a_score_of_each_model(head: str) -> None:
    found = both(head)
    teacher, student = found.teacher[0], found.student[0]
    drawn = grid([teacher, student], by_word, reach([teacher, student]), found.agreement[0])
    cells = re.findall(r"<li .*?</li>", drawn)
    ordinary = [cell for cell in cells if "wx-kept" not in cell]
    places = {(w.part, w.start, w.end) for one in (teacher, student) for w in one.words}
    assert len(ordinary) == len(places)
    for one in (teacher, student):
        for word in one.words:
            score = "0.00" if abs(word.score) < 0.005 else f"{word.score:+.2f}"
            assert any(f"{score}</span>" in cell for cell in ordinary)
    if head == "fill_mask":
        assert sum("wx-kept" in cell for cell in cells) >= 1


def test_what_was_typed_is_escaped() -> None:
    found = both("sentiment", SentimentInput(HOSTILE), target=SentimentTarget("positive"))
    drawn = result(found)
    for mark in ("<script", "<img", "${", "{{"):
        assert mark not in drawn
    assert "&lt;" in drawn and "script" in drawn


def test_one_scale_holds_for_words_and_pieces_of_both_models() -> None:
    found = both("sentiment")
    pair = found.teacher[0], found.student[0]
    limit = reach(pair)
    scores = [abs(s) for one in pair for s in (*one.scores, *(w.score for w in one.words))]
    assert limit == max(scores)
    depths = [
        float(depth)
        for units in (by_word, by_piece)
        for depth in re.findall(r"--depth:([\d.]+)", grid(pair, units, limit))
    ]
    assert max(depths) == DEEPEST and min(depths) >= 0
    assert f"{limit:+.2f}" in result(found) and "one scale for both models" in result(found)


def with_ledger(one: Attribution, **changes: object) -> Attribution:
    return replace(one, ledger=replace(one.ledger, **changes))


def test_the_ledger_shows_the_sum_and_says_plainly_when_it_is_missed() -> None:
    one = both("sentiment", method="integrated_gradients").teacher[0]
    book = one.ledger
    shown = ledger(with_ledger(one, converged=True))
    for value in (book.value, book.baseline_value, book.total):
        assert f"{value:+.3f}" in shown
    assert "Converged" in shown and f"{book.steps:,};" in shown
    missed = with_ledger(one, converged=False, relative_delta=0.25)
    assert proof(missed).startswith("Not converged") and "25.00 %" in proof(missed)
    assert proof(missed, done=False) == "Still being refined."
    assert "wx-good" not in ledger(missed)


@pytest.mark.parametrize("method", ["gradient_x_input", "occlusion"])
def test_methods_that_promise_no_sum_are_not_said_to_converge(method: str) -> None:
    one = both("sentiment", method=method).teacher[0]
    assert "does not promise" in proof(one) and "wx-good" not in ledger(one)


def test_each_model_names_its_own_answer_where_they_differ() -> None:
    found = both("sentiment", target=SentimentTarget("positive"))
    other = both("sentiment", target=SentimentTarget("negative"))
    drawn = result(replace(found, student=other.student))
    assert "BERT, the logit of “positive”; DistilBERT, the logit of “negative”" in drawn
