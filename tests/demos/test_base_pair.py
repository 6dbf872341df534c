"""What the page says of the base pair on this machine, and which pair a Space begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

import app as program
from demos import base_pair
from explain.models.hub import base_pair as checkpoints


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> int:
    """So many checkpoints are on this machine."""
    held = checkpoints()[: request.param]
    folder = {each.source: Path(each.source) for each in held}
    monkeypatch.setattr(base_pair, "cached", lambda each: folder.get(each.source))
    return int(request.param)


@pytest.mark.parametrize("here", [0, 3], indirect=True)
def test_what_is_missing_is_said_to_be_fetched_later(here: int) -> None:
    said = base_pair.whereabouts("base")
    assert f"{here} of 10 checkpoints" in said
    assert "when a task first needs it" in said
    assert base_pair.whereabouts("pocket") == ""


@pytest.mark.parametrize("here", [10], indirect=True)
def test_a_whole_pair_needs_no_network(here: int) -> None:
    assert "All 10 checkpoints of the base pair are on this machine." in base_pair.whereabouts(
        "base"
    )


@pytest.mark.parametrize(
    ("here", "space", "given", "pair"),
    [
        (10, True, False, "base"),
        (9, True, False, "pocket"),
        (10, True, True, "pocket"),
        (10, False, False, "pocket"),
    ],
    indirect=["here"],
)
def test_a_space_that_holds_the_base_pair_begins_with_it(
    monkeypatch: pytest.MonkeyPatch, here: int, space: bool, given: bool, pair: str
) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    if space:
        monkeypatch.setenv("SPACE_ID", "user/name")
    assert program.first_pair(given) == pair
