"""Inside: every picture of it, pressed and read, on wide and narrow screens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import open_tab, sideways


def edges(page: Page) -> list[float]:
    """Left edge and width of the header and of the tabs, in pixels."""
    return page.evaluate(
        "['#top', '#tabs'].flatMap((id) => { const box = document.querySelector(id)"
        ".getBoundingClientRect(); return [box.x, box.width]; })"
    )


def test_header_and_tabs_have_the_same_place_on_every_tab(page: Page) -> None:
    titles = page.get_by_role("tab").all_inner_texts()
    for _ in ("plain", "large type"):
        places = []
        for title in titles:
            open_tab(page, title)
            page.wait_for_timeout(200)
            places.append(edges(page))
        assert places == [places[0]] * len(titles)
        page.locator("#view-large").click()


def open_inside(page: Page) -> None:
    """Open the tab and wait for the answer to its first example."""
    open_tab(page, "Inside")
    expect(page.locator("#anatomy-pieces li").first).to_be_visible()
    expect(page.locator("#anatomy-readouts tbody tr").first).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_picture_answers_and_fits(page: Page) -> None:
    open_inside(page)
    expect(page.locator("#anatomy-readouts .dx-teacher tbody tr")).to_have_count(7)
    expect(page.locator("#anatomy-readouts .dx-student tbody tr")).to_have_count(4)
    expect(page.locator("#anatomy-similarities table")).to_have_count(4)
    assert sideways(page) <= 0
    page.get_by_role("button", name="Similarity").press("Enter")
    expect(page.locator("#anatomy-similarities")).to_be_in_viewport()
    layer = page.get_by_role("button", name="layer 3").first
    layer.press("Enter")
    details = page.locator("#anatomy-architecture [data-shown]:visible")
    expect(details).to_have_count(1)
    expect(details).to_contain_text("DistilBERT: layer 2, 1,774,464 parameters")
    expect(details).to_contain_text("(1, 12, 9, 9)")
    assert sideways(page) <= 0
    head = page.locator("#anatomy-heads .dx-student button").nth(13)
    head.press("Enter")
    expect(page.locator("#anatomy-head figcaption")).to_contain_text("DistilBERT, layer 2, head 2")
    page.locator("#anatomy-sinks input").uncheck()
    expect(page.locator("#anatomy-head figcaption")).to_contain_text("left out")
    expect(page.locator("#anatomy-head figcaption")).to_contain_text("DistilBERT, layer 2, head 2")
    expect(page.locator("#anatomy-head table.ix-weights tbody tr")).to_have_count(7)
    assert sideways(page) <= 0
    page.locator("#anatomy-plane button").nth(3).press("Enter")
    expect(page.locator("#anatomy-plane svg:visible")).to_have_count(1)
    expect(page.locator("#anatomy-plane figcaption:visible")).to_contain_text("BERT, layer 3")
    expect(page.locator("#anatomy-losses section")).to_have_count(5)
    assert sideways(page) <= 0
