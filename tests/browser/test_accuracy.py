"""The accuracy half of the race, as a visitor sees it: watched, cancelled, exported, refused."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import ROLES, field, open_tab, panel, sideways

GOOD = ("A charming and often affecting journey.", "Dull, long and empty.", "Not bad at all.")
BUTTON = {"start": "#accuracy-start", "cancel": "#accuracy-cancel"}


def write(folder: Path, rows: int) -> str:
    """A table of short reviews, the label of each of which is right by turns."""
    path = folder / "mine.csv"
    lines = (f'"{GOOD[n % 3]} {n}",{n % 2}' for n in range(rows))
    path.write_text("text,label\n" + "\n".join(lines) + "\n")
    return str(path)


WATCH = """() => {
  const verdict = document.querySelector("#accuracy-verdict");
  window.said = [];
  new MutationObserver(() => window.said.push(verdict.innerText))
    .observe(verdict, { childList: true, subtree: true, characterData: true });
}"""


def choose_file(page: Page, path: str) -> None:
    """Take a file of one's own for sentiment."""
    open_tab(page, "Race")
    page.locator("#accuracy-head").get_by_label("Sentiment").check()
    page.locator("#accuracy-source").get_by_label("Your file").check()
    page.locator("#accuracy-file input[type=file]").set_input_files(path)


def headline(page: Page):
    return page.locator("#accuracy-verdict h2")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_score_is_watched_exported_and_an_item_opened(page: Page, tmp_path: Path, width: int):
    choose_file(page, write(tmp_path, 200))
    expect(page.locator("#accuracy-note")).to_contain_text("200 texts are ready")
    page.evaluate(WATCH)  # the score may grow faster than a test looks
    page.locator(BUTTON["start"]).click()
    expect(page.locator("#accuracy-verdict .rx-done")).to_be_visible()
    assert any("of 200 texts" in said for said in page.evaluate("window.said"))
    expect(page.locator("#accuracy-score .ra-row")).to_have_count(2)
    expect(page.locator("#accuracy-tables table").first).to_contain_text("accuracy")
    assert sideways(page) == 0
    with page.expect_download() as download:
        page.locator("#accuracy-csv").click()
    rows = list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert len(rows) == 200
    differing = [row for row in rows if row["agree"] == "False"]
    links = page.locator("#accuracy-differences a")
    if differing:  # the models may agree on all of these
        with page.context.expect_page() as opened:
            links.first.click()
        other = opened.value
        asked = page.locator("#accuracy-differences li p").first.inner_text()
        expect(field(other, "sentiment-text")).to_have_value(asked)
        for role in ROLES:
            expect(panel(other, "sentiment", role).locator("footer")).to_be_visible()
        other.close()


def test_cancel_leaves_the_score_and_frees_the_button(page: Page, tmp_path: Path):
    choose_file(page, write(tmp_path, 2_000))
    page.locator("#accuracy-limit input[type=number]").fill("2000")
    page.locator("#accuracy-limit input[type=number]").press("Enter")
    page.locator(BUTTON["start"]).click()
    expect(page.locator("#accuracy-score .ra-point").first).to_be_visible()
    page.locator(BUTTON["cancel"]).click()
    expect(headline(page)).to_have_text("Cancelled")
    expect(page.locator(BUTTON["start"])).to_be_enabled()
    page.wait_for_timeout(3_000)  # a batch may still have been under way
    expect(headline(page)).to_have_text("Cancelled")
    counted = page.locator("#accuracy-score").inner_text()
    page.wait_for_timeout(1_500)
    assert page.locator("#accuracy-score").inner_text() == counted


@pytest.mark.parametrize(("section", "items"), [("accuracy", "2000"), ("explained", "150")])
def test_start_works_at_once_after_cancel_and_cancel_after_that(
    page: Page, tmp_path: Path, section: str, items: str
) -> None:
    choose_file(page, write(tmp_path, 2_000))  # more than is done before Cancel is pressed
    expect(page.locator("#accuracy-note")).to_contain_text("2,000 texts are ready")
    start, cancel = (page.locator(f"#{section}-{name}") for name in ("start", "cancel"))
    said = page.locator(f"#{section}-verdict h2")
    page.locator(f"#{section}-limit input[type=number]").fill(items)
    page.locator(f"#{section}-limit input[type=number]").press("Enter")
    for _ in range(3):
        start.click()
        expect(said).to_have_text(re.compile("Counting|Explaining"))
        cancel.click()
        expect(said).to_have_text("Cancelled")
        expect(start).to_be_enabled()
    page.wait_for_timeout(2000)
    expect(said).to_have_text("Cancelled")


def test_explaining_a_set_ends_when_its_visitor_leaves(page: Page, browser: Browser, app: str):
    open_tab(page, "Race")
    page.locator("#explained-limit input[type=number]").fill("150")
    page.locator("#explained-start").click()
    expect(page.locator("#explained-verdict")).to_contain_text("of 150")
    page.goto("about:blank")
    other = browser.new_page()
    other.goto(app)
    open_tab(other, "Race")
    other.locator("#explained-limit input[type=number]").fill("10")
    other.locator("#explained-start").click()  # it would have to wait for the 150
    expect(other.locator("#explained-verdict h2")).to_contain_text("Same answer")
    other.close()


def test_a_bad_table_is_refused_with_row_and_reason(page: Page, tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_text("text,label\nGood.,1\nBad.,maybe\n")
    choose_file(page, str(path))
    expect(page.locator("#accuracy-note")).to_contain_text("Row 3: 'label' must be 0 or 1")
