"""Building the page says nothing: a warning in the log of every start hides the one that counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_built_without_a_warning() -> None:
    code = "import app; app.page()"
    built = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (built.stdout, built.stderr) == ("", "")
