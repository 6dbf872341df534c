"""What a visitor saves: a page that needs nothing else, data that tell how to reproduce them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from explain.models import load
from tests.browser.visiting import (
    new_answer,
    open_head,
    open_tab,
    panel,
    press_run,
    sideways,
    type_into,
)

TEXT = "A <b>bold</b> & \"quoted\" film <script>alert('x')</script> that stays with you."


def save(page: Page, kind: str) -> Download:
    """Choose one kind of the Save menu; what the browser gets."""
    page.locator("#view-save").click()
    with page.expect_download() as saved:
        page.locator("#dx-save").get_by_text(kind).click()
    return saved.value


def text_of(saved: Download) -> str:
    return Path(saved.path()).read_text(encoding="utf-8")


def ask(page: Page) -> None:
    open_head(page, "sentiment")
    type_into(page, {"sentiment-text": TEXT})
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")


def test_data_tell_how_to_get_them_again(page: Page, app: str) -> None:
    ask(page)
    saved = save(page, "Data")
    data = json.loads(text_of(saved))
    assert saved.suggested_filename == "sentiment.json"
    assert data["settings"]["text"] == TEXT
    assert data["models"].keys() == {"teacher", "student"}
    assert "distilbert-pocket, checksums " in data["models"]["student"]
    assert "missing" not in str(data["models"])
    shown = panel(page, "sentiment", "student").inner_text()
    result = data["result"]["student"]
    assert result["text"] == TEXT
    assert f"{100 * max(result['probabilities']):.1f}" in shown
    page.goto(data["address"])
    expect(page.locator("#sentiment-text textarea")).to_have_value(TEXT)
    expect(panel(page, "sentiment", "student").locator("footer")).to_be_visible()


def test_a_saved_page_stands_alone_and_runs_nothing(page: Page, app: str) -> None:
    ask(page)
    written = text_of(save(page, "Page"))
    assert "<script" not in written
    assert not re.search(rf'(src|href)="(?!data:|#|{re.escape(app)})', written)
    alone = page.context.browser.new_page()
    outside: list[str] = []
    alone.on("request", lambda request: outside.append(request.url))
    alone.set_content(written)
    expect(alone.get_by_role("heading", name="Sentiment", level=1)).to_be_visible()
    expect(alone.locator("table").first).to_contain_text(TEXT)
    expect(alone.locator(".dx-student").first).to_contain_text(load("sentiment", "student").name)
    assert [url for url in outside if not url.startswith("data:")] == []
    alone.close()


def test_a_saved_page_shows_the_words_of_the_form_and_fits_a_phone(page: Page) -> None:
    open_tab(page, "Distil")
    page.locator("#distil-run").wait_for()
    written = text_of(save(page, "Page"))
    alone = page.context.browser.new_page(viewport={"width": 390, "height": 800})
    alone.set_content(written)
    row = alone.locator("main > table tr", has_text="Layers of the teacher")
    expect(row.locator("td")).to_have_text("1, 3, 6")
    assert sideways(alone) == 0
    alone.close()


@pytest.mark.parametrize(("kind", "begins"), [("PNG", b"\x89PNG\r\n"), ("SVG", b"<svg ")])
def test_every_picture_of_a_tab_is_saved_even_before_it_was_near(
    page: Page, kind: str, begins: bytes
) -> None:
    saved = save(page, kind)
    assert Path(saved.path()).read_bytes().startswith(begins)
    assert re.fullmatch(rf"1-start[\w-]*\.{kind.lower()}", saved.suggested_filename)


def test_a_tab_without_pictures_says_so_and_escape_closes_the_menu(page: Page) -> None:
    open_head(page, "ner")
    page.locator("#view-save").click()
    page.keyboard.press("Escape")
    expect(page.locator("#dx-save")).to_have_count(0)
    expect(page.locator("#view-save")).to_be_focused()
    page.locator("#view-save").click()
    page.locator("#dx-save").get_by_text("PNG").click()
    expect(page.locator("#dx-note")).to_contain_text("no picture on this tab yet")


def test_answers_of_another_input_are_not_saved(page: Page) -> None:
    ask(page)
    page.wait_for_timeout(300)
    type_into(page, {"sentiment-text": "Another text."})
    page.locator("#view-save").click()
    page.locator("#dx-save").get_by_text("Data").click()
    expect(page.locator("#dx-note")).to_contain_text("press Compare first, then Save")
    with new_answer(page, "sentiment"):
        press_run(page, "sentiment")
    page.wait_for_timeout(300)
    assert json.loads(text_of(save(page, "Data")))["settings"]["text"] == "Another text."


def test_the_facts_are_those_of_the_app(page: Page) -> None:
    facts = json.loads(page.evaluate("document.getElementById('dx-facts').textContent"))
    assert facts["models"]["base"]["student"]["sentiment"].startswith("distilbert")
    assert "prompt" in facts["endpoints"]["multiple_choice"]
