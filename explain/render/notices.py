"""What the page says around the answers: headings, waiting, refusals, status, big announcements."""

from __future__ import annotations

import re

from markupsafe import Markup

from explain.render.templates import draw
from explain.render.terms import parts

_LEFT = re.compile(r"about (\d+) s are left")


def heading(title: str, below: str) -> str:
    """The page's title."""
    return draw("notices.html", "heading", title, below)


def prose(markdown: str) -> str:
    """Markdown of ours in which the first mention of each term is explained."""
    return "".join(
        draw("components.html", "term", name, part) if name else part
        for part, name in parts(markdown, [])
    )


def hidden_heading(title: str) -> str:
    """The heading of a tab for screen readers: what its panels are below."""
    return draw("notices.html", "hidden_heading", title)


def waiting(role: str) -> str:
    """A panel before its first answer."""
    return draw("notices.html", "waiting", role)


def verdict(sentence: str) -> str:
    """The one sentence below the two panels."""
    return draw("notices.html", "verdict", sentence)


def pair_changed(button: str = "Compare") -> str:
    """Where the answers of the other pair were."""
    return draw("notices.html", "pair_changed", button)


def refusal(sentence: str) -> str:
    """Why there is no answer, and what to do; read out at once by a screen reader."""
    return draw("notices.html", "refusal", sentence)


def status(sentence: str) -> str:
    """One quiet line about what is being done, for eyes and screen readers; "" for none."""
    return draw("components.html", "status", sentence) if sentence else ""


def announcement(title: str, text: str = "", share: float = 0.0, style: str = "") -> str:
    """A large line and a small one; `share` is how much of a job is done, 0..1."""
    return draw("notices.html", "announcement", title, text, share, style)


def starting(blocking_job: str, text: str) -> str:
    """Shown at once after Start: what is being prepared, or which job has to end before."""
    title = "Waiting for its turn …" if blocking_job else "Getting ready …"
    shown = counting(f"Running now: {blocking_job}.") if blocking_job else text
    return announcement(title, shown, style="rx-running")


def queued(blocking_job: str, text: str = "Getting ready …") -> str:
    """The same as one quiet line, where a large one would be too much."""
    waiting = f"Waiting for its turn. Running now: {blocking_job}."
    return status(counting(waiting) if blocking_job else text)


def counting(sentence: str) -> Markup:
    """The sentence, escaped; in the browser the seconds that are left in it go down."""
    before, seconds, after = (*_LEFT.split(sentence), "", "")[:3]
    return Markup(draw("notices.html", "counting", before, seconds, after))
