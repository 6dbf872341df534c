"""A client of the Model Context Protocol finds the endpoints as tools, and gets their answers."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-mcp" / "bin" / "python"


@pytest.mark.skipif(not PYTHON.exists(), reason="`make test` makes the environment of `make mcp`")
def test_a_client_lists_the_tools_and_calls_them(app: str) -> None:
    client = [str(PYTHON), str(ROOT / "tests" / "deploy" / "mcp_client.py"), app]
    said = subprocess.run(client, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    heard = json.loads(said.stdout)
    tools = {tool["name"]: tool for tool in heard["tools"]}
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(tools) == set(re.findall(r"^### `/(\w+)`", page, re.MULTILINE))
    for name, tool in tools.items():
        assert tool["description"] != name
        assert all(one["description"] for one in tool["inputSchema"]["properties"].values())
    assert tools["sentiment"]["inputSchema"]["required"] == ["text"]
    assert tools["race"]["inputSchema"]["properties"]["laps"]["default"] == 60
    (_, sentiment), (_, answered), (no_mask, sentence), (unknown, refused) = heard["results"]
    assert json.loads(sentiment)["teacher"]["label"] == "positive"
    assert json.loads(answered)["student"]["spans"][0]["text"] == "Ana"
    assert no_mask and "exactly one" in sentence
    assert unknown and "required" in refused
