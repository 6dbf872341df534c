"""The examples of docs/api.md run as they are printed, against a running app."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
LOCAL = "http://127.0.0.1:7860"
WITHOUT_AN_APP = PAGE.index("## Without an app")
ENDPOINTS = re.findall(r"^### `/(\w+)`", PAGE, re.MULTILINE)


def examples(language: str, address: str) -> list[str]:
    """All blocks of one language before the last section; the first holds what the others use."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE[:WITHOUT_AN_APP], re.DOTALL)
    return [block.replace(LOCAL, address) for block in blocks]


def printed(program: list[str], script: str) -> str:
    said = subprocess.run(program, input=script, capture_output=True, text=True, timeout=600)
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_python(app: str) -> None:
    said = printed([sys.executable, "-"], "\n".join(examples("python", app)))
    assert len(said.splitlines()) >= len(ENDPOINTS)
    assert "positive" in said and "nice puppet" in said and "7592" in said


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
def test_curl(app: str) -> None:
    said = printed(["bash", "-eu"], "\n".join(examples("bash", app)))
    assert said.count('"teacher": {') >= len(ENDPOINTS) - 2  # /race lists contestants
    assert '"verdict"' in said


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_javascript(app: str) -> None:
    said = printed(["node", "--input-type=module", "-"], "\n".join(examples("js", app)))
    assert len(said.splitlines()) >= len(ENDPOINTS)


def test_without_an_app() -> None:
    script = re.search(r"```python\n(.*?)```", PAGE[WITHOUT_AN_APP:], re.DOTALL)
    assert script
    assert "positive" in printed([sys.executable, "-"], script.group(1))
