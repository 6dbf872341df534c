"""What axe-core finds: every tab, before and after its answers, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from playwright.sync_api import Browser, Page

from tests.browser.conftest import watch
from tests.browser.visiting import PATIENCE
from tests.browser.walking import stops

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
  const away = [...document.querySelectorAll("#tabs > [role=tabpanel]")]
    .filter((panel) => !panel.checkVisibility())
    .map((panel) => [panel, document.createDocumentFragment()]);
  away.forEach(([panel, kept]) => kept.append(...panel.childNodes));  // axe would visit them too
  const found = await axe.run(document, { resultTypes: ["violations"], preload: false });
  away.forEach(([panel, kept]) => panel.append(kept));
  return found.violations.flatMap((rule) => rule.nodes.map((node) => ({
    rule: rule.id,
    impact: rule.impact,
    what: node.html.slice(0, 160),
    why: [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; "),
  })));
}"""
SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime))
  .map((each) => each.finished))"""
VIEWS = (("light", 1280), ("dark", 390))  # of the four, two that show both themes and both widths


def look(page: Page) -> Iterator[tuple[str, str]]:
    """What is wrong with the page as it stands, Gradio's own markup included, and in which view."""
    for theme, width in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
        page.wait_for_timeout(400)  # for a last update, and what fades with it
        page.evaluate(SETTLED)
        for fault in page.evaluate(RUN):
            yield "{impact} {rule}: {what} {why}".format(**fault), f"{theme}, {width} px"
    page.evaluate("document.body.classList.remove('dark')")
    page.set_viewport_size({"width": VIEWS[0][1], "height": 900})


def test_axe_finds_nothing_on_any_tab(browser: Browser, app: str) -> None:
    page = browser.new_page(viewport={"width": VIEWS[0][1], "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE)
    wrong = watch(page, app)
    page.goto(app)
    page.get_by_role("tab").first.wait_for()
    page.evaluate(AXE)
    faults: dict[str, list[str]] = {}
    for stop in stops(page):
        for fault, view in look(page):
            faults.setdefault(fault, []).append(f"{stop}, {view}")
    page.close()
    assert faults == {}
    assert wrong == []
