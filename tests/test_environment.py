"""What is told of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from explain import environment

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("limit", "memory"),
    [("2000000000\n", 2_000_000_000), ("max\n", MACHINE), (f"{2 * MACHINE}\n", MACHINE)],
)
def test_a_container_has_no_more_memory_than_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, memory: int
) -> None:
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(environment, "LIMITS", (tmp_path / "memory.max", tmp_path / "none"))
    assert environment.physical_memory() == memory
