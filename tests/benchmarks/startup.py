"""How soon the page answers, and how much memory the whole app takes.

`page` is the time from starting `app.py` to the first HTTP 200; `imports` is what
`python -c "import gradio, torch, transformers"` takes, in turns with it. Memory is the highest
resident size of the app (Linux only) after every tab was used in a browser, and after each head
has then read the longest text it accepts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import measure
from gradio_client import Client
from playwright.sync_api import sync_playwright

from explain.encoding import LONGEST_TEXT
from tests.browser.visiting import (
    BOX,
    HEADS,
    launch,
    new_answer,
    open_head,
    open_tab,
    press_run,
    type_into,
)
from tests.running_app import served

IMPORTS = "import gradio, torch, transformers"
GOAL_RATIO, GOAL_MEGABYTES = 1.5, 1200.0
WORDS = "The river Elbe flows through Dresden, and Anna Berg of Siemens saw it rise. "
LONGEST = (WORDS * (LONGEST_TEXT // len(WORDS) + 1))[: LONGEST_TEXT - 10]


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="starts of each (7)")
    options = parser.parse_args()
    starts: list[float] = []

    def imports() -> None:
        subprocess.run([sys.executable, "-c", IMPORTS], check=True, cwd=measure.ROOT)

    def page() -> None:
        with served() as app:
            starts.append(app.seconds)

    times = measure.laps({"imports": imports, "page": page}, options.repeats, warm_up=1)
    seconds = {
        "imports": [milliseconds / 1e3 for milliseconds in times["imports"]],
        "page": starts[-options.repeats :],  # without the warm-up, and without stopping the app
    }
    slower = measure.ratio(seconds["page"], seconds["imports"])
    memory = memory_in_use()
    figures = {name: measure.spread(values) for name, values in seconds.items()}
    measure.table(
        ("what", "median", "middle half"),
        [
            *(
                (name, f"{each['median']:.2f} s", f"{each['p25']:.2f} to {each['p75']:.2f} s")
                for name, each in figures.items()
            ),
            ("page / imports", f"{slower['median']:.2f}", f"goal {GOAL_RATIO}"),
            *(
                (name, f"{size:.0f} MB", f"goal {GOAL_MEGABYTES:.0f}")
                for name, size in memory.items()
            ),
        ],
    )
    met = slower["median"] <= GOAL_RATIO and max(memory.values()) <= GOAL_MEGABYTES
    measure.report(
        "startup", pair="pocket", repeats=options.repeats, seconds=figures,
        page_to_imports=slower, peak_megabytes=memory,
        goal={"page_to_imports": GOAL_RATIO, "peak_megabytes": GOAL_MEGABYTES, "met": met},
    )  # fmt: skip


def memory_in_use() -> dict[str, float]:
    """Peak memory in MB of one app, as it is used more and more."""
    with served() as app:
        found = {"memory at start": peak(app.process)}
        use_every_tab(app.address)
        found["memory after every tab"] = peak(app.process)
        read_the_longest(app.address)
        found["memory after the longest texts"] = peak(app.process)
    return found


def use_every_tab(address: str) -> None:
    """Open every tab in a browser; where there is something to compare, compare."""
    heads = {title: head for head, title in HEADS.items()}
    box = BOX | {"question_answering": "question_answering-question"}
    with sync_playwright() as playwright:
        page = launch(playwright).new_page()
        page.goto(address)
        page.get_by_role("tab").first.wait_for()
        for title in page.get_by_role("tab").all_inner_texts():
            if title not in heads:
                open_tab(page, title)
                page.wait_for_timeout(3_000)  # the page keeps a stream open: it is never idle
                continue
            head = heads[title]
            open_head(page, head)
            type_into(page, {box[head]: f"Anna Berg of Siemens likes [MASK] and {head}."})
            with new_answer(page, head):
                press_run(page, head)


def read_the_longest(address: str) -> None:
    """One answer of every head to the longest text it accepts."""
    client = Client(address, verbose=False, analytics_enabled=False)
    client.predict(f"{LONGEST} [MASK]", api_name="/fill_mask")
    client.predict(LONGEST, api_name="/sentiment")
    client.predict(LONGEST, api_name="/ner")
    client.predict("Who saw the river rise?", LONGEST, api_name="/question_answering")
    choices = [WORDS * 20] * 8
    client.predict(WORDS, choices, api_name="/multiple_choice")
    client.close()


def peak(process: int) -> float:
    """The highest resident size a process has had, in MB (10^6 bytes)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("this system does not tell the peak memory of a process")


if __name__ == "__main__":
    main()
