"""One profile, and a page that must stay without errors and outside requests."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.visiting import PATIENCE

LOST = (  # said of a stream that is left
    "console: AbortError: signal is aborted", "Connection errored out.", "Unexpected error 404",
    "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "network error",
)  # fmt: skip


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for the pages of all tests: the code of the page is read and compiled once."""
    shared = browser.new_context()
    yield shared
    shared.close()


@pytest.fixture
def width() -> int:
    """Pixels; a test that wants another window overrides it by parametrisation."""
    return 1280


@pytest.fixture
def page(context: BrowserContext, app: str, width: int) -> Iterator[Page]:
    """The page, just opened; at the end of the test nothing may have gone wrong in it."""
    opened = context.new_page()
    opened.set_viewport_size({"width": width, "height": 900})
    opened.set_default_timeout(PATIENCE)
    wrong = watch(opened, app)
    opened.goto(app)
    opened.get_by_role("tab").first.wait_for()
    yield opened
    opened.close()
    assert wrong == []


def watch(page: Page, address: str) -> list[str]:
    """A list that fills with console errors, exceptions, dialogs and requests to other hosts.

    A page that is left loses its open streams, and Gradio's client says so: that is no error.
    """
    wrong: list[str] = []
    home = urlsplit(address).netloc

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != home:
            wrong.append(f"request to {url}")

    def printed(said: ConsoleMessage) -> None:
        if said.type == "error":
            wrong.append(f"console: {said.text} {said.location['url']}")

    def arrived() -> None:
        wrong[:] = [said for said in wrong if not any(words in said for words in LOST)]

    page.on("domcontentloaded", arrived)
    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("console", printed)
    return wrong
