"""What the page says around the answers: headings, waiting, refusals, status, big announcements."""

from __future__ import annotations

from explain.render.templates import draw


def heading(title: str, below: str) -> str:
    """The page's title."""
    return draw("notices.html", "heading", title, below)


def waiting(role: str) -> str:
    """A panel before its first answer."""
    return draw("notices.html", "waiting", role)


def verdict(sentence: str) -> str:
    """The one sentence below the two panels."""
    return draw("notices.html", "verdict", sentence)


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
    text = f"Running now: {blocking_job}." if blocking_job else text
    return announcement(title, text, style="rx-running")


def queued(blocking_job: str, text: str = "Getting ready …") -> str:
    """The same as one quiet line, where a large one would be too much."""
    return status(f"Waiting for its turn. Running now: {blocking_job}." if blocking_job else text)
