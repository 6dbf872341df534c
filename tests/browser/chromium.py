"""A Chromium for the browser tests: the one installed, else the system's, else Playwright's.

Preferred is the one without windows, which a page costs less.

Run as a script, it brings one; `find` only looks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """Path of an installed Chromium that starts; None means Playwright's own."""
    for name in NAMES:
        path = shutil.which(name)
        if path and _starts(path):
            return path
    return None


def bring() -> None:
    """Install a Chromium where there is none; exits with the installer's status."""
    if find() or (_install_from_system() and find()):
        return
    own = [sys.executable, "-m", "playwright", "install", "chromium"]
    sys.exit(subprocess.run(own, stdin=subprocess.DEVNULL).returncode)


def _install_from_system() -> bool:
    if not shutil.which("apt-get"):
        return False
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and not shutil.which("sudo"):
        return False
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.run([*command, "update"], stdin=subprocess.DEVNULL)
    install = [*command, "install", "--yes", "--no-install-recommends", NAMES[0]]
    return subprocess.run(install, stdin=subprocess.DEVNULL).returncode == 0


def _starts(path: str) -> bool:
    """Whether it is a browser: some systems have a stub of that name that asks for a package."""
    asked = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True)
    return asked.returncode == 0


if __name__ == "__main__":
    bring()
