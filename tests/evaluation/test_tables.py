"""Tables from answers given by hand."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from explain.evaluation.heads.ner import outcomes
from explain.evaluation.items import EvaluationSet, Item, ScoredAnswer, ScoredItem
from explain.evaluation.tables import paired_comparison, report
from explain.render.items import SHOWN, differences


def answer(label: int, said: int) -> ScoredAnswer:
    names = ("negative", "positive")
    right = said == label
    loss = 0.25 if right else 2.0
    kinds = ((names[label], names[said]),)
    return ScoredAnswer(names[said], right, 0.9, loss, (1, right, loss), kinds)


def judged(labels: str, teacher: str, student: str, slices: str = "") -> list[ScoredItem]:
    """One item a digit."""
    rows = zip(labels, teacher, student, slices or "x" * len(labels), strict=True)
    found = []
    for number, (label, first, second, name) in enumerate(rows, start=1):
        item = Item(number, {"text": f"text {number}", "label": int(label)}, name)
        sides = answer(int(label), int(first)), answer(int(label), int(second))
        found.append(ScoredItem(item, item.row["text"], label, *sides, first == second))
    return found


def test_who_is_right_where_and_whether_it_is_more_than_chance():
    #                        both  teacher alone  student alone  neither
    found = paired_comparison(judged("111" + "00000000" + "1" + "00",
                           "111" + "00000000" + "0" + "11",
                           "111" + "11111111" + "1" + "11"))  # fmt: skip
    assert (found.both, found.only_teacher, found.only_student, found.neither) == (3, 8, 1, 2)
    assert (found.teacher.count, found.student.count, found.agree) == (11, 4, 5)
    assert found.p == pytest.approx(binomtest(8, 9, 0.5).pvalue)  # 0.039
    assert found.verdict == "teacher"
    wilson = binomtest(11, 14).proportion_ci(method="wilson")
    assert (found.teacher.low, found.teacher.high) == pytest.approx((wilson.low, wilson.high))


def test_a_difference_that_chance_explains_is_inconclusive():
    five = paired_comparison(judged("11111", "11111", "00000"))
    assert five.p == pytest.approx(2 / 32) and five.verdict == "inconclusive"
    assert paired_comparison(judged("11", "11", "11")).p == 1
    assert paired_comparison(judged("1" * 6, "0" * 6, "1" * 6)).verdict == "student"


def test_scores_slices_kinds_and_differences_of_one_evaluation():
    found = judged("1100", "1101", "0111", "aabb")
    data = EvaluationSet("sentiment", "by hand", "", tuple(one.item for one in found))
    tables = report(data, found)
    accuracy, loss = tables.scores
    assert (accuracy.teacher.value, accuracy.student.value) == (0.75, 0.25)
    assert accuracy.kept and accuracy.kept.value == pytest.approx(1 / 3)
    assert loss.teacher.value == pytest.approx((3 * 0.25 + 2.0) / 4) and loss.kept is None
    assert [(one.name, one.comparison.teacher.count, one.comparison.student.count)
            for one in tables.slices] == [("a", 2, 1), ("b", 1, 0)]  # fmt: skip
    assert tables.confusion.rows == tables.confusion.columns == ("negative", "positive")
    assert tables.confusion.teacher == ((1, 1), (0, 2))
    assert tables.confusion.student == ((0, 2), (1, 1))
    assert [one.item.number for one in tables.differing] == [1, 3]


def test_items_beyond_those_shown_are_counted_in_good_english():
    for more, said in ((1, "1 more is in the files"), (2, "2 more are in the files")):
        count = SHOWN + more
        found = judged("1" * count, "1" * count, "0" * count)
        data = EvaluationSet("sentiment", "by hand", "", ())
        assert said in differences(report(data, found), "pocket")


def test_what_becomes_of_names():
    named = {("PER", 0, 1), ("LOC", 3, 3), ("ORG", 5, 7), ("MISC", 9, 9)}
    predicted = {("PER", 0, 1), ("ORG", 3, 3), ("ORG", 5, 6), ("LOC", 11, 12)}
    assert sorted(outcomes(predicted, named)) == [
        ("LOC", "made up"),
        ("LOC", "other kind"),
        ("MISC", "missed"),
        ("ORG", "cut otherwise"),
        ("PER", "found"),
    ]
