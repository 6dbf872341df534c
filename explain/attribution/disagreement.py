"""Do several methods tell the same story of one answer? Rank correlations between them.

Methods ask different questions, so they need not agree; where they do not, no single picture is
the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from explain.attribution.records import Attribution
from explain.attribution.results import Disagreement
from explain.statistics import spearman

SPOKEN = {
    "integrated_gradients": "integrated gradients",
    "gradient_x_input": "gradient × input",
    "occlusion": "occlusion",
    "shapley": "Shapley values",
}
ALIKE = 0.7  # a rank correlation from which two methods tell much the same


def disagreement(attributions: Sequence[Attribution]) -> Disagreement:
    """Spearman's rho over the words between attributions that differ in method alone."""
    asked = {(one.input, one.target, one.model) for one in attributions}
    assert len(asked) == 1, "the same number of the same model"
    scores = [[word.score for word in one.words] for one in attributions]
    matrix = tuple(tuple(spearman(a, b) for b in scores) for a in scores)
    methods = tuple(one.method for one in attributions)
    return Disagreement(methods, matrix, _sentence(methods, matrix))


def _sentence(methods: Sequence[str], matrix: Sequence[Sequence[float]]) -> str:
    pairs = list(combinations(range(len(methods)), 2))
    if not pairs:
        return "One method alone: choose a second to see whether they agree."
    first, second = min(pairs, key=lambda pair: matrix[pair[0]][pair[1]])
    lowest = matrix[first][second]
    if lowest >= ALIKE:
        return f"The methods rank the words much alike (rank correlation {lowest:.2f} or more)."
    one, other = (SPOKEN[methods[i]] for i in (first, second))
    return (
        f"{one[0].upper()}{one[1:]} and {other} rank the words differently (rank correlation "
        f"{lowest:.2f}): take no single picture for the truth."
    )
