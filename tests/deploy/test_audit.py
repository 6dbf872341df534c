"""The audit of the packages: never clean without an answer. A program in place of pip-audit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.audit import installed, main

KNOWN = {"id": "PYSEC-2019-217", "aliases": ["CVE-2019-10906"], "fix_versions": ["2.10.1"]}
OLD = {"jinja2==2.10": {"vulns": [KNOWN]}}
PROGRAM = """
import json, pathlib, sys
answers = json.loads({answers!r})
pins = pathlib.Path(sys.argv[2]).read_text().split()
found = []
for pin in pins:
    name, _, version = pin.partition("==")
    sound = dict(name=name, version=version, vulns=[])
    found.append(sound | answers.get(pin, answers.get(name, {{}})))
print(json.dumps(dict(dependencies=found)))
"""


def audit(folder: Path, answers: dict[str, Any]) -> list[str]:
    """A program that answers as pip-audit does; other packages than those named are sound."""
    program = folder / "audit.py"
    program.write_text(PROGRAM.format(answers=json.dumps(answers)), encoding="utf-8")
    return [sys.executable, str(program)]


def test_what_is_asked_for_is_what_is_installed() -> None:
    versions = installed()
    assert {"gradio", "torch", "transformers", "starlette", "uvicorn"} <= versions.keys()
    assert not any("+" in version for version in versions.values())
    assert not {"pytest", "playwright", "mypy"} & versions.keys()


def test_a_sound_answer_says_how_many_packages(tmp_path: Path, capsys: Any) -> None:
    main(audit(tmp_path, OLD))
    assert "no vulnerability is known" in capsys.readouterr().out


def test_a_vulnerability_is_named_with_its_remedy(tmp_path: Path) -> None:
    found = {"id": "PYSEC-1", "aliases": [], "fix_versions": ["9.9"]}
    with pytest.raises(SystemExit, match=r"gradio .*: PYSEC-1, in 9\.9"):
        main(audit(tmp_path, OLD | {"gradio": {"vulns": [found]}}))


def test_a_package_that_was_not_audited_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="torch: not audited: not found"):
        main(audit(tmp_path, OLD | {"torch": {"skip_reason": "not found"}}))


def test_a_service_that_knows_of_nothing_is_no_clean_bill(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"Nothing was audited: .* knows nothing of jinja2"):
        main(audit(tmp_path, {}))


def test_a_service_that_cannot_be_reached_is_one_sentence() -> None:
    broken = [sys.executable, "-c", "raise OSError('no network')"]
    with pytest.raises(SystemExit) as ended:
        main(broken)
    assert str(ended.value).startswith("Nothing was audited: ")
    assert "no network" in str(ended.value) and "\n" not in str(ended.value)
