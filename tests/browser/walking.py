"""A walk through the whole page as one visitor would go: every tab, its answers, what they explain.

What judges every picture of the page (its accessibility, what it loads) looks at each stop.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.visiting import HEADS, PATIENCE, ROLES, open_tab, panel, press_run

BY_HAND = "window.dx.opened = () => {}"  # a tab that is opened does not press Compare by itself
FOLLOW_UPS = {  # button of Why? to what then stands below it
    "faithful": "proof section",
    "agree": "methods table",
    "Attention": "attention-student .main-svg",
}
FEW = {"race-length": 8, "race-laps": 10, "explained-limit": 10}


def stops(page: Page) -> Iterator[str]:
    """Go to the next picture of the page and give its name; the page has just been opened."""
    page.evaluate(BY_HAND)
    plot = page.locator(".sx-plot").first
    plot.scroll_into_view_if_needed()
    expect(plot.locator(".main-svg").first).to_be_visible()
    yield "Start"
    for head, title in HEADS.items():
        yield from _head(page, head, title)
    yield from _inside(page)
    yield from _race(page)
    yield from _distil(page)


def _head(page: Page, head: str, title: str) -> Iterator[str]:
    open_tab(page, title)
    page.locator(f"#{head}-run").wait_for()
    yield f"{title}, nothing asked"
    press_run(page, head)
    for role in ROLES:
        expect(panel(page, head, role).locator("footer")).to_be_visible()
    page.locator(f"#why-{head}-run").click()
    expect(page.locator(f"#why-{head}-faithful")).to_be_visible()
    for part in page.locator(f"#tab-{head} summary").filter(visible=True).all():
        part.click()
    if head == "sentiment":
        _follow_up(page, head)
    yield f"{title}, answered and explained"


def _follow_up(page: Page, head: str) -> None:
    for button, shown in FOLLOW_UPS.items():
        page.locator(f"#why-{head}-{button}").click()
        expect(page.locator(f"#why-{head}-{shown}").first).to_be_visible()
    page.locator(f"#why-{head}-result .dx-teacher [data-word='1']").click()
    page.locator(f"#why-{head}-change").click()
    expect(page.locator(f"#why-{head}-changed .wx-w").first).to_be_visible()


def _inside(page: Page) -> Iterator[str]:
    open_tab(page, "Inside")
    page.locator("#anatomy-run").wait_for()
    yield "Inside, nothing asked"
    press_run(page, "anatomy")
    expect(page.locator("#anatomy-readouts tbody tr").first).to_be_visible()
    expect(page.locator("#anatomy-cosines .main-svg").first).to_be_visible()
    expect(page.locator("#anatomy-losses section")).to_have_count(5)
    page.get_by_role("button", name="layer 3").first.click()
    page.locator("#anatomy-heads .dx-student button").nth(13).click()
    expect(page.locator("#anatomy-head table.ix-weights tbody tr").first).to_be_visible()
    yield "Inside, answered"


def _race(page: Page) -> Iterator[str]:
    open_tab(page, "Race")
    page.locator("#race-start").wait_for()
    yield "Race, nothing asked"
    for name, value in FEW.items():
        box = page.locator(f"#{name} input[type=number]")
        box.fill(str(value))
        box.press("Enter")
    page.locator("#explained-method").get_by_label("Gradient × input").check()
    for part in ("race", "accuracy", "explained"):
        page.locator(f"#{part}-start").click()
        expect(page.locator(f"#{part}-csv")).to_be_visible()
    page.locator("#sweep-start").click()
    expect(page.locator("#sweep-length .main-svg").first).to_be_visible()
    page.locator("#sweep-cancel").click()  # the whole of it takes half a minute
    expect(page.locator("#sweep-start")).to_be_enabled()
    yield "Race, run"


def _distil(page: Page) -> Iterator[str]:
    open_tab(page, "Distil")
    page.locator("#distil-run").wait_for()
    yield "Distil, nothing asked"
    press_run(page, "distil")
    expect(page.locator("#distil-soft .lx-both").first).to_be_visible()
    page.locator("#distil-losses-run").click()
    expect(page.locator("#distil-losses .lx-pieces li").first).to_be_visible()
    page.locator("#distil-start-run").click()
    expect(page.locator("#distil-start .dx-verdict")).to_be_visible()
    page.get_by_text("Weights, temperature, learning rate").click()
    page.locator("#distil-train").click()
    expect(page.locator("#distil-live polyline.lx-student").first).to_be_visible(
        timeout=4 * PATIENCE
    )
    page.locator("#distil-stop").click()
    expect(page.locator("#distil-status .rx-done")).to_be_visible(timeout=4 * PATIENCE)
    yield "Distil, trained"
