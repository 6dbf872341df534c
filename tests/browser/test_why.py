"""The Why? panel in a browser: ask, read, stop, press a word, save."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_page import CONTRAST, HOSTILE
from tests.browser.visiting import (
    BOX,
    HEADS,
    field,
    new_answer,
    open_head,
    press_run,
    sideways,
    type_into,
)


def ask(page: Page, head: str) -> None:
    """Press Why? and wait for the whole explanation."""
    page.locator(f"#why-{head}-run").click()
    expect(page.locator(f"#why-{head}-faithful")).to_be_visible()


@pytest.mark.parametrize("head", HEADS)
def test_every_head_says_why(page: Page, head: str) -> None:
    open_head(page, head)
    ask(page, head)
    result = page.locator(f"#why-{head}-result")
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
    expect(page.locator("#why-fill_mask-result .wx-cell")).to_have_count(0)
    expect(page.locator("#why-fill_mask-faithful")).to_be_hidden()


def test_a_word_that_is_pressed_can_be_changed(page: Page) -> None:
    open_head(page, "sentiment")
    ask(page, "sentiment")
    page.locator("#why-sentiment-result [data-word='1']").click()
    expect(page.locator("#why-sentiment-word input")).to_have_value("2. charming")
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
    second = page.locator("#why-ner-result [data-question='1']")
    about = page.locator("#why-ner-about input")
    expect(about).to_have_value(re.compile("^1. .*Jim Henson"))
    second.locator("[data-word='0']").click()
    expect(about).to_have_value(re.compile("^2. .*Greenville"))
    expect(page.locator("#why-ner-word input")).to_have_value("1. Jim")
    page.locator("#why-ner-change").click()
    expect(page.locator("#why-ner-changed")).to_contain_text("“B-LOC”")
