"""Deletion tests of attributions whose truth is known: the best order, the worst, and chance."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pytest
import torch

from explain.attribution import Attribution, SentimentInput, SentimentTarget, attribute
from explain.attribution.faithfulness import MOST_UNITS, faithfulness
from explain.attribution.request import function_of, request_of
from tests.tiny import tiny

TEXT = SentimentInput("the long film about a small town was slow but never dull")


SHORT = SentimentInput("slow but never quite dull")


def with_scores(attribution: Attribution, scores: list[float]) -> Attribution:
    draw = iter(scores)
    own = tuple(0.0 if piece.is_special else next(draw) for piece in attribution.pieces)
    return replace(attribution, scores=own)


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_random_scores_do_as_well_as_the_random_control(role: str) -> None:
    """Over 20 draws the mean lies within 3 standard errors of the control's."""
    loaded = tiny("sentiment", role)
    found = attribute(SHORT, loaded, SentimentTarget("positive"), "gradient_x_input")
    draw = random.Random(7)
    count = len(found.words)
    results = [
        faithfulness(with_scores(found, [draw.random() for _ in range(count)]), loaded, seed)
        for seed in range(20)
    ]
    for name in ("comprehensiveness", "sufficiency", "tau"):
        gaps = [getattr(one, name).value - getattr(one, name).chance for one in results]
        spread = max(getattr(one, name).spread for one in results)
        assert abs(sum(gaps) / len(gaps)) < 3 * spread / len(gaps) ** 0.5 + 0.02
    beaten = sum(one.comprehensiveness.percentile for one in results) / len(results)
    assert 0.3 < beaten < 0.7


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_leave_one_out_agrees_with_itself(role: str) -> None:
    loaded = tiny("sentiment", role)
    found = attribute(TEXT, loaded, SentimentTarget("positive"), "occlusion")
    result = faithfulness(found, loaded)
    assert result.tau.value == pytest.approx(1.0)
    assert abs(result.tau.chance) < 0.25
    turned = with_scores(found, [-s for p, s in zip(found.pieces, found.scores, strict=True)
                                 if not p.is_special])  # fmt: skip
    assert faithfulness(turned, loaded).tau.value == pytest.approx(-1.0)


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_the_best_of_all_orders_scores_1_and_the_worst_0(role: str) -> None:
    """All 120 orders of five words, by brute force."""
    loaded = tiny("sentiment", role)
    found = attribute(SHORT, loaded, SentimentTarget("positive"), "gradient_x_input")
    function = function_of(request_of(SHORT, loaded, found.target), loaded, "mask")

    def area(order: tuple[int, ...]) -> float:
        keep = torch.ones(6, function.count, dtype=torch.bool)
        for step, unit in enumerate(order, start=1):
            keep[step:, found.words[unit].pieces[0]] = False
        values = function.kept(keep)[:, 0].tolist()
        return sum(values[0] - value for value in values[1:]) / 5

    areas = {order: area(order) for order in permutations(range(5))}
    for chosen, expected in ((max, 1.0), (min, 0.0)):
        order = chosen(areas, key=areas.get)
        result = faithfulness(with_scores(found, [-order.index(i) for i in range(5)]), loaded)
        assert result.comprehensiveness.value == pytest.approx(expected)
        assert result.comprehensiveness_logits == pytest.approx(areas[order], abs=1e-5)


def test_curves_start_at_the_text_and_end_at_the_baseline() -> None:
    loaded = tiny("sentiment", "teacher")
    found = attribute(TEXT, loaded, SentimentTarget("negative"), "occlusion")
    result = faithfulness(found, loaded)
    for curve in (result.deletion, result.deletion_chance, result.deletion_best):
        assert len(curve) == len(result.units) + 1
        assert curve[0] == pytest.approx(found.ledger.value, abs=1e-4)
        assert curve[-1] == pytest.approx(found.ledger.baseline_value, abs=1e-4)
    fall = [curve - result.deletion[0] for curve in result.deletion[1:]]
    assert result.comprehensiveness_logits == pytest.approx(-sum(fall) / len(fall), abs=1e-5)


def test_a_model_that_is_twice_as_loud_is_not_twice_as_faithful() -> None:
    """The raw measures double with the logits; the normalised ones stay."""
    from tests.attribution.test_engine import twice

    loaded = tiny("sentiment", "teacher")
    quiet, loud = (
        faithfulness(attribute(TEXT, one, SentimentTarget("positive"), "occlusion"), one)
        for one in (loaded, twice(loaded))
    )
    assert loud.comprehensiveness_logits == pytest.approx(
        2 * quiet.comprehensiveness_logits, rel=1e-3
    )
    assert loud.comprehensiveness.value == pytest.approx(quiet.comprehensiveness.value, abs=1e-4)
    assert loud.sufficiency.value == pytest.approx(quiet.sufficiency.value, abs=1e-4)


def test_long_text_is_tested_in_groups_of_neighbours() -> None:
    loaded = tiny("sentiment", "student")
    text = SentimentInput(" ".join(f"word{'s' * (i % 2)}" for i in range(60)))
    found = attribute(text, loaded, SentimentTarget("positive"), "gradient_x_input")
    result = faithfulness(found, loaded, orders=2)
    assert len(result.units) == 20 <= MOST_UNITS
    assert result.units[0] == "word words word"


def test_one_word_has_only_one_order() -> None:
    loaded = tiny("sentiment", "teacher")
    found = attribute(SentimentInput("good"), loaded, SentimentTarget("positive"), "occlusion")
    result = faithfulness(found, loaded)
    assert result.comprehensiveness.value == result.comprehensiveness.chance == 0.5
