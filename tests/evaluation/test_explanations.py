"""Do the reasons agree? Counted by hand, and over a few items of every head."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from demos.race import explanations as page
from explain.attribution import attribute
from explain.evaluation import heads, sets
from explain.evaluation.explanations import explain
from explain.evaluation.export import explanations_csv
from explain.evaluation.items import EvaluationSet, Item
from explain.evaluation.reasons import ExplainedItem, summary
from explain.models import HEADS, ROLES
from explain.render import explanations as render_explained
from explain.render.items import surprises
from explain.render.templates import escape
from tests.tiny import tiny

VISITOR = gr.Request(session_hash="someone")


def explained(same_answer: bool, same_word: bool, words: int, shared: int) -> ExplainedItem:
    item = Item(1, {"text": "<b>good</b>", "label": 1})
    return ExplainedItem(
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
    assert found.when_same.chance_level == pytest.approx((1 / 4 + 1 / 8) / 2)
    assert found.everything.shared == pytest.approx((3 + 0 + 1) / 9)
    assert found.everything.shared_chance_level == pytest.approx((3 / 4 + 3 / 8 + 3 / 5) / 3)
    assert summary([], total=2).everything.same_word.total == 0


@pytest.mark.parametrize("head", HEADS)
def test_a_model_beside_itself_always_has_the_same_reasons(head):
    items, model = sets.ours(head).items[:3], tiny(head, "student")
    *_, last = explain(items, model, model, "gradient_x_input")
    assert last.done == last.total == 3
    assert last.same_answer.count == last.everything.same_word.count == 3
    assert last.everything.shared == 1 and last.everything.spearman == pytest.approx(1)


@pytest.mark.parametrize("head", ["sentiment", "question_answering", "ner"])
def test_explaining_can_be_ended_while_one_item_is_explained(head):
    models = [tiny(head, role) for role in ROLES]
    items = [each for each in sets.ours(head).items if heads.of(head).explained(each.row)][:2]
    done = [each.done for each in explain(items, *models)]
    assert done[-1] == len(items)
    assert min(done.count(number) for number in range(len(items))) >= 3


def test_the_main_word_is_the_one_that_adds_most():
    items = sets.ours("sentiment").items[:2]
    teacher, student = tiny("sentiment", "teacher"), tiny("sentiment", "student")
    *_, last = explain(items, teacher, student, "gradient_x_input")
    for one in last.items:
        asked, target = heads.of("sentiment").explained(one.item.row)
        scores = attribute(asked, teacher, target, "gradient_x_input").words
        assert one.teacher == max(scores, key=lambda word: word.score).text


def test_of_sentences_the_first_labelled_name_is_explained_and_those_without_are_left_out():
    row = {"tokens": ["Near", "Rio", "Claro", "Ana", "slept"],
           "tags": ["O", "B-LOC", "I-LOC", "B-PER", "O"]}  # fmt: skip
    asked, target = heads.of("ner").explained(row)
    assert asked.text[target.start : target.end] == "Rio Claro"
    nobody = {"tokens": ["Rain", "fell"], "tags": ["O", "O"]}
    model = tiny("ner", "student")
    *_, last = explain([Item(1, row), Item(2, nobody)], model, model, "gradient_x_input")
    assert (last.done, last.left_out) == (1, 1)


def test_shares_and_items_are_drawn_escaped_beside_the_chance_level():
    data = EvaluationSet("sentiment", "mine", "", ())
    found = summary([explained(True, False, 8, 0)] * 4 + [explained(True, True, 8, 3)], total=5)
    assert "Same answer 100.0 %, same main word 20.0 %" in render_explained.headline(found, data)
    assert "chance 12.5 %" in render_explained.shares(found, data)
    items = surprises(found, "pocket", "sentiment")
    assert items.count("open and explain") == 4
    assert "<b>good" not in items and escape("<b>good</b>") in items


def test_the_items_are_taken_along_with_all_that_the_shares_depend_on():
    steps = page.JOB.run(VISITOR, "sentiment", "ours", None, "gradient_x_input", 10, "pocket")
    *before, last, _ = steps
    files = [Path(one["value"]).read_text("utf-8-sig") for one in last[3:5]]
    assert last[5]["visible"] and not any(shot[5]["visible"] for shot in before)
    rows, whole = list(csv.DictReader(files[0].splitlines())), json.loads(files[1])
    assert len(rows) == whole["items"] == len(whole["explained"]) == 10
    same = sum(row["same_word"] == "True" for row in rows)
    assert same == whole["reasons"]["all"]["same_word"]["count"]
    assert f"same main word {10 * same}.0 %" in last[0]
    assert whole["method"] == "gradient_x_input" and whole["models"].keys() == {
        "teacher", "student",
    }  # fmt: skip
    assert whole["seed"] == 0 and whole["threads"] >= 1
    assert whole["circumstances"]["versions"]["torch"] and "drawn at random" in whole["origin"]


def test_a_word_that_a_spreadsheet_would_run_is_made_harmless():
    found = summary([replace(explained(True, False, 8, 0), teacher="=cmd()")], total=1)
    (row,) = csv.DictReader(explanations_csv(found).splitlines())
    assert row["teacher_main_word"] == "'=cmd()"


def test_an_emptied_field_is_refused_and_the_button_is_free_again():
    *_, last = page.JOB.run(VISITOR, "sentiment", "ours", None, "gradient_x_input", None, "pocket")
    assert "or 0 for all, not None" in last[0] and last[-2]["interactive"]
