"""Fix the ten checkpoints of the base pair to the commits that the Hub has today.

    python -m deploy.pin

It writes `assets/models/pins.json`: for each repository its commit and the files that are read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from explain.models.checkpoints import ASSETS, PINS
from explain.models.hub import CONFIGURATION, VOCABULARIES, WEIGHTS

FILE = ASSETS / "pins.json"


def pinned(
    repositories: Mapping[str, Any], ask: Callable[[str], tuple[str, list[str]]]
) -> dict[str, dict[str, Any]]:
    """Commit and files of each repository; `ask` gives a repository's newest commit and files.

    A file that the app needs and the repository lacks ends the program with a sentence.
    """
    pins = {}
    for repository in repositories:
        commit, files = ask(repository)
        kept = [name for name in (CONFIGURATION, WEIGHTS, *VOCABULARIES) if name in files]
        if CONFIGURATION not in kept or WEIGHTS not in kept or len(kept) < 3:
            raise SystemExit(f"{repository} lacks a file that the app reads; it has {files}.")
        pins[repository] = {"revision": commit, "files": kept}
    return pins


def newest(repository: str) -> tuple[str, list[str]]:
    """What the Hub says of a repository."""
    from huggingface_hub import HfApi

    found = HfApi().model_info(repository, timeout=20)
    return str(found.sha), [file.rfilename for file in found.siblings or ()]


def main() -> None:
    """Ask the Hub and write the file; without a network the file stays as it is."""
    from huggingface_hub import errors

    try:
        pins = pinned(PINS, newest)
    except (OSError, errors.HTTPError) as error:  # type: ignore[attr-defined]
        kind = type(error).__name__
        sys.exit(f"The Hub cannot be asked ({kind}), so {FILE.name} stays as it is.")
    FILE.write_text(json.dumps(pins, indent=2) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(pins)} repositories, each at one commit.")


if __name__ == "__main__":
    main()
