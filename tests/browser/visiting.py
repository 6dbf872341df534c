"""What a visitor does on the page, in words: open a tab, type, run, read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.chromium import find

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 60_000  # ms, for a slow and busy machine
ROLES = ("teacher", "student")
HEADS = {  # head to the title of its tab
    "fill_mask": "Fill-mask",
    "sentiment": "Sentiment",
    "ner": "Entities",
    "multiple_choice": "Multiple choice",
    "question_answering": "Questions",
}
BOX = {  # head to the box of its text
    "fill_mask": "fill_mask-text",
    "sentiment": "sentiment-text",
    "ner": "ner-text",
    "multiple_choice": "multiple_choice-prompt",
    "question_answering": "question_answering-context",
}


def launch(playwright: Playwright, more: Sequence[str] = ()) -> Browser:
    """A headless Chromium without background requests; `more` are further arguments."""
    expect.set_options(timeout=PATIENCE)
    return playwright.chromium.launch(executable_path=find(), args=[*ARGUMENTS, *more])


def open_tab(page: Page, title: str) -> None:
    """Select one tab by its title."""
    page.get_by_role("tab", name=title, exact=True).click()


def open_head(page: Page, head: str) -> None:
    """Open a head's tab and wait for the first example's answer, which comes by itself."""
    open_tab(page, HEADS[head])
    for role in ROLES:
        expect(panel(page, head, role).locator("footer")).to_be_visible()


def field(page: Page, name: str) -> Locator:
    """The box one types into; `name` is the element's id."""
    return page.locator(f"#{name}").locator("textarea, input[type=text]")


def type_into(page: Page, values: Mapping[str, str]) -> None:
    """Replace what stands in each named box."""
    for name, text in values.items():
        field(page, name).fill(text)


def press_run(page: Page, head: str) -> None:
    """Press Compare."""
    page.locator(f"#{head}-run").click()


def panel(page: Page, head: str, role: str) -> Locator:
    """One model's answer."""
    return page.locator(f"#{head}-{role}")


@contextmanager
def new_answer(page: Page, head: str) -> Iterator[None]:
    """Do something inside; leaving waits until both panels show another answer than before.

    Ask something else than before: the same answer in the same time leaves the page as it is.
    """
    feet = ", ".join(f"#{head}-{role} footer" for role in ROLES)
    page.eval_on_selector_all(feet, "feet => feet.forEach(foot => foot.dataset.old = '')")
    yield
    for role in ROLES:
        expect(panel(page, head, role).locator("footer:not([data-old])")).to_be_visible()


def sideways(page: Page) -> int:
    """How many pixels the page is wider than the window: 0 when nothing scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
