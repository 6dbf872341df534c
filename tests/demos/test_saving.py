"""What is written into everything that a visitor saves."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from demos.saving import VERSION, facts, saved_facts
from explain.heads.registry import HEADS
from explain.models import PAIRS, ROLES

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
    assert f"version: {VERSION}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_every_model_and_endpoint_is_named() -> None:
    known = facts()
    for pair in PAIRS:
        for role in ROLES:
            assert known["models"][pair][role].keys() == HEADS.keys()
    assert known["endpoints"].keys() == HEADS.keys()
    assert "missing" not in str(known["models"]["pocket"])


def test_they_stand_in_the_page_as_data() -> None:
    element = saved_facts()
    assert element.count("<") == 2
    written = element.removeprefix('<script type="application/json" id="dx-facts">')
    assert json.loads(written.removesuffix("</script>")) == json.loads(json.dumps(facts()))
