"""The steps of the Dockerfile: in a container where one can run, else one by one in a clean folder.

Without a container runtime the packages are those of this environment, and its user; the test says
so. What is copied, set, started and asked is what the Dockerfile says.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
import warnings
from pathlib import Path

import pytest

from deploy.program import running

ROOT = Path(__file__).resolve().parents[2]
STEP = re.compile(r"(?m)^([A-Z]+) (.*)$")
STEPS = STEP.findall((ROOT / "Dockerfile").read_text(encoding="utf-8"))
SHIPPED = {
    line[1:]
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line.startswith("!")
}


def arguments(name: str) -> list[str]:
    return [value for step, value in STEPS if step == name]


def test_the_container_is_not_root_is_checked_and_gets_the_files_it_copies() -> None:
    assert arguments("USER") == ["65534:65534"]
    assert len(arguments("HEALTHCHECK")) == 1
    copied = [line.split()[:-1] for line in arguments("COPY") if not line.startswith("--from")]
    assert {name for line in copied for name in line} == SHIPPED
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").startswith("*\n")


def has_runtime() -> bool:
    """Whether a container can be built and run here."""
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, timeout=30).returncode == 0


def in_clean_folder(folder: Path) -> tuple[list[str], dict[str, str], str]:
    """Carry out COPY and ENV of the last stage; gives CMD, the settings and the health check."""
    last = max(number for number, (step, _) in enumerate(STEPS) if step == "FROM")
    settings: dict[str, str] = {}
    for step, value in STEPS[last:]:
        if step == "COPY" and not value.startswith("--from"):
            *sources, target = value.split()
            for source in sources:
                place = folder / target / (source if target == "./" else "")
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
                copy(ROOT / source, place)
        elif step == "ENV":
            settings |= dict(pair.split("=", 1) for pair in value.split())
    command = json.loads(arguments("CMD")[0])
    health = json.loads(arguments("HEALTHCHECK")[0].partition("CMD ")[2])
    assert command[0] == health[0] == "/venv/bin/python"
    return command, settings, health[2]


@pytest.mark.skipif(has_runtime(), reason="run as a container instead")
def test_its_steps_give_a_healthy_page_that_writes_nothing_beside_tmp(tmp_path: Path) -> None:
    warnings.warn("no container runtime: steps run one by one, with this environment", stacklevel=1)
    app, home = tmp_path / "app", tmp_path / "tmp"
    app.mkdir()
    home.mkdir()
    command, settings, health = in_clean_folder(app)
    moved = {name: value.replace("/tmp", str(home)) for name, value in settings.items()}
    before = {path: path.stat().st_mtime_ns for path in app.rglob("*")}
    with running([sys.executable, *command[1:]], app, moved) as address:
        port = {"PORT": address.rpartition(":")[2]}
        subprocess.run([sys.executable, "-c", health], env=port, check=True, timeout=60)
        with urllib.request.urlopen(address, timeout=60) as page:
            assert page.status == 200
    assert {path: path.stat().st_mtime_ns for path in app.rglob("*")} == before


@pytest.mark.skipif(not has_runtime(), reason="no container runtime")
def test_the_container_gives_a_healthy_page(tmp_path: Path) -> None:
    name = "distilbert-explorer-test"
    subprocess.run(["docker", "build", "-q", "-t", name, "."], cwd=ROOT, check=True)
    run = ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", "host"]
    settings = ["-e", "PORT", "--name", name, name]
    with running([*run, *settings], ROOT) as address:
        with urllib.request.urlopen(address, timeout=60) as healthy:
            assert healthy.status == 200
