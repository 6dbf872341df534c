"""The folder that is uploaded as a Hugging Face Space: built, checked, and on request uploaded.

    python -m deploy.space build FOLDER [--flavor zero]     what would be uploaded, checked
    python -m deploy.space open FOLDER                      the page of that folder answers
    python -m deploy.space upload USER/NAME [--flavor zero] by the `hf` command

`upload` first asks the Hub for the commits of the checkpoints (`deploy.pin`). A plain `git push` of
the repository is refused by the Hub: its history holds files over 10 MiB.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from explain.models.checkpoints import PAIRS, PINS

ROOT = Path(__file__).resolve().parent.parent
PARTS = (  # of the repository; tests, benchmarks and this folder stay at home
    "app.py", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "CITATION.cff", "requirements.txt",
    "assets", "demos", "docs", "distill", "explain",
)  # fmt: skip
CPU, ZERO = "cpu-basic", "zero"
FLAVORS = (CPU, ZERO)
ZERO_TORCH, ZERO_PYTHON = "2.11.0", "3.12.12"  # the newest that ZeroGPU accepts
ZERO_TORCHES = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")
NEEDED = ("title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version",
          "app_file", "license", "short_description", "preload_from_hub")  # fmt: skip
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
LONGEST_DESCRIPTION = 60  # characters
LARGEST_FILE, LARGEST_FOLDER = 100_000_000, 1_000_000_000  # bytes
NAME = re.compile(r"[\w.-]+/[\w.-]+")


def build(folder: Path, flavor: str = CPU) -> None:
    """Copy what a Space needs into an empty folder, with pins and front matter of its flavor."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PARTS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    matter, text = front_matter(folder / "README.md")
    matter["preload_from_hub"] = preloaded()
    if flavor == ZERO:
        matter["python_version"] = ZERO_PYTHON
        matter.pop("suggested_hardware", None)
        pins = folder / "requirements.txt"
        pinned = re.sub(r"(?m)^torch==.*$", f"torch=={ZERO_TORCH}", pins.read_text("utf-8"))
        pins.write_text(pinned, encoding="utf-8")
    written = yaml.safe_dump(matter, sort_keys=False, allow_unicode=True, width=500)
    (folder / "README.md").write_text(f"---\n{written}---\n{text}", encoding="utf-8")


def preloaded() -> list[str]:
    """The checkpoints of the base pair, as `preload_from_hub` lists them."""
    lines = []
    for checkpoint in (one for heads in PAIRS["base"].values() for one in heads.values()):
        files = ",".join(PINS[checkpoint.source]["files"])
        pin = "" if checkpoint.revision == "main" else f" {checkpoint.revision}"
        lines.append(f"{checkpoint.source} {files}{pin}")
    return lines


def front_matter(page: Path) -> tuple[dict[str, Any], str]:
    """The settings at the head of a README, and the text below them."""
    _, head, text = page.read_text(encoding="utf-8").split("---\n", 2)
    return dict(yaml.safe_load(head)), text


def faults(folder: Path, flavor: str = CPU) -> list[str]:
    """What the Hub would refuse or run differently, in sentences; [] for a folder that is sound."""
    matter, _ = front_matter(folder / "README.md")
    pins = requirements(folder / "requirements.txt")
    found = [f"The front matter lacks {name}." for name in NEEDED if not matter.get(name)]
    found += [f"{name} is not pinned to one version." for name, pin in pins.items() if not pin]
    if matter.get("sdk") != "gradio" or str(matter.get("sdk_version")) != pins.get("gradio"):
        found.append("sdk_version is not the version of gradio in requirements.txt.")
    if not isinstance(matter.get("python_version"), str):
        found.append("python_version is not quoted, and 3.10 would be read as 3.1.")
    if not (folder / str(matter.get("app_file"))).is_file():
        found.append("app_file is not there.")
    if len(str(matter.get("short_description"))) > LONGEST_DESCRIPTION:
        found.append(f"short_description is longer than {LONGEST_DESCRIPTION} characters.")
    if not {matter.get("colorFrom"), matter.get("colorTo")} <= COLOURS:
        found.append("colorFrom or colorTo is not a colour of the Hub.")
    if flavor == ZERO and pins.get("torch") not in ZERO_TORCHES:
        found.append(f"torch {pins.get('torch')} is not accepted by ZeroGPU.")
    return found + _faults_of_preload(matter) + _faults_of_size(folder)


def _faults_of_preload(matter: dict[str, Any]) -> list[str]:
    lines = [str(line).split() for line in matter.get("preload_from_hub") or ()]
    wanted = {one.source for heads in PAIRS["base"].values() for one in heads.values()}
    found = []
    if {line[0] for line in lines} != wanted:
        found.append("preload_from_hub does not list the checkpoints of the base pair.")
    found += [
        f"{line[0]} is preloaded at {line[2]}, which is no commit."
        for line in lines
        if len(line) > 2 and not re.fullmatch("[0-9a-f]{40}", line[2])
    ]
    return found


def _faults_of_size(folder: Path) -> list[str]:
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    found = [
        f"{path.relative_to(folder)} has {size:,} bytes."
        for path, size in sizes.items()
        if size > LARGEST_FILE
    ]
    if sum(sizes.values()) > LARGEST_FOLDER:
        found.append(f"The folder has {sum(sizes.values()):,} bytes.")
    return found


def requirements(file: Path) -> dict[str, str]:
    """Versions by package; "" where a line does not name exactly one."""
    lines = [line.partition("#")[0].strip() for line in file.read_text("utf-8").splitlines()]
    split = [re.fullmatch(r"([\w.-]+)(?:==([\w.+]+))?.*", line) for line in lines if line]
    return {match[1].lower(): match[2] or "" for match in split if match}


def checked(folder: Path, flavor: str) -> None:
    """Build and check a folder; a fault ends the program with all that were found."""
    build(folder, flavor)
    if found := faults(folder, flavor):
        raise SystemExit("\n".join(found))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.0f} MB, for {flavor}. Front matter, sizes and pins are sound.")
    if loose := [name for name, pin in PINS.items() if pin["revision"] == "main"]:
        print(
            f"{len(loose)} checkpoints are not pinned to a commit: run `make pin` with a network."
        )


def upload(name: str, flavor: str) -> None:
    """Create the Space if there is none, and make its files those of the folder."""
    if not NAME.fullmatch(name):
        raise SystemExit("Name the Space as in: make space SPACE=user/name")
    hf = str(Path(sys.executable).with_name("hf"))
    subprocess.run([sys.executable, "-m", "deploy.pin"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        checked(Path(folder), flavor)
        create = [hf, "repos", "create", f"spaces/{name}", "--sdk", "gradio", "--exist-ok"]
        hardware = ["--flavor", "zero-a10g"] if flavor == ZERO else []
        subprocess.run([*create, *hardware], check=True)
        send = [hf, "upload", f"spaces/{name}", folder, ".", "--delete", "*"]
        subprocess.run([*send, "--commit-message", "Update the app"], check=True)


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="python -m deploy.space", description=__doc__)
    parser.add_argument("command", choices=("build", "open", "upload"))
    parser.add_argument("target", help="a folder, or USER/NAME")
    parser.add_argument("--flavor", choices=FLAVORS, default=CPU)
    parser.add_argument("--python", default=sys.executable, help="interpreter that `open` uses")
    options = parser.parse_args()
    if options.command == "upload":
        upload(options.target, options.flavor)
    elif options.command == "build":
        folder = Path(options.target)
        shutil.rmtree(folder, ignore_errors=True)
        checked(folder, options.flavor)
    else:
        from deploy.program import running

        with running([options.python, "app.py"], Path(options.target)) as address:
            print(f"The page of {options.target} answers at {address}.")


if __name__ == "__main__":
    main()
