"""Known vulnerabilities of what the app is made of: `make audit`.

The versions are those installed for requirements.txt, with all that its packages need; pip-audit,
in an environment of its own, asks PyPI. First it asks about an old release that is known to be
vulnerable: a service that knows nothing of it would find every package sound.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
VULNERABLE = {"jinja2": "2.10"}  # PYSEC-2019-217, a way out of its sandbox
EXPLAINED: dict[str, str] = {}  # id of a vulnerability to why it does not concern this app
UNANSWERED = "Nothing was audited: the vulnerability service "
OPTIONS = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]


def installed(requirements: Path = REQUIREMENTS) -> dict[str, str]:
    """Versions by name of all that a requirements file brings; without a local part (`+cpu`)."""
    lines = [
        line.partition("#")[0].strip() for line in requirements.read_text("utf-8").splitlines()
    ]
    waiting = [Requirement(line) for line in lines if line and not line.startswith("-")]
    found: dict[str, str] = {}
    while waiting:
        needed = waiting.pop()
        name = re.sub(r"[-_.]+", "-", needed.name).lower()
        extras = sorted(needed.extras)
        key = f"{name}[{','.join(extras)}]"
        if key in found or not _applies(needed, [""]):
            continue
        try:
            package = distribution(needed.name)
        except PackageNotFoundError:
            continue  # of another platform or Python
        found[key] = Version(package.version).public
        children = [Requirement(line) for line in package.requires or ()]
        waiting += [child for child in children if _applies(child, [*extras, ""])]
    return {key.partition("[")[0]: version for key, version in sorted(found.items())}


def _applies(needed: Requirement, extras: list[str]) -> bool:
    if needed.marker is None:
        return True
    return any(needed.marker.evaluate({"extra": extra}) for extra in extras)


def reported(audit: list[str], versions: dict[str, str]) -> list[dict[str, Any]]:
    """What pip-audit, started by `audit`, says of each package; ends the program if nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pins:
        pins.writelines(f"{name}=={version}\n" for name, version in versions.items())
        pins.flush()
        command = [*audit, "-r", pins.name, *OPTIONS]
        asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    try:
        return list(json.loads(asked.stdout)["dependencies"])
    except (ValueError, KeyError):
        reason = (asked.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise SystemExit(f"{UNANSWERED}could not be reached ({reason[:120]}).") from None


def faults(packages: list[dict[str, Any]]) -> list[str]:
    """What was found and is not explained, and what was not audited, in lines."""
    lines = []
    for package in packages:
        if reason := package.get("skip_reason"):
            lines.append(f"{package['name']}: not audited: {reason}")
        for found in package.get("vulns", ()):
            fixed = ", ".join(found["fix_versions"]) or "no release yet"
            if not {found["id"], *found["aliases"]} & EXPLAINED.keys():
                lines.append(f"{package['name']} {package['version']}: {found['id']}, in {fixed}")
    return lines


def main(audit: list[str]) -> None:
    """Ask, and print what was found; a finding that is not explained ends with status 1."""
    (known,) = reported(audit, VULNERABLE)
    if not known.get("vulns"):
        raise SystemExit(f"{UNANSWERED}knows nothing of jinja2 2.10, which has a vulnerability.")
    versions = installed()
    if found := faults(reported(audit, versions)):
        raise SystemExit("\n".join(found))
    print(f"{len(versions)} packages: no vulnerability is known.")
    for name, reason in EXPLAINED.items():
        print(f"Left out: {name}: {reason}")


if __name__ == "__main__":
    main(sys.argv[1:])
