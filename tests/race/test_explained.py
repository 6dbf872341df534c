"""Do the reasons agree? Counted by hand, and over a few items of every head."""

from __future__ import annotations

import pytest

from explain.attribution import attribute
from explain.models import HEADS
from explain.render import escape
from race import render_explained, sets
from race.explained import explain, question
from race.items import EvaluationSet, Item
from race.reasons import Explained, summary
from tests.tiny import tiny


def explained(same_answer: bool, same_word: bool, words: int, shared: int) -> Explained:
    item = Item(1, {"text": "<b>good</b>", "label": 1})
    return Explained(
        item, "<b>good</b>", same_answer, "<b>", "good", same_word, shared, 3, words, 0.5
    )


def test_reasons_are_counted_apart_for_items_with_one_answer_and_with_two():
    found = summary(
        [
            explained(True, True, 4, 3),
            explained(True, False, 8, 0),
            explained(False, False, 5, 1),
        ],
        total=9,
    )
    assert (found.done, found.total, found.same_answer.count) == (3, 9, 2)
    assert (found.when_same.same_word.count, found.when_same.count) == (1, 2)
    assert (found.when_other.same_word.count, found.when_other.count) == (0, 1)
    assert found.when_same.by_luck == pytest.approx((1 / 4 + 1 / 8) / 2)
    assert found.everything.shared == pytest.approx((3 + 0 + 1) / 9)
    assert found.everything.shared_by_luck == pytest.approx((3 / 4 + 3 / 8 + 3 / 5) / 3)
    assert summary([], total=2).everything.same_word.total == 0


@pytest.mark.parametrize("head", HEADS)
def test_a_model_beside_itself_always_has_the_same_reasons(head):
    items, model = sets.ours(head).items[:3], tiny(head, "student")
    *_, last = explain(items, model, model, "gradient_x_input")
    assert last.done == last.total == 3
    assert last.same_answer.count == last.everything.same_word.count == 3
    assert last.everything.shared == 1 and last.everything.spearman == pytest.approx(1)


def test_the_main_word_is_the_one_that_adds_most():
    items = sets.ours("sentiment").items[:2]
    teacher, student = tiny("sentiment", "teacher"), tiny("sentiment", "student")
    *_, last = explain(items, teacher, student, "gradient_x_input")
    for one in last.items:
        asked, target = question("sentiment", one.item.row)
        scores = attribute(asked, teacher, target, "gradient_x_input").words
        assert one.teacher == max(scores, key=lambda word: word.score).text


def test_of_sentences_the_first_labelled_name_is_explained_and_those_without_are_left_out():
    row = {"tokens": ["Near", "Rio", "Claro", "Ana", "slept"],
           "tags": ["O", "B-LOC", "I-LOC", "B-PER", "O"]}  # fmt: skip
    asked, target = question("ner", row)
    assert asked.text[target.start : target.end] == "Rio Claro"
    nobody = {"tokens": ["Rain", "fell"], "tags": ["O", "O"]}
    model = tiny("ner", "student")
    *_, last = explain([Item(1, row), Item(2, nobody)], model, model, "gradient_x_input")
    assert (last.done, last.left_out) == (1, 1)


def test_shares_and_items_are_drawn_escaped_beside_what_luck_would_give():
    data = EvaluationSet("sentiment", "mine", "", ())
    found = summary([explained(True, False, 8, 0)] * 4 + [explained(True, True, 8, 3)], total=5)
    assert "Same answer 100.0 %, same main word 20.0 %" in render_explained.headline(found, data)
    assert "blindly 12.5 %" in render_explained.shares(found, data)
    items = render_explained.surprises(found, "pocket", "sentiment")
    assert items.count("open and explain") == 4
    assert "<b>good" not in items and escape("<b>good</b>") in items
