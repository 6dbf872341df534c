"""The app and a browser on a machine without any network: `make offline-check`.

Both run in a network namespace of their own, with the loopback device alone: the kernel counts what
tries to leave. A walk through every tab, with answers and explanations, must not try to, and must
find nothing broken. Where namespaces are not allowed, only the requests of the page are watched.
"""

from __future__ import annotations

import fcntl
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from deploy.program import running
from tests.browser.conftest import watch
from tests.browser.visiting import PATIENCE, launch, open_tab, press_run
from tests.browser.walking import stops

ROOT = Path(__file__).resolve().parents[2]
INSIDE = "--inside"
UNSHARE = ["unshare", "--map-root-user", "--net"]
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # of Linux, ioctl_list(2)
NOBODY = ("192.0.2.1", 443)  # an address for documentation, RFC 5737
SILENT = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # the browser's own errands


def main() -> None:
    """Go into a namespace if one is allowed, and check there."""
    inside = sys.argv[1:] == [INSIDE]
    if not inside and _namespaces():
        again = [sys.executable, "-m", "tests.browser.offline", INSIDE]
        sys.exit(subprocess.run([*UNSHARE, *again], cwd=ROOT).returncode)
    if inside:
        _start_loopback()
        _check_the_count()
        print("Network: none (a namespace with the loopback device alone).")
    else:
        print("Network namespaces are not allowed here: only the page's own requests are watched.")
    sys.exit(check(inside))


def check(inside: bool) -> int:
    """Walk through the page and tell what went wrong; 0 if nothing did."""
    settings = {"PAIR": "pocket", "HF_HUB_OFFLINE": "0"}  # what is asked of the Hub has to fail
    before = tries()
    with running([sys.executable, "app.py"], ROOT, settings) as address, sync_playwright() as tool:
        browser = launch(tool, SILENT)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        wrong = watch(page, address)
        _watch_answers(page, wrong)
        page.goto(address)
        page.get_by_role("tab").first.wait_for()
        visited = []
        for stop in stops(page):
            visited.append(stop)
            print(f"  {stop}", flush=True)
        left = tries() - before
        found = list(wrong)
        said = _ask_for_the_base_pair(page) if inside else ""
        browser.close()
    print(f"{len(visited)} stops; outside requests or faults of the page: {len(found)}.")
    if inside:
        print(f"Packets that the app and the browser tried to send elsewhere: {left}.")
        print(f"The base pair, asked for without a network: {said}")
    print("\n".join(found))
    return 1 if found or (inside and left) else 0


def tries() -> int:
    """How many IPv4 packets found no way out of this namespace so far."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text("ascii").splitlines()]
    names, values = (row for row in rows if row[0] == "Ip:")
    return int(values[names.index("OutNoRoutes")])


def _namespaces() -> bool:
    if not shutil.which(UNSHARE[0]):
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


def _start_loopback() -> None:
    with socket.socket() as any_socket:
        name = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, name))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def _check_the_count() -> None:
    """It has to count what this program itself tries: an address, and a name."""
    before = tries()
    try:
        socket.create_connection(NOBODY, timeout=5)
    except OSError:
        pass
    else:
        raise SystemExit("This namespace has a way out: nothing can be checked in it.")
    if tries() == before:
        raise SystemExit("The kernel does not count what tries to leave: nothing can be checked.")
    before = tries()
    with suppress(OSError):
        socket.getaddrinfo("name.invalid", 443)
    if tries() == before:
        print("Names are looked up on this machine itself: a mere look-up is not counted.")


def _watch_answers(page: Page, wrong: list[str]) -> None:
    page.on(
        "response",
        lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 400 else None,
    )


def _ask_for_the_base_pair(page: Page) -> str:
    """What the page says when a visitor chooses what has to be fetched."""
    open_tab(page, "Sentiment")
    page.locator("#pair input[value=base]").check()
    press_run(page, "sentiment")
    refusal = page.get_by_role("alert").first
    expect(refusal).to_contain_text("choose the pocket pair")
    return refusal.inner_text()


if __name__ == "__main__":
    main()
