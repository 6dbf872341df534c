"""What the Why? panel does, called as the page calls it."""

from __future__ import annotations

import json
import re
from functools import cache
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import gradio as gr
import pytest

from demos.why import panel
from demos.why.follow_ups import stoppable
from demos.why.handlers import (
    change_word,
    check,
    compare_methods,
    flip_answer,
    look,
    pair_of,
    pick_word,
    propose,
    reset_follow_ups,
    saved,
    select_target,
)
from demos.why.panel import explain, offer
from explain.attribution import METHODS, targets
from explain.attribution.export import from_json
from explain.attribution.results import PairAttribution
from explain.figures.attribution import deletion
from explain.heads import registry
from explain.models import HEADS, Loaded
from explain.records import InputError

HOSTILE = "<script>alert(1)</script>"
FIELDS = {
    "fill_mask": {"text": "The capital of France is [MASK]."},
    "sentiment": {"text": "A charming and often affecting journey."},
    "ner": {"text": "Jim Henson was born in Greenville."},
    "multiple_choice": {"prompt": "The glass fell.", "choices": "It broke.\nIt flew."},
    "question_answering": {"question": "Who came?", "context": "Ada came and Bob left."},
}
TARGETS = {"ner": "Jim Henson as PER"}


def steps(head: str, method: str = "integrated_gradients", **changed: object) -> list[tuple]:
    fields = FIELDS[head] | changed
    wanted = TARGETS.get(head, "")
    return list(
        explain(head, tuple(fields), *fields.values(), wanted, "", method, "mask", "pocket")
    )


@cache
def explained(head: str, method: str = "integrated_gradients") -> PairAttribution:
    return steps(head, method)[-1][2]


@pytest.mark.parametrize("head", HEADS)
def test_an_explanation_grows_and_ends_with_what_can_be_asked_next(head: str) -> None:
    first, *_, last = steps(head, "gradient_x_input")
    assert "Working" in first[0] and first[4]["visible"] is True and first[2] is None
    status, result, both, more, stop = last
    assert status == "" and both.done and more["visible"] is True and stop["visible"] is False
    assert "dx-teacher" in result and "dx-student" in result and 'class="wx-cell"' in result


def test_a_long_text_is_told_its_time_before_it_starts() -> None:
    said = [step[0] for step in steps("sentiment", "gradient_x_input", text="A fine film. " * 40)]
    assert re.search(r"word pieces: about [\d.]+ s", said[1])


NAMES = "Ada met Bob in Oslo, Carl flew to Rome, Dora left Paris for Berlin, and Emil saw London."
ONCE = {
    "fill_mask": {"text": "We spent the last week of [MASK] at the sea."},
    "sentiment": {"text": "A slow start and a lovely end."},
    "ner": {"text": NAMES},
    "multiple_choice": {"prompt": "The cup fell down.", "choices": "It broke up.\nIt flew off."},
    "question_answering": {"question": "Who left?", "context": "Ada came at nine, Bob left."},
}


@pytest.mark.parametrize("head", HEADS)
def test_each_model_predicts_once_however_many_targets_are_explained(
    head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = registry.module("explain.heads", head)
    forward, calls = module.forward, []

    def counted(loaded: Loaded, *arguments: object) -> object:
        calls.append(loaded.role)
        return forward(loaded, *arguments)

    monkeypatch.setattr(module, "forward", counted)
    monkeypatch.setattr(panel, "LONG", 0)  # with an estimate before it
    monkeypatch.setattr(targets, "_kept", WeakKeyDictionary())
    given = "all" if head == "ner" else "", "", "gradient_x_input", "mask", "pocket"
    *_, last = explain(head, tuple(ONCE[head]), *ONCE[head].values(), *given)
    assert last[2].done and len(last[2].teacher) >= (7 if head == "ner" else 1)
    assert sorted(calls) == ["student", "teacher"]


def test_what_cannot_be_asked_is_said_in_the_panel() -> None:
    *_, last = steps("sentiment", text=" ")
    assert "The text is empty" in last[0] and last[2] is None and last[4]["visible"] is False


def test_new_answers_bring_new_targets_and_keep_a_choice_that_still_fits() -> None:
    text = FIELDS["fill_mask"]["text"]
    kept = offer("fill_mask", ("text",), text, "bassoon", "bassoon", "gone", "pocket")
    assert ("bassoon", "bassoon") in kept[0]["choices"] and kept[0]["value"] == "bassoon"
    assert kept[1]["value"] == ""
    unread = offer("fill_mask", ("text",), "no gap", "", "gone", "", "pocket")
    assert unread[0]["value"] == "" and len(unread[0]["choices"]) == 1


def test_faithfulness_stands_beside_chance_for_both_models() -> None:
    *_, (text, plot) = check(explained("sentiment"))
    assert text.count("random orders") >= 2 and text.count("dx-panel") == 2
    names = [trace.name for trace in plot["value"].data]
    assert sum("random order" in name for name in names) == 2
    for trace in plot["value"].data:
        assert min(trace.y) >= 0 and max(trace.y) <= 1


def test_a_fall_is_drawn_as_a_fall_where_the_baseline_is_the_higher() -> None:
    one = SimpleNamespace(
        units=("a", "b"),
        deletion=(1.0, -1.0, 3.0),
        deletion_chance=(1.0, 2.0, 3.0),
        deletion_best=(1.0, -1.0, 3.0),
    )
    own, *_ = deletion([one]).data
    assert own.y == (0.5, 0.0, 1.0) and own.customdata == (1.0, -1.0, 3.0)


def test_all_methods_are_compared_and_shapley_only_where_it_can_be() -> None:
    *_, (text,) = compare_methods(explained("sentiment", "gradient_x_input"))
    assert text.count("<td>") == 2 * len(METHODS) ** 2
    both = steps("sentiment", "gradient_x_input", text="a fine film " * 20)[-1][2]
    *_, (text,) = compare_methods(both)
    assert text.count("<td>") == 2 * (len(METHODS) - 1) ** 2 and "Shapley" not in text


@pytest.mark.parametrize("head", HEADS)
def test_attention_is_named_as_attention(head: str) -> None:
    ((text, *plots),) = look(explained(head, "gradient_x_input"))
    assert "It does not show what moves its answer" in text
    layers = [len(plot["value"].data[0].y) for plot in plots]
    assert layers[0] == 2 * layers[1]


@pytest.mark.parametrize("action", ["delete", "mask", "replace"])
def test_a_changed_word_changes_both_models(action: str) -> None:
    both = explained("sentiment", "gradient_x_input")
    *_, (text,) = change_word(both, 1, action, HOSTILE)
    assert text.count("The answer ") == 2 and text.count("wx-two") == 1
    assert "<script" not in text
    cells = [re.sub("<[^>]*>", "", b) for b in re.findall(r"<b dir=\"auto\">(.*?)</b>", text)]
    assert "charming" not in cells
    assert ("[MASK]" in cells) == (action == "mask")


@pytest.mark.parametrize("head", HEADS)
def test_the_smallest_turn_is_looked_for_in_both_models(head: str) -> None:
    *_, (text,) = flip_answer(explained(head, "gradient_x_input"))
    assert text.count("changes tried") == 2


@pytest.mark.parametrize("head", HEADS)
def test_fill_mask_proposes_words_for_any_head(head: str) -> None:
    both = explained(head, "gradient_x_input")
    update = propose(both, 0, 1, "replace")
    assert len(update["choices"]) >= 3 and both.teacher[0].words[1].text not in update["choices"]
    assert propose(both, 0, 1, "mask") == gr.update(visible=False)


def test_both_files_hold_what_was_found() -> None:
    both = explained("sentiment")
    file = saved("json", both)
    data = json.loads(file["text"])
    assert from_json(json.dumps(data["teacher"])) == both.teacher[0]
    assert from_json(json.dumps(data["student"])) == both.student[0]
    page = saved("html", both)["text"]
    assert page.startswith("<!doctype html>") and "<script" not in page
    assert "http" not in re.sub(r"<style>.*</style>", "", page, flags=re.DOTALL)
    for word in both.teacher[0].words:
        assert f"{word.score:+.2f}" in page


def test_typed_markup_is_text_in_the_saved_page() -> None:
    both = steps("sentiment", "gradient_x_input", text=f"{HOSTILE} </style>")[-1][2]
    assert "<script" not in saved("html", both)["text"]


def test_an_untrained_classifier_is_explained_as_such() -> None:
    both = steps("multiple_choice", "gradient_x_input", untrained=True)[-1][2]
    (one, loaded), _ = pair_of(both)
    assert one.model == loaded.name and "untrained" in one.model


def test_a_refusal_takes_the_place_of_an_answer_and_stops() -> None:
    def refuse(both: object) -> object:
        raise InputError("Choose <another> word.")
        yield

    *_, last = stoppable(refuse, 2)(explained("sentiment"), 0)
    assert "&lt;another&gt;" in last[0] and last[-1] == gr.update(visible=False)


def test_a_new_explanation_clears_what_stood_below() -> None:
    about, words, *areas = reset_follow_ups(explained("sentiment"))
    assert about["visible"] is False and about["value"] == 0
    assert [number for _, number in words["choices"]] == list(range(7))
    assert areas[:4] == [""] * 4


def test_every_name_can_be_asked_about_not_just_the_first() -> None:
    fields = FIELDS["ner"]
    given = "all", "", "gradient_x_input", "mask", "pocket"
    *_, last = explain("ner", tuple(fields), *fields.values(), *given)
    both = last[2]
    about, *_ = reset_follow_ups(both)
    assert about["visible"] is True and len(about["choices"]) == len(both.teacher) >= 2
    second = select_target(both, 1)
    assert pair_of(second)[0][0].target == both.teacher[1].target
    number = [word.text for word in both.teacher[1].words].index("Greenville")
    asked = SimpleNamespace(question="1", word=str(number))
    chosen, words, drawer = pick_word(both, asked)
    assert (chosen, words["value"], drawer["open"]) == (1, number, True)
    steps = stoppable(change_word, 1)(both, 1, number, "delete", "")
    text = "".join(str(step[0]) for step in steps)
    assert "This is what you ask about" in text  # Greenville itself, not the first name
    for i in range(len(both.teacher)):
        assert f'data-question="{i}"' in last[1]
