"""Sampled Shapley values against the exact ones, by brute force over all 720 orders."""

from __future__ import annotations

from itertools import permutations

import pytest
import torch

from explain.attribution import SentimentInput, SentimentTarget
from explain.attribution.methods.shapley import shapley
from explain.attribution.request import function_of, request_of
from tests.tiny import tiny


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_sampling_agrees_with_the_exact_value_on_six_pieces(role: str) -> None:
    loaded = tiny("sentiment", role)
    question = request_of(
        SentimentInput("not a bad little film ."), loaded, SentimentTarget("positive")
    )
    function = function_of(question, loaded, "mask")
    players = function.ordinary
    assert len(players) == 6
    keep = torch.zeros(64, function.count, dtype=torch.bool)
    for mask in range(64):
        keep[mask, [p for bit, p in enumerate(players) if mask >> bit & 1]] = True
    values = function.kept(keep)[:, 0]
    exact = [0.0] * 6
    for order in permutations(range(6)):
        mask = 0
        for player in order:
            exact[player] += float(values[mask | 1 << player] - values[mask]) / 720
            mask |= 1 << player
    *_, sampled = shapley(function, function.ends(), seed=3, tolerance=0.01)
    found = sampled.scores[0, list(players)].tolist()
    assert found == pytest.approx(exact, abs=4 * sampled.errors[0])
    assert sampled.errors[0] <= 0.02 * max(map(abs, exact))
    assert sum(found) == pytest.approx(float(values[63] - values[0]), abs=1e-4)
