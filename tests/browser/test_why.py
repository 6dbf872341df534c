"""The Why? panel in a browser: ask, read, stop, press a word, save."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demos.why.follow_ups import saved
from explain.attribution import QuestionAnsweringInput, QuestionAnsweringTarget
from explain.attribution.engine import pair_steps
from tests.browser.test_page import CONTRAST, HOSTILE
from tests.browser.visiting import (
    BOX,
    HEADS,
    PATIENCE,
    ROLES,
    field,
    new_answer,
    open_head,
    press_run,
    sideways,
    type_into,
)
from tests.tiny import tiny


def ask(page: Page, head: str) -> None:
    """Press Why? and wait for the whole explanation."""
    page.locator(f"#why-{head}-run").click()
    expect(page.locator(f"#why-{head}-faithful")).to_be_visible()


def press_word(word: Locator, menu: Locator, name: str) -> None:
    """Press a word until the menu names it: one press may fall on a text that is just redrawn."""
    for _ in range(2):
        word.click()
        try:
            expect(menu).to_have_value(name, timeout=PATIENCE / 4)
        except AssertionError:
            continue
        return
    word.click()
    expect(menu).to_have_value(name)


def test_every_head_says_why(page: Page) -> None:
    for head in HEADS:
        open_head(page, head)
        ask(page, head)
        result = page.locator(f"#why-{head}-result")
        for role in ROLES:  # each model has the text in running lines
            expect(result.locator(f".wx-text.dx-{role} .wx-w").first).to_be_visible()
        expect(result.locator(".wx-cell").first).to_be_hidden()  # tiles are one press away
        result.get_by_text("Tiles: all numbers").click()
        expect(result.locator(".wx-cell").first).to_be_visible()
        expect(result.locator(".wx-key")).to_contain_text("one scale for both models")
        assert result.locator(".wx-ledger").count() >= 2
        assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", [390])
def test_an_explanation_fits_a_phone_in_the_dark(page: Page) -> None:
    open_head(page, "question_answering")
    page.locator("#view-dark").click()
    ask(page, "question_answering")
    assert sideways(page) <= 0
    assert page.evaluate(CONTRAST) == []


def test_markup_that_is_typed_is_explained_as_text(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {BOX["sentiment"]: HOSTILE})
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    ask(page, "sentiment")
    result = page.locator("#why-sentiment-result")
    assert result.locator("script, img").count() == 0
    expect(result).to_contain_text("script")


def test_a_long_run_can_be_stopped(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {BOX["sentiment"]: "A fine film about a dull war. " * 70})
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    page.locator("#why-sentiment-run").click()
    page.locator("#why-sentiment-stop").click()
    expect(page.locator("#why-sentiment-status")).to_contain_text("Stopped")
    expect(page.locator("#why-sentiment-stop")).to_be_hidden()
    type_into(page, {BOX["sentiment"]: "A fine film."})
    with new_answer(page, "sentiment"):  # the models are free again
        field(page, "sentiment-text").press("Enter")


def test_a_new_answer_takes_the_old_explanation_away(page: Page) -> None:
    open_head(page, "fill_mask")
    ask(page, "fill_mask")
    type_into(page, {BOX["fill_mask"]: "The opposite of hot is [MASK]."})
    with new_answer(page, "fill_mask"):
        press_run(page, "fill_mask")
    expect(page.locator("#why-fill_mask-result .wx-w")).to_have_count(0)
    expect(page.locator("#why-fill_mask-faithful")).to_be_hidden()


def test_a_word_that_is_pressed_can_be_changed(page: Page) -> None:
    open_head(page, "sentiment")
    ask(page, "sentiment")
    word = page.locator("#why-sentiment-result .dx-teacher [data-word='1']")
    press_word(word, page.locator("#why-sentiment-word input"), "2. charming")
    page.locator("#why-sentiment-action").get_by_text("Replace").click()
    box = page.locator("#why-sentiment-new input")
    expect(box).not_to_have_value("")
    box.fill("dreadful")
    box.press("Enter")
    page.locator("#why-sentiment-change").click()
    changed = page.locator("#why-sentiment-changed")
    expect(changed).to_contain_text("“charming” becomes “dreadful”")
    expect(changed.locator(".wx-cell").nth(1)).to_contain_text("dreadful")


def test_an_explanation_is_saved_as_page_and_as_data(page: Page, tmp_path: Path) -> None:
    open_head(page, "sentiment")
    ask(page, "sentiment")
    files = {}
    for kind in ("page", "data"):
        with page.expect_download() as waiting:
            page.locator(f"#why-sentiment-{kind}").click()
        files[kind] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(files[kind])
    data = json.loads(files["data"].read_text(encoding="utf-8"))
    assert data["teacher"]["ledger"]["converged"] is True
    assert "charming" in files["page"].read_text(encoding="utf-8")


def test_a_word_pressed_below_another_name_is_changed_for_that_name(page: Page) -> None:
    open_head(page, "ner")
    ask(page, "ner")
    expect(page.locator("#why-ner-result .wx-question")).to_have_count(1)  # one at a time
    page.locator("#why-ner-about").get_by_text("Greenville").click()
    second = page.locator("#why-ner-result [data-question='1']")
    expect(second).to_contain_text("B-LOC at “Greenville”")
    word = second.locator(".dx-student [data-word='0']")
    press_word(word, page.locator("#why-ner-word input"), "1. Jim")
    page.locator("#why-ner-change").click()
    expect(page.locator("#why-ner-changed")).to_contain_text("“B-LOC”")
    assert page.locator("#why-ner").bounding_box()["height"] < 1600


STORY = (
    "The old yard lies where the river meets the sea. For three centuries its people built boats "
    "of oak and larch. Only one shed was rebuilt after the fire, by a carpenter named Hana Sato, "
    "who had come from the north as a child. She made it of stone and paid by the week. "
)


def test_three_hundred_words_of_context_fit_on_one_screen(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    text = STORY + "The yard grew quickly and a small railway carried timber from the hills. " * 19
    assert len(text.split()) >= 300
    models = [tiny("question_answering", role, 512) for role in ROLES]
    start = text.index("Hana Sato")
    target = QuestionAnsweringTarget("span", start, start + 9)
    question = QuestionAnsweringInput("Who rebuilt the shed?", text)
    *_, found = pair_steps(question, models, [[target]] * 2, "gradient_x_input")
    page.set_content(saved("html", found)["text"])
    texts = page.locator(".wx-text")
    assert texts.first.inner_text().count("railway") == 19  # all of it
    boxes = [texts.nth(i).bounding_box() for i in (0, 1)]
    assert boxes[1]["y"] > boxes[0]["y"]  # above each other
    assert boxes[1]["y"] + boxes[1]["height"] - boxes[0]["y"] < 750  # of 800
    page.close()


def test_words_are_read_and_pressed_with_the_keyboard_alone(page: Page) -> None:
    open_head(page, "sentiment")
    ask(page, "sentiment")
    words = page.locator("#why-sentiment-result .dx-teacher .wx-w")
    words.first.focus()
    shown = "() => getComputedStyle(document.activeElement, '::after').content"
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    assert page.evaluate(shown) == f'"{words.nth(1).get_attribute("data-score")}"'
    outline = "() => getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    for key, at in (("End", -1), ("Home", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        expect(words.nth(at) if at >= 0 else words.last).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#why-sentiment-word input")).to_have_value("2. charming")
    expect(page.locator("#why-sentiment-change")).to_be_visible()


def test_a_question_shows_at_once_that_it_runs_and_stops_within_a_model(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {BOX["sentiment"]: "A fine film about a long and rather dull war. " * 24})
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    ask(page, "sentiment")
    page.locator("#why-sentiment-faithful").click()
    status = page.locator("#why-sentiment-proof-status")
    expect(status).to_contain_text("Testing the scores of BERT")
    page.locator("#why-sentiment-proof-stop").click()
    expect(status).to_contain_text("Stopped")
    expect(page.locator("#why-sentiment-proof .dx-panel")).to_have_count(0)
    page.locator("#why-sentiment-Attention").click()  # the models are free again
    expect(page.locator("#why-sentiment-attention-student .main-svg").first).to_be_visible()
    named = page.get_by_role("figure", name="DistilBERT: attention from the place of the answer")
    expect(named).to_be_visible()  # for screen readers


def test_the_other_pair_takes_the_explanation_away_until_it_has_answered(page: Page) -> None:
    open_head(page, "sentiment")
    ask(page, "sentiment")
    page.locator("#pair input[value=base]").click()
    expect(page.locator("#why-sentiment-result .wx-w")).to_have_count(0)
    expect(page.locator("#why-sentiment-faithful")).to_be_hidden()
    page.locator("#why-sentiment-run").click()
    expect(page.locator("#why-sentiment-status")).to_contain_text("of the other pair")
    page.locator("#pair input[value=pocket]").click()
    type_into(page, {BOX["sentiment"]: "Another text."})
    page.locator("#why-sentiment-run").click()
    expect(page.locator("#why-sentiment-status")).to_contain_text("of another input")


def test_terms_are_explained_on_focus(page: Page) -> None:
    open_head(page, "sentiment")
    ask(page, "sentiment")
    term = page.locator("#why-sentiment-result .dx-term").first
    expect(term.locator("[role=tooltip]")).to_be_hidden()
    term.focus()
    expect(term.locator("[role=tooltip]")).to_be_visible()
    assert sideways(page) <= 0


def test_signs_that_no_model_can_read_are_marked(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {BOX["sentiment"]: "A film of joy 🙁🙁 and 🦜."})
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    for sign in ("🙁🙁", "🦜"):
        expect(page.locator("#sentiment-teacher")).to_contain_text(sign)
    ask(page, "sentiment")
    marked = page.locator("#why-sentiment-result .dx-teacher .wx-unknown")
    expect(marked).to_have_text(["🙁🙁", "🦜"])
