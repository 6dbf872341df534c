"""The article, live: the Start tab's claims and figures, and what the Inside tab reads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from explain.models import load
from tests.browser.visiting import ROLES, field, open_tab, sideways, type_into

HOSTILE = "<script>alert(1)</script> ${alert(2)} {{value}}"


def open_inside(page: Page) -> None:
    """Open the Inside tab and wait for its first look."""
    open_tab(page, "Inside")
    expect(page.locator("#anatomy-pieces li").first).to_be_visible()
    expect(page.locator("#anatomy-architecture button").first).to_be_visible()


def test_the_page_starts_with_the_three_claims_and_their_sources(page: Page) -> None:
    claims = page.locator("#start-claims section")
    for number, claim in zip(("97", "40", "60"), claims.all(), strict=True):
        expect(claim.locator("h3")).to_contain_text(f"{number} %")
        expect(claim).to_contain_text("quoted")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_figure_of_the_start_tab_is_drawn_and_fits(page: Page) -> None:
    plots = page.locator("[role=tabpanel] .sx-plot")
    expect(plots.first).to_be_visible()
    assert plots.locator(".main-svg").count() == 0  # they are drawn when they come near
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
        expect(plot.locator(".main-svg").first).to_be_visible()
    assert plots.count() >= 4
    assert sideways(page) <= 0


def test_the_articles_errors_stand_beside_what_is_right(page: Page) -> None:
    corrections = page.locator("#start-errors")
    expect(corrections).to_contain_text("Without it")
    expect(corrections).to_contain_text("pre_classifier")
    expect(corrections).to_contain_text("million")


def test_typed_text_is_shown_as_word_pieces_with_their_ids(page: Page) -> None:
    open_inside(page)
    type_into(page, {"anatomy-text": "An unfathomable dog"})
    page.locator("#anatomy-run").click()
    pieces = load("sentiment", "student").tokenizer.tokenize("An unfathomable dog")
    expect(page.locator("#anatomy-pieces li b")).to_have_text(["[CLS]", *pieces, "[SEP]"])
    expect(page.locator("#anatomy-states")).to_contain_text(f"[1, {len(pieces) + 2}, 384]")


def test_the_articles_sentence_has_the_articles_ids(page: Page) -> None:
    open_inside(page)
    type_into(page, {"anatomy-text": "Hello, my dog is cute"})
    field(page, "anatomy-text").press("Enter")
    expect(page.locator("#anatomy-pieces")).to_contain_text(
        "[101, 7592, 1010, 2026, 3899, 2003, 10140, 102]"
    )


def test_hidden_states_are_drawn_for_both_models(page: Page) -> None:
    open_inside(page)
    for name in (*ROLES, "cosines"):
        plot = page.locator(f"#anatomy-{name}")
        plot.scroll_into_view_if_needed()
        expect(plot.locator(".main-svg").first).to_be_visible()
    expect(page.locator("#anatomy-configuration")).to_contain_text("differs")


def test_markup_that_is_typed_is_shown_as_text(page: Page) -> None:
    open_inside(page)
    type_into(page, {"anatomy-text": HOSTILE})
    page.locator("#anatomy-run").click()
    expect(page.locator("#anatomy-pieces li b").nth(1)).to_have_text("<")
    assert page.locator("#anatomy-pieces script").count() == 0


def test_bad_input_gets_a_sentence_and_stays_in_its_box(page: Page) -> None:
    for text in ("", "x" * 100_000):
        open_inside(page)
        type_into(page, {"anatomy-text": text})
        page.locator("#anatomy-run").click()
        expect(page.get_by_role("alert").first).to_contain_text("The text")
        expect(field(page, "anatomy-text")).to_have_value(text)
