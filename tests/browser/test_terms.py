"""Explanations of terms: reached by key, pointer and touch, inside the window, closed by Escape."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import open_head, open_tab

INSIDE = """note => {
  const box = note.getBoundingClientRect();
  return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
    && note.contains(document.elementFromPoint(box.left + 20, box.top + box.height / 2));
}"""


def term(page: Page, name: str) -> tuple[Locator, Locator]:
    """The first visible mention of a term, and its explanation."""
    word = page.locator("dfn.dx-term:visible", has_text=name).first
    return word, word.locator("[role=tooltip]")


def test_a_key_opens_an_explanation_and_escape_closes_it(page: Page) -> None:
    word, note = term(page, "GLUE")
    word.focus()
    expect(note).to_be_visible()
    expect(note).to_contain_text("nine English tasks")
    assert note.evaluate(INSIDE)
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    page.evaluate("document.dispatchEvent(new Event('scroll'))")  # as after a focus that scrolled
    expect(note).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    word.focus()
    expect(note).to_be_visible()


@pytest.mark.parametrize("width", [390])
def test_a_press_shows_the_whole_explanation_on_a_phone(page: Page) -> None:
    open_tab(page, "Distil")
    for name in ("KL", "nats"):
        word, note = term(page, name)
        word.click()
        expect(note).to_be_visible()
        assert note.evaluate(INSIDE)


def test_an_explanation_is_not_cut_by_a_table_that_scrolls(page: Page) -> None:
    open_head(page, "question_answering")
    summary = page.locator("#question_answering-teacher summary", has_text="logits")
    summary.click()
    word, note = term(page, "start logit"[6:])
    word.hover()
    expect(note).to_be_visible()
    assert note.evaluate(INSIDE)
