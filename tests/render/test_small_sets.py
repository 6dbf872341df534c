"""What is said of two models that differ on few items, or on none."""

from __future__ import annotations

import pytest

from explain.evaluation.tables import PairedComparison, share
from explain.render import accuracy_words as words
from explain.statistics import mcnemar_exact


def comparison(both: int, only_teacher: int, only_student: int, neither: int) -> PairedComparison:
    total = both + only_teacher + only_student + neither
    p = mcnemar_exact(only_teacher, only_student)
    better = "teacher" if only_teacher > only_student else "student"
    return PairedComparison(
        share(both + only_teacher, total), share(both + only_student, total),
        both, only_teacher, only_student, neither, both, p, better if p < 0.05 else "inconclusive",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "headline", "basis"),
    [
        ((6, 0, 0, 0), "Both are right on all 6", "No item is right for one model alone"),
        ((0, 0, 0, 3), "Neither is right on any of 3", "No item is right for one model alone"),
        ((3, 0, 1, 0), "Too few differences", "Only the student is right on 1: even all on one"),
        ((3, 5, 0, 9), "Too few differences", "Only the teacher is right on 5: even all on one"),
        ((9, 2, 3, 0), "Too few", "Only the teacher is right on 2 and only the student is right"),
        ((90, 4, 3, 9), "Inconclusive: too close to call", "may be chance (McNemar"),
        ((3, 6, 0, 0), "The teacher is right more often", "Only the teacher is right on 6: more"),
    ],
)
def test_few_differing_items_are_told_from_a_close_result(
    counts: tuple[int, int, int, int], headline: str, basis: str
) -> None:
    result = comparison(*counts)
    assert words.verdict(result).startswith(headline)
    assert basis in words.evidence(result)
    assert "right on 0" not in words.evidence(result)


def test_with_fewer_items_than_named_no_difference_can_be_told() -> None:
    assert mcnemar_exact(words.FEWEST_DIFFERING - 1, 0) >= words.SIGNIFICANCE
    assert mcnemar_exact(words.FEWEST_DIFFERING, 0) < words.SIGNIFICANCE
