"""A finished result is shown also where its files cannot be written."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from demos import downloads

FILES = {"race.csv": "a,b", "race.json": "{}"}


def test_files_are_offered_with_their_text() -> None:
    offered = downloads.offered(FILES)
    assert [Path(update["value"]).read_text("utf-8") for update in offered] == ["a,b", "{}"]
    assert all(update["visible"] for update in offered)


@pytest.mark.parametrize("place", ["folder", "file"])
def test_a_full_disk_costs_the_files_and_not_the_result(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", said.append)
    if place == "folder":
        monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    else:
        monkeypatch.setattr(Path, "write_bytes", full)
    assert [update["visible"] for update in downloads.offered(FILES)] == [False, False]
    assert said == ["The files of this result cannot be offered: No space left on device."]
