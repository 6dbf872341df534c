"""The race as a visitor sees it: started, watched, cancelled, exported, waited for."""

from __future__ import annotations

import csv
import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import PATIENCE, open_tab, sideways


def ready(page: Page, laps: int) -> None:
    """The tab is open, short texts and so many laps are chosen."""
    open_tab(page, "Race")
    for name, value in (("length", 8), ("laps", laps)):
        box = page.locator(f"#race-{name} input[type=number]")
        box.fill(str(value))
        box.press("Enter")


def headline(page: Page):
    return page.locator("#race-verdict h2")


def points(page: Page):
    return page.locator("#race-marks .scatterlayer .point")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_race_is_watched_to_its_verdict_and_taken_along(page: Page, width: int) -> None:
    ready(page, 30)
    page.locator("#race-start").click()
    expect(points(page).first).to_be_visible()
    expect(page.locator("#race-verdict .rx-done")).to_be_visible()
    expect(page.locator("#race-verdict p")).to_contain_text("computed now on this machine")
    expect(points(page)).to_have_count(2 * 2 * 30)
    rows = page.locator("#race-table tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("DistilBERT")
    expect(page.locator("#race-claims")).to_contain_text("computed now, 30 laps")
    expect(page.locator("#race-picture .scatterlayer .trace")).to_have_count(4)
    assert sideways(page) == 0
    with page.expect_download() as table:
        page.locator("#race-csv").click()
    lines = table.value.path().read_text("utf-8").splitlines()
    passes = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert sum(int(one["lap"]) >= 0 for one in passes) == 2 * 2 * 30
    with page.expect_download() as file:
        page.locator("#race-json").click()
    with page.expect_download() as image:
        page.locator("#race-png").click()
    assert image.value.path().read_bytes().startswith(b"\x89PNG")
    found = json.loads(file.value.path().read_text("utf-8"))
    assert found["verdict"] == headline(page).inner_text()
    assert found["settings"]["length"] == 8 and found["circumstances"]["versions"]["torch"]


def test_cancel_works_at_once_and_the_next_race_starts(page: Page) -> None:
    ready(page, 500)
    page.locator("#race-start").click()
    expect(headline(page)).to_contain_text("Lap")
    page.locator("#race-cancel").click()
    expect(headline(page)).to_have_text("Cancelled", timeout=30_000)
    expect(page.locator("#race-start")).to_be_enabled()
    page.wait_for_timeout(3_000)
    expect(headline(page)).to_have_text("Cancelled")
    drawn = points(page).count()
    page.wait_for_timeout(1_500)
    assert points(page).count() == drawn
    ready(page, 10)
    page.locator("#race-start").click()
    expect(page.locator("#race-verdict")).to_contain_text("10 laps, computed now")


def test_a_second_visitor_is_told_of_the_race_and_waits(
    page: Page, browser: Browser, app: str
) -> None:
    other = browser.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(app)
    ready(other, 10)
    ready(page, 500)
    page.locator("#race-start").click()
    expect(headline(page)).to_contain_text("Lap")
    for section in ("accuracy", "explained"):
        other.locator(f"#{section}-start").click()
        expect(other.locator(f"#{section}-verdict")).to_contain_text("500 laps")
        other.locator(f"#{section}-cancel").click()
        expect(other.locator(f"#{section}-verdict h2")).to_have_text("Cancelled")
    other.locator("#race-start").click()
    expect(headline(other)).to_have_text("Waiting for its turn …")
    expect(other.locator("#race-verdict p")).to_contain_text("500 laps")
    expect(headline(page)).to_contain_text("Lap")
    page.locator("#race-cancel").click()
    expect(other.locator("#race-verdict")).to_contain_text("10 laps, computed now")
    other.close()


def test_a_race_of_nobody_is_refused_in_place(page: Page) -> None:
    ready(page, 10)
    for name in ("BERT", "DistilBERT"):
        page.locator("#race-contestants").get_by_label(name, exact=True).uncheck()
    page.locator("#race-start").click()
    expect(page.locator("#race-verdict [role=alert]")).to_contain_text("Nobody races")
    expect(page.locator("#race-start")).to_be_enabled()
