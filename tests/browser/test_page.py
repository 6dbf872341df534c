"""The page as a whole: pair, looks, small windows, keyboard, and what hostile visitors type."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demos import tabs
from tests.bad_inputs import BAD_INPUTS
from tests.browser.visiting import (
    BOX,
    HEADS,
    ROLES,
    field,
    new_answer,
    open_head,
    open_tab,
    panel,
    press_run,
    sideways,
    type_into,
)

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> ${alert(3)} {{value}}"
TITLES = ["Start", *HEADS.values(), "Race", "Inside", "Distil"]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


def test_the_tabs_stand_in_reading_order(page: Page) -> None:
    expect(page.get_by_role("tab")).to_have_text(TITLES)
    assert [module.TITLE for module in tabs()] == TITLES


def test_every_tab_opens_without_scrolling_sideways(page: Page) -> None:
    for title in TITLES:
        open_tab(page, title)
        expect(page.get_by_role("tabpanel").filter(visible=True)).to_be_visible()
        for width in (390, 768, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways(page) <= 0, (title, width)


@pytest.mark.parametrize("width", [390])
def test_answers_to_unbroken_text_fit_a_phone(page: Page) -> None:
    for head in HEADS:
        open_head(page, head)
        type_into(page, {BOX[head]: "Donau" * 80 + " is [MASK]"})
        with new_answer(page, head):
            press_run(page, head)
        assert sideways(page) <= 0


def test_large_type_is_larger_and_fits_a_projector(page: Page) -> None:
    open_head(page, "sentiment")
    heading = panel(page, "sentiment", "teacher").locator("h3")
    before = heading.bounding_box()
    page.locator("#view-large").click()
    after = heading.bounding_box()
    assert before and after and after["height"] >= 1.2 * before["height"]
    assert sideways(page) <= 0


def test_answers_can_be_read_in_light_and_dark(page: Page) -> None:
    for head in HEADS:
        open_head(page, head)
        shade = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(shade)
        assert page.evaluate(CONTRAST) == []
        page.locator("#view-dark").click()
        page.wait_for_function(f"light => {shade} !== light", arg=light)
        assert page.evaluate(CONTRAST) == []
        page.locator("#view-dark").click()


def test_markup_that_is_typed_is_shown_as_text(page: Page) -> None:
    for head in HEADS:
        open_head(page, head)
        text = f"{HOSTILE} [MASK]"
        type_into(page, {BOX[head]: text})
        if head == "multiple_choice":
            type_into(page, {"multiple_choice-choices": f"{HOSTILE}\nno"})
        with new_answer(page, head):
            press_run(page, head)
        for role in ROLES:
            shown = panel(page, head, role)
            assert shown.locator("script, img").count() == 0
            if head in ("ner", "question_answering"):
                expect(shown.locator(".dx-text")).to_contain_text("<script>alert(1)")
            if head == "multiple_choice":
                expect(shown.locator(".dx-label").first).to_contain_text(HOSTILE)


RIGHT_TO_LEFT = "ולד ג'ים הנסון 🎈👩‍👩‍👧 in Greenville, and Jim Henson moved to London."


def test_text_from_right_to_left_and_emoji_stand_as_they_are_read(page: Page) -> None:
    open_head(page, "ner")
    type_into(page, {BOX["ner"]: RIGHT_TO_LEFT})
    with new_answer(page, "ner"):
        press_run(page, "ner")
    direction = "element => getComputedStyle(element).direction"
    shown = panel(page, "ner", "student").locator(".dx-text")
    expect(shown).to_contain_text("🎈👩‍👩‍👧")
    assert [place.evaluate(direction) for place in (field(page, BOX["ner"]), shown)] == ["rtl"] * 2
    type_into(page, {BOX["ner"]: "From left to right."})
    assert field(page, BOX["ner"]).evaluate(direction) == "ltr"
    for width in (320, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        for zoom in (1, 2):
            page.evaluate("zoom => (document.body.style.zoom = zoom)", zoom)
            assert sideways(page) <= 0, (width, zoom)


def test_markup_in_an_error_is_shown_as_text(page: Page) -> None:
    open_head(page, "fill_mask")
    type_into(page, {"fill_mask-answer": HOSTILE})
    press_run(page, "fill_mask")
    said = page.locator("#fill_mask-verdict")
    expect(said).to_contain_text("No loss is shown: ")
    expect(said).to_contain_text("<script>")
    assert said.locator("script, img").count() == 0


TYPED = [  # one of each head, and the longest; `answer` and `right` have boxes of their names
    bad
    for number, bad in enumerate(BAD_INPUTS)
    if bad.head not in [other.head for other in BAD_INPUTS[:number]]
    or "100,000" in bad.sentence
    or "choices" in bad.wrong
    or "question" in bad.wrong
]


def test_bad_input_gets_a_sentence_and_stays_in_its_box(page: Page) -> None:
    for bad in TYPED:
        open_head(page, bad.head)
        boxes = {
            f"{bad.head}-{name}": "\n".join(value) if isinstance(value, list) else value
            for name, value in bad.wrong.items()
        }
        type_into(page, boxes)
        press_run(page, bad.head)
        refusal = page.get_by_role("alert").first
        expect(refusal).to_contain_text(bad.sentence)
        assert "Traceback" not in refusal.inner_text()
        for box, typed in boxes.items():
            expect(field(page, box)).to_have_value(typed)


def test_without_the_hub_the_base_pair_says_so_and_the_pocket_pair_goes_on(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {"sentiment-text": "Kept as typed."})
    page.locator("#pair input[value=base]").check()
    press_run(page, "sentiment")
    expect(page.get_by_role("alert").first).to_contain_text("choose the pocket pair")
    expect(field(page, "sentiment-text")).to_have_value("Kept as typed.")
    page.locator("#pair input[value=pocket]").check()
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")


def test_the_keyboard_is_enough(page: Page) -> None:
    page.get_by_role("tab", name="Sentiment", exact=True).press("Enter")
    expect(panel(page, "sentiment", "student").locator("footer")).to_be_visible()
    box = field(page, "sentiment-text")
    box.focus()
    box.press("ControlOrMeta+a")
    page.keyboard.type("Dull, dull, dull.")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "sentiment-run":
            break
    with new_answer(page, "sentiment"):
        page.keyboard.press("Space")


def test_a_link_brings_back_the_tab_and_what_was_typed(page: Page) -> None:
    open_head(page, "ner")
    type_into(page, {"ner-text": "Grüße aus Łódź & <b>Oslo</b>"})
    page.locator("#view-link").click()
    page.wait_for_url("**/?tab=ner**")
    press_run(page, "ner")  # a page may be left before its answer has come
    page.reload()
    expect(field(page, "ner-text")).to_have_value("Grüße aus Łódź & <b>Oslo</b>")
