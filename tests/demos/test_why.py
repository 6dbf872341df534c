"""What the Why? panel does, called as the page calls it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
import pytest

from demos.why import handlers
from demos.why.follow_ups import (
    change_target,
    change_word,
    check_faithfulness,
    compare_methods,
    flip_answer,
    pick_word,
    propose_words,
    reset_follow_ups,
    saved,
    show_attention,
    with_models,
)
from demos.why.handlers import PanelUpdate, explain, explain_answered, new_answer, offer
from demos.why.running import Remaining, running, select_target, started
from explain.attribution import METHODS, engine
from explain.attribution.export import to_plain
from explain.attribution.results import PairAttribution
from explain.figures.attribution import deletion
from explain.heads import registry
from explain.models import HEADS, Loaded
from explain.race import lock
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


def steps(head: str, method: str = "integrated_gradients", **changed: object) -> list[PanelUpdate]:
    fields = FIELDS[head] | changed
    choices = TARGETS.get(head, ""), "", method, "mask", "pocket"
    return list(explain(head, tuple(fields), *fields.values(), *choices))


@cache
def explained(head: str, method: str = "integrated_gradients") -> PairAttribution:
    return steps(head, method)[-1].attributions


@pytest.mark.parametrize("head", HEADS)
def test_an_explanation_grows_and_ends_with_what_can_be_asked_next(head: str) -> None:
    first, *_, last = steps(head, "gradient_x_input")
    assert "Working" in first.status and first.stop["visible"] is True
    assert first.attributions is None
    assert last.status == "" and last.attributions.done
    assert last.follow_ups["visible"] is True and last.stop["visible"] is False
    for mark in ("wx-text dx-teacher", "wx-text dx-student", 'class="wx-cell"'):
        assert mark in last.result


def test_the_time_of_a_long_text_is_estimated_before_it_starts() -> None:
    updates = steps("sentiment", "gradient_x_input", text="A fine film. " * 40)
    assert re.search(r"word pieces: about [\d.]+ s", updates[1].status)


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

    def counted(loaded: Loaded, inputs: dict, *arguments: object, **settings: object) -> object:
        if "inputs_embeds" not in inputs:  # else a pass of the attribution itself
            calls.append(loaded.role)
        return forward(loaded, inputs, *arguments, **settings)

    monkeypatch.setattr(module, "forward", counted)
    monkeypatch.setattr(handlers, "LONG", 0)  # with an estimate before it
    monkeypatch.setattr(engine, "_results", WeakKeyDictionary())
    choices = "all" if head == "ner" else "", "", "gradient_x_input", "mask", "pocket"
    *_, last = explain(head, tuple(ONCE[head]), *ONCE[head].values(), *choices)
    assert last.attributions.done
    assert len(last.attributions.teacher) >= (7 if head == "ner" else 1)
    for handler in (compare_methods, show_attention):  # on the same, fixed target
        list(handler(last.attributions))
    assert sorted(calls) == ["student", "teacher"]


def test_what_cannot_be_asked_is_said_in_the_panel() -> None:
    *_, last = steps("sentiment", text=" ")
    assert "The text is empty" in last.status and last.attributions is None
    assert last.stop["visible"] is False


def test_new_answers_bring_new_targets_and_keep_a_choice_that_still_fits() -> None:
    text = FIELDS["fill_mask"]["text"]
    kept = offer("fill_mask", ("text",), text, "bassoon", "bassoon", "gone", "pocket")
    assert ("bassoon", "bassoon") in kept[0]["choices"] and kept[0]["value"] == "bassoon"
    assert kept[1]["value"] == ""
    unread = offer("fill_mask", ("text",), "no gap", "", "gone", "", "pocket")
    assert unread[0]["value"] == "" and len(unread[0]["choices"]) == 1


def test_faithfulness_stands_beside_chance_for_both_models() -> None:
    *_, (_, text, *plots) = check_faithfulness(explained("sentiment"))
    assert text.count("random orders") >= 2 and text.count("dx-panel") == 2
    assert len(plots) == 2
    for plot in plots:  # one per model: no legend mixes the two
        names = [trace.name for trace in plot["value"].data]
        assert names == ["highest scores first", "random order", "best order found"]
        assert plot["value"].layout.xaxis.title.text == "words replaced, %"
        assert plot["value"].layout.yaxis.title.text == "explained number"
        for trace in plot["value"].data:
            assert min(trace.y) >= 0 and max(trace.y) <= 1


def test_a_fall_is_drawn_as_a_fall_where_the_baseline_is_the_higher() -> None:
    result = SimpleNamespace(
        units=("a", "b"),
        deletion=(1.0, -1.0, 3.0),
        deletion_chance=(1.0, 2.0, 3.0),
        deletion_best=(1.0, -1.0, 3.0),
    )
    by_score, *_ = deletion(result, "teacher").data
    assert by_score.y == (0.5, 0.0, 1.0) and by_score.customdata == (1.0, -1.0, 3.0)


def test_all_methods_are_compared_and_shapley_only_where_it_can_be() -> None:
    *_, (_, text) = compare_methods(explained("sentiment", "gradient_x_input"))
    assert text.count("<td>") == 2 * (1 + len(METHODS) ** 2)  # and an empty corner
    both = steps("sentiment", "gradient_x_input", text="a fine film " * 20)[-1].attributions
    *_, (_, text) = compare_methods(both)
    assert text.count("<td>") == 2 * (1 + (len(METHODS) - 1) ** 2) and "Shapley" not in text


@pytest.mark.parametrize("head", HEADS)
def test_attention_is_named_as_attention(head: str) -> None:
    ((_, text, *plots),) = show_attention(explained(head, "gradient_x_input"))
    assert "It does not show what moves its answer" in text
    scales = {plot["value"].data[0].zmax for plot in plots}
    assert len(scales) == 1  # the colours of both pictures mean the same
    layers = [len(plot["value"].data[0].y) for plot in plots]
    assert layers[0] == 2 * layers[1]


@pytest.mark.parametrize("action", ["delete", "mask", "replace"])
def test_a_changed_word_changes_both_models(action: str) -> None:
    both = explained("sentiment", "gradient_x_input")
    *_, (_, text) = change_word(both, 1, action, HOSTILE)
    assert text.count("The answer ") == 2 and text.count("wx-two") == 1
    assert "<script" not in text
    assert ("<del>charming</del>" in text) == (action == "delete")
    cells = [re.sub("<[^>]*>", "", b) for b in re.findall(r"<b dir=\"auto\">(.*?)</b>", text)]
    assert "charming" not in cells
    assert ("[MASK]" in cells) == (action == "mask")


@pytest.mark.parametrize("head", HEADS)
def test_the_smallest_turn_is_looked_for_in_both_models(head: str) -> None:
    *_, (_, text) = flip_answer(explained(head, "gradient_x_input"))
    assert text.count("Tried: ") == 2


@pytest.mark.parametrize("head", HEADS)
def test_fill_mask_proposes_words_for_any_head(head: str) -> None:
    both = explained(head, "gradient_x_input")
    update = propose_words(both, 0, 1, "replace")
    assert len(update["choices"]) >= 3 and both.teacher[0].words[1].text not in update["choices"]
    assert propose_words(both, 0, 1, "mask") == gr.update(visible=False)


def test_both_files_hold_what_was_found() -> None:
    both = explained("sentiment")
    file = saved("json", both)
    data = json.loads(file["text"])
    for role, attribution in (("teacher", both.teacher[0]), ("student", both.student[0])):
        assert data[role] == json.loads(json.dumps(to_plain(attribution)))
    page = saved("html", both)["text"]
    assert page.startswith("<!doctype html>") and "<script" not in page
    assert "http" not in re.sub(r"<style>.*</style>", "", page, flags=re.DOTALL)
    for word in both.teacher[0].words:
        assert f"{word.score:+.2f}".replace("-", "−") in page


def test_typed_markup_is_text_in_the_saved_page() -> None:
    both = steps("sentiment", "gradient_x_input", text=f"{HOSTILE} </style>")[-1].attributions
    assert "<script" not in saved("html", both)["text"]


def test_an_untrained_classifier_is_explained_as_such() -> None:
    both = steps("multiple_choice", "gradient_x_input", untrained=True)[-1].attributions
    (one, loaded), _ = with_models(both)
    assert one.model == loaded.name and "untrained" in one.model


def test_a_refusal_takes_the_place_of_an_answer_and_stops() -> None:
    def refuse(both: object) -> object:
        raise InputError("Choose <another> word.")
        yield

    *_, last = running(refuse, 2)(explained("sentiment"), 0)
    assert "&lt;another&gt;" in last[0] and last[-1] == gr.update(visible=False)


def test_what_runs_is_shown_at_once_where_its_result_will_stand() -> None:
    status, text, plot, stop = started(["html", "plot"])
    assert "Working" in status and text == ""
    assert plot["visible"] is False and stop["visible"] is True


@pytest.mark.parametrize(
    ("handler", "values", "count"),
    [
        (check_faithfulness, (), 3),
        (flip_answer, (), 1),
        (compare_methods, (), 1),
    ],
)
def test_a_question_can_be_stopped_within_a_model(
    handler: object, values: tuple, count: int
) -> None:
    """There are several steps before the first model is done; the last one has everything."""
    names = [status.split(":")[0] for status, *_ in handler(explained("sentiment"), *values)]
    first = [name for name in names if name and "DistilBERT" not in name]
    assert len(first) >= 3 and all("BERT" in name for name in first)
    *_, last = running(handler, count)(explained("sentiment"), 0, *values)
    assert last[0] == "" and "dx-panel" in last[1] and len(last) == count + 2
    assert last[-1] == gr.update(visible=False)


ANSWERED = ("A fine film.", "pocket")


@pytest.mark.parametrize(
    ("answered", "shown", "sentence"),
    [
        (None, ANSWERED, "press Compare first"),
        (ANSWERED, ("A dull film.", "pocket"), "of another input"),
        (ANSWERED, ("A fine film.", "base"), "those of the other pair"),
        (ANSWERED, ("", "pocket"), "of another input"),
        (("A fine film.", "base"), ANSWERED, "those of the other pair"),
        ([3, *ANSWERED], ANSWERED, "of another input"),
    ],
)
def test_only_the_answers_that_stand_above_are_explained(
    answered: object, shown: tuple, sentence: str
) -> None:
    choices = "", "", "gradient_x_input", "mask"
    (update,) = explain_answered("sentiment", ("text",), answered, shown[0], *choices, shown[1])
    assert sentence in update.status and update.attributions is None


def test_the_answer_that_stands_above_is_explained() -> None:
    *_, answered = new_answer(*ANSWERED)
    choices = "", "", "gradient_x_input", "mask"
    *_, last = explain_answered("sentiment", ("text",), answered, ANSWERED[0], *choices, "pocket")
    assert last.attributions.done


NO_STATE = "press Why? first"


@pytest.mark.parametrize(
    ("handler", "values"),
    [
        (check_faithfulness, ()),
        (compare_methods, ()),
        (show_attention, ()),
        (change_word, (0, "mask", "")),
        (flip_answer, ()),
    ],
)
@pytest.mark.parametrize("state", [None, "x", 3, {}])
def test_a_question_without_an_explanation_is_refused(
    handler: object, values: tuple, state: object
) -> None:
    *_, last = running(handler, 2)(state, 0, *values)
    assert NO_STATE in last[0] and last[-1] == gr.update(visible=False)


def test_what_is_pressed_or_saved_without_an_explanation_is_refused() -> None:
    event = gr.EventData(None, {"question": "0", "word": "0"})
    for call in (
        lambda: pick_word(None, event),
        lambda: saved("json", None),
        lambda: saved("html", None),
        lambda: change_target(None, 0),
    ):
        with pytest.raises(gr.Error, match="press Why"):
            call()


@pytest.mark.parametrize("wrong", ["__class__", "-1", "99", 99, -1, None, 1.5, [], {}, "٣", "1e9"])
def test_a_hostile_word_or_target_is_refused_in_a_sentence(wrong: object) -> None:
    both = explained("sentiment", "gradient_x_input")
    with pytest.raises(gr.Error, match="Choose a word"):
        pick_word(both, gr.EventData(None, {"question": "0", "word": wrong}))
    *_, last = running(change_word, 1)(both, 0, wrong, "mask", "")
    assert "Choose a word" in last[0]
    if wrong not in (None, [], {}):
        with pytest.raises(gr.Error, match="Choose one"):
            change_target(both, wrong)
    for data in ("__class__", None, [], ["word"], 7):
        with pytest.raises(gr.Error, match="Choose a word"):
            pick_word(both, gr.EventData(None, data))


@pytest.mark.parametrize(
    ("action", "word", "sentence"),
    [
        ("shout", "", "delete, mask, replace"),
        (None, "", "delete, mask, replace"),
        ([], "", "delete, mask, replace"),
        ("replace", [], "must be text"),
        ("replace", " ", "new word is empty"),
    ],
)
def test_a_hostile_change_is_refused_in_a_sentence(
    action: object, word: object, sentence: str
) -> None:
    *_, last = running(change_word, 1)(explained("sentiment"), 0, 1, action, word)
    assert sentence in last[0]


@pytest.mark.parametrize(
    "given",
    [
        (7, "", "", "gradient_x_input", "mask", "pocket"),
        ("A film.", 7, "", "gradient_x_input", "mask", "pocket"),
        ("A film.", "", ["x"], "gradient_x_input", "mask", "pocket"),
        ("A film.", "", "", "__class__", "mask", "pocket"),
        ("A film.", "", "", None, "mask", "pocket"),
        ("A film.", "", "", "gradient_x_input", "__class__", "pocket"),
        ("A film.", "", "", "gradient_x_input", "mask", "__class__"),
    ],
)
def test_hostile_values_are_refused_in_the_panel(given: tuple) -> None:
    *_, last = explain("sentiment", ("text",), *given)
    assert "alert" in last.status and last.attributions is None


def test_a_new_explanation_clears_what_stood_below() -> None:
    about, words, *areas = reset_follow_ups(explained("sentiment"))
    assert about["visible"] is False and about["value"] == 0
    assert [number for _, number in words["choices"]] == list(range(7))
    assert areas[:4] == [""] * 4 and all(not each["visible"] for each in areas[4:])


def test_every_name_can_be_asked_about_not_just_the_first() -> None:
    fields = FIELDS["ner"]
    given = "all", "", "gradient_x_input", "mask", "pocket"
    *_, last = explain("ner", tuple(fields), *fields.values(), *given)
    both = last.attributions
    about, *_ = reset_follow_ups(both)
    assert about["visible"] is True and len(about["choices"]) == len(both.teacher) >= 2
    second = select_target(both, 1)
    assert with_models(second)[0][0].target == both.teacher[1].target
    number = [word.text for word in both.teacher[1].words].index("Greenville")
    event = gr.EventData(None, {"question": "1", "word": str(number)})
    words, drawer = pick_word(both, event)
    assert (words["value"], drawer["open"]) == (number, True)
    *_, (refusal, *_) = running(change_word, 1)(both, 1, number, "delete", "")
    assert "part of what is explained" in refusal  # Greenville itself, not the first name
    for i in range(len(both.teacher)):  # one at a time
        shown, *_ = change_target(both, i)
        assert re.findall(r'data-question="(\d+)"', shown) == [str(i)]
    assert saved("html", both)["text"].count('data-question="') == len(both.teacher)


def test_an_explanation_is_named_to_others_while_it_runs_and_no_longer() -> None:
    steps = explain("sentiment", ("text",), "A warm film.", "", "", "integrated_gradients",
                    "mask", "pocket")  # fmt: skip
    assert lock.blocking_job() == ""
    next(steps)
    assert lock.blocking_job() == "an explanation"
    steps.close()
    assert lock.blocking_job() == ""


def test_a_slow_method_is_named_with_the_seconds_that_it_takes() -> None:
    text = "The film was warm and funny. " * 20
    steps = explain("sentiment", ("text",), text, "", "", "integrated_gradients", "mask", "pocket")
    next(steps)
    next(steps)
    assert re.fullmatch(r"an explanation; about \d+ s are left", lock.blocking_job())
    steps.close()


@pytest.mark.parametrize(
    ("spent", "share", "words"),
    [
        (0.5, 0.5, ""),
        (3.0, 0.0, ""),
        (3.0, 1.0, ""),
        (3.0, 0.25, ", about 9 s left"),
        (9.0, 0.99, ", about 1 s left"),
    ],
)
def test_the_time_left_follows_from_the_share_that_is_done(
    monkeypatch: pytest.MonkeyPatch, spent: float, share: float, words: str
) -> None:
    clock = iter((100.0, 100.0 + spent))
    monkeypatch.setattr("demos.why.running.time.monotonic", lambda: next(clock))
    assert Remaining().after(share) == words


@pytest.mark.parametrize(
    ("handler", "given", "status"),
    [
        (change_word, (0, "delete", ""), r"BERT: [\d,]+ steps, about \d+ s left\."),
        (flip_answer, (), r"BERT: [\d,]+ changes tried, at most \d+ s left\."),
    ],
)
def test_a_change_and_a_search_say_how_long_they_still_take(
    monkeypatch: pytest.MonkeyPatch, handler: Callable[..., Any], given: tuple, status: str
) -> None:
    seconds = count(0.0, 5.0)
    monkeypatch.setattr("demos.why.running.time.monotonic", lambda: next(seconds))
    assert any(re.fullmatch(status, said) for said, *_ in handler(explained("sentiment"), *given))
