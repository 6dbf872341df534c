"""The address follows the visitor: history between tabs, links of every panel, links that fail."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import field, new_answer, open_head, open_tab, press_run, type_into


def selected(page: Page):
    return page.locator("[role=tab][aria-selected=true]")


def test_back_and_forward_go_from_tab_to_tab(page: Page) -> None:
    for title in ("Race", "Sentiment"):
        open_tab(page, title)
        expect(selected(page)).to_have_text(title)
    page.wait_for_url("**tab=sentiment**")
    page.go_back()
    expect(selected(page)).to_have_text("Race")
    page.go_back()
    expect(selected(page)).to_have_text("Start")
    page.go_forward()
    expect(selected(page)).to_have_text("Race")
    page.wait_for_url("**tab=race**")


def test_a_link_tells_of_the_tab_that_is_seen(page: Page) -> None:
    open_head(page, "ner")
    page.locator("#view-link").click()
    page.wait_for_url("**tab=ner**text=**")
    open_tab(page, "Race")
    page.locator("#view-link").click()
    page.wait_for_url("**tab=race**contestants=**length=64**")
    assert "text=" not in page.url


def test_a_link_of_the_race_brings_every_setting_back(page: Page) -> None:
    open_tab(page, "Race")
    box = page.locator("#race-length input[type=number]")
    box.fill("24")
    box.press("Enter")
    page.locator("#race-contestants").get_by_label("BERT", exact=True).uncheck()
    page.locator("#accuracy-head").get_by_text("Entities").click()
    page.locator("#view-link").click()
    page.wait_for_url("**length=24**accuracy-head=ner**")
    page.reload()
    expect(box).to_have_value("24")
    expect(page.locator("#accuracy-head input:checked")).to_have_value("ner")
    expect(page.locator("#race-contestants input:checked")).to_have_count(1)
    expect(page.locator("#dx-note")).to_have_count(0)


def test_a_link_of_distil_and_of_inside_brings_what_was_set_and_runs_it(page: Page) -> None:
    open_tab(page, "Distil")
    expect(page.locator("#distil-soft .lx-both").first).to_be_visible()
    type_into(page, {"distil-text": "Bread is baked in an [MASK].", "distil-words": "oven, shoe"})
    heat = page.locator("#distil-temperature input[type=number]")
    heat.fill("4")
    heat.press("Enter")
    for layer, ticked in (("3", False), ("4", True)):
        page.locator("#distil-layers").get_by_label(layer, exact=True).set_checked(ticked)
    page.locator("#view-link").click()
    page.wait_for_url("**tab=distil**oven**temperature=4**")
    page.reload()
    expect(page.locator("#distil-soft")).to_contain_text("shoe")
    expect(heat).to_have_value("4")
    expect(page.locator("#distil-layers input:checked")).to_have_count(3)
    expect(page.locator("#distil-layers").get_by_label("4", exact=True)).to_be_checked()

    open_tab(page, "Inside")
    type_into(page, {"anatomy-text": "Bread is warm."})
    page.locator("#view-link").click()
    page.wait_for_url("**tab=anatomy**warm**")
    page.reload()
    expect(page.locator("#anatomy-pieces li b").nth(3)).to_have_text("warm")
    expect(page.locator("#dx-note")).to_have_count(0)


def test_a_link_of_an_explanation_explains_again(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {"sentiment-text": "A dull plot, warmly acted."})
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    menu = page.locator("#why-sentiment-method input")
    menu.click()
    page.get_by_role("option", name="Gradient").first.click()
    chosen = menu.input_value()
    page.locator("#why-sentiment-run").click()
    words = page.locator("#why-sentiment-result .wx-w")
    expect(words.first).to_be_visible()
    page.locator("#view-link").click()
    page.wait_for_url("**why=on**")
    page.reload()
    expect(field(page, "sentiment-text")).to_have_value("A dull plot, warmly acted.")
    expect(words.first).to_be_visible()
    expect(menu).to_have_value(chosen)


def test_a_right_answer_of_an_example_does_not_travel(page: Page) -> None:
    open_head(page, "question_answering")
    page.get_by_role("button", name="when", exact=True).click()
    expect(field(page, "question_answering-answer")).to_have_value("1926")
    page.locator("#view-link").click()
    page.wait_for_url("**tab=question_answering**")
    assert "answer=" not in page.url


USELESS = {
    "?tab=<script>": "a tab that is not on this page",
    "?tab=ner&pair=huge": "a model pair that does not exist",
    "?tab=ner&text=Oslo&colour=red": "1 of its settings no longer exist",
    "?tab=race&threads=99": "does not offer its value of threads",
}


def test_a_link_that_cannot_be_used_says_so(page: Page, app: str) -> None:
    for address, sentence in USELESS.items():
        page.goto(app + address)
        expect(page.locator("#dx-note")).to_contain_text(sentence)
        assert page.locator("#dx-note script").count() == 0


@pytest.mark.parametrize("key", ["anatomy", "sentiment", "distil"])
def test_a_link_to_the_other_pair_asks_that_pair(browser: Browser, app: str, key: str) -> None:
    page = browser.new_page()
    page.goto(f"{app}?tab={key}&pair=base")  # whose checkpoints are not here
    expect(page.locator(f"#{key}-notice")).to_contain_text("choose the pocket pair")
    page.close()


def test_a_text_too_long_for_a_link_is_refused_in_a_sentence(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {"sentiment-text": "very long " * 900})
    page.locator("#view-link").click()
    expect(page.locator("#dx-note")).to_contain_text("too long for a link")


def test_the_other_pair_takes_the_answers_away(page: Page) -> None:
    open_head(page, "sentiment")
    page.locator("#pair input[value=base]").check()
    expect(page.locator("#sentiment-notice")).to_contain_text("The model pair was changed")
    expect(page.locator("#sentiment-teacher .dx-bar")).to_have_count(0)
    expect(page.locator("#sentiment-verdict")).to_be_hidden()
    page.locator("#pair input[value=pocket]").check()
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    expect(page.locator("#sentiment-verdict")).to_be_visible()


def test_presenting_shows_one_panel_at_a_time(page: Page) -> None:
    open_head(page, "sentiment")
    page.locator("#view-present").click()
    why = page.locator("#why-sentiment")
    expect(why).to_be_hidden()
    expect(page.locator("#sentiment-run")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(why).to_be_visible()
    expect(page.locator("#sentiment-run")).to_be_hidden()
    page.keyboard.press("PageDown")
    expect(selected(page)).to_have_text("Entities")
    page.keyboard.press("Escape")
    expect(page.locator("#why-ner")).to_be_visible()


def test_arrows_move_between_tabs(page: Page) -> None:
    page.get_by_role("tab", name="Start", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(selected(page)).to_have_text("Fill-mask")
    expect(page.get_by_role("tab", name="Fill-mask", exact=True)).to_be_focused()


def test_a_page_loaded_anew_after_a_lost_server_brings_along_what_was_typed(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {"sentiment-text": "A quiet film that stays with you."})
    page.evaluate("""() => {  // as Gradio says it, before it loads the page anew
        const toast = document.createElement("div");
        toast.className = "toast-body";
        toast.textContent = "Connection Lost";
        document.body.append(toast);
    }""")
    page.reload()
    expect(page.locator("#dx-note")).to_contain_text("What you had typed is here again.")
    expect(selected(page)).to_have_text("Sentiment")
    expect(field(page, "sentiment-text")).to_have_value("A quiet film that stays with you.")
    page.reload()
    expect(selected(page)).to_be_visible()
    expect(page.locator("#dx-note")).to_have_count(0)
