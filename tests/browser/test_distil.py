"""Distil as a visitor sees it: soft targets, losses, starts, and a training from start to file."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import PATIENCE, field, open_tab, sideways

SLOW = 4 * PATIENCE
ASKED = """
import json, sys
from transformers import pipeline
found = pipeline("fill-mask", sys.argv[1], dtype="float32")(sys.argv[2])
print(json.dumps([[one["token_str"], one["score"]] for one in found]))
"""


def open_distil(page: Page) -> None:
    open_tab(page, "Distil")
    expect(page.locator("#distil-soft .lx-both").first).to_be_visible()


def points(page: Page) -> int:
    """How many points the first curve of the training has."""
    return page.evaluate(
        "(document.querySelector('#distil-live polyline.lx-student')?.getAttribute('points') || '')"
        ".split(' ').filter(Boolean).length"
    )


def grown(page: Page, than: int) -> None:
    page.wait_for_function(
        "(than) => (document.querySelector('#distil-live polyline.lx-student')"
        "?.getAttribute('points') || '').split(' ').length > than",
        arg=than, timeout=SLOW,
    )  # fmt: skip


def headline(page: Page):
    return page.locator("#distil-status h2")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_temperature_softens_what_the_losses_are_made_of(page: Page) -> None:
    open_distil(page)
    soft = page.locator("#distil-soft .dx-verdict")
    expect(soft).to_contain_text("At T = 1.0")
    expect(soft).to_contain_text("times as likely as “mushroom”")
    cold = soft.inner_text()
    slider = page.locator("#distil-temperature input[type=range]")
    slider.fill("20")
    expect(soft).to_contain_text("At T = 20.0")
    assert soft.inner_text() != cold
    page.locator("#distil-losses-run").click()
    expect(page.locator("#distil-losses .lx-pieces li.lx-masked").first).to_be_visible()
    total = page.locator("#distil-losses .lx-sum p b").last
    before = total.inner_text()
    page.locator("#distil-weight-soft input[type=range]").fill("0")
    expect(total).not_to_have_text(before)
    page.locator("#distil-start-run").click()
    expect(page.locator("#distil-start .dx-verdict")).to_contain_text("Layers 1, 3, 6")
    assert sideways(page) <= 0


def test_a_training_is_watched_paused_continued_stopped_and_taken_along(
    page: Page, tmp_path
) -> None:
    open_distil(page)
    sentence = "The <b>capital</b> of France is [MASK]."
    page.locator("#distil-head").get_by_label("Fill-mask").check()
    expect(field(page, "distil-sentence")).to_have_value("The capital of France is [MASK].")
    field(page, "distil-sentence").fill(sentence)
    page.locator("#distil-train").click()
    expect(page.locator("#distil-train")).to_have_text("Start anew")
    grown(page, 0)
    page.locator("#distil-rival").get_by_label("without L_ce").check()
    page.locator("#distil-train").click()
    expect(page.locator("#distil-live")).to_contain_text("without L_ce", timeout=SLOW)
    grown(page, 1)
    expect(page.locator("#distil-live .lx-answer")).to_have_count(3)
    expect(page.locator("#distil-live .lx-watched")).to_have_text(sentence)
    page.locator("#distil-pause").click()
    expect(headline(page)).to_have_text("Paused", timeout=SLOW)
    paused = points(page)
    page.wait_for_timeout(2_500)
    assert points(page) == paused
    page.locator("#distil-pause").click()
    grown(page, paused)
    page.locator("#distil-stop").click()
    expect(page.locator("#distil-status .rx-done")).to_be_visible(timeout=SLOW)
    expect(page.locator("#distil-train")).to_have_text("Train")
    expect(page.locator("#distil-status")).to_contain_text("on all 164 held-out rows")
    with page.expect_download() as file:
        page.locator("#distil-file").click()
    zipfile.ZipFile(file.value.path()).extractall(tmp_path)
    asked = [sys.executable, "-c", ASKED, str(tmp_path / "distilbert-live"), sentence]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=tmp_path)
    bars = page.locator("#distil-live .lx-answer.lx-student .dx-bar")
    shown = list(zip(bars.locator(".dx-label").all_inner_texts(),
                     bars.locator(".dx-value").all_inner_texts(), strict=True))  # fmt: skip
    for (word, share), (label, written) in zip(json.loads(said.stdout), shown, strict=True):
        assert word == label
        assert abs(100 * share - float(written.strip("<> %"))) < 0.11
    page.locator("#distil-use").click()
    expect(page.locator("#distil-use-note")).to_contain_text("Press Compare in Fill-mask")
    expect(page.locator("#distil-use")).to_have_text("Take it out of the tabs")
    open_tab(page, "Fill-mask")
    field(page, "fill_mask-text").fill(sentence)
    page.locator("#fill_mask-run").click()
    own = page.locator("#fill_mask-own .dx-own .dx-label")
    expect(own).to_have_text([label for label, _ in shown])


def test_a_visitor_who_leaves_makes_way_for_the_one_who_waits(
    page: Page, browser: Browser, app: str
) -> None:
    other = browser.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(app)
    open_distil(other)
    other.locator("#distil-train").click()
    grown(other, 0)
    open_distil(page)
    page.locator("#distil-train").click()
    expect(page.locator("#distil-status p")).to_contain_text("a distillation of 60 s")
    expect(page.locator("#distil-status p")).to_contain_text("s are left")
    other.close()
    grown(page, 0)
    page.locator("#distil-stop").click()
    expect(page.locator("#distil-status .rx-done")).to_be_visible(timeout=SLOW)


def test_too_little_text_is_refused_in_place(page: Page) -> None:
    open_distil(page)
    page.get_by_text("Weights, temperature, learning rate").click()
    field(page, "distil-own").fill("One sentence is not enough. Two are not either.")
    page.locator("#distil-train").click()
    expect(page.locator("#distil-status [role=alert]")).to_contain_text("at least 50 different")
    expect(page.locator("#distil-train")).to_have_text("Train")
