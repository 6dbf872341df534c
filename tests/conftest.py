"""What several test files share."""

from __future__ import annotations

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the Hub's client is imported: no test needs the Hub
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads that spin beside other work slow both

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.running_app import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    """The address of the running app."""
    with served() as running:
        yield running.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.browser.visiting import launch

    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first: tests that need the running app come last, those in a browser at the end."""
    items.sort(key=lambda item: ("app" in item.fixturenames) + ("page" in item.fixturenames))
