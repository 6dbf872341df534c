"""What several test files share."""

from __future__ import annotations

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the Hub's client is imported: no test needs the Hub
os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads that spin beside other work slow both

from collections.abc import Iterator

import pytest

from tests.running_app import served


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    """The address of the running app."""
    with served() as running:
        yield running.address


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first: tests that need the running app come last, those in a browser at the end."""
    items.sort(key=lambda item: ("app" in item.fixturenames) + ("page" in item.fixturenames))
