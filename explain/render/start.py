"""Facts, claims and corrections to HTML: the Start tab."""

from __future__ import annotations

from collections.abc import Sequence

from explain.article.claims import Claim
from explain.article.corrections import Correction, Section
from explain.article.facts import LAYER_MAP, say
from explain.render.templates import draw


def opening(headline: str, lead: str) -> str:
    """The first words of the page."""
    return draw("start.html", "opening", headline, lead)


def claims(rows: Sequence[Claim]) -> str:
    """Three cards: the number, what is quoted for it, what it does not say, what was found here."""
    return draw("start.html", "claims", rows)


def layer_picture() -> str:
    """The teacher's layers in a row, and below each copied one the student's."""
    text = say("Student layers 0 to 5 are copies of teacher layers {layer_map}")
    return draw("start.html", "layers", int(say("{depth_teacher}")), LAYER_MAP, text)


def loss_picture() -> str:
    """The three losses, as wide as their weights."""
    parts = [
        (name, text, say(f"{{alpha_{name}}}"))
        for name, text in (("ce", "teacher"), ("mlm", "text"), ("cos", "states"))
    ]
    return draw("start.html", "losses", parts)


def corrections(rows: Sequence[Correction]) -> str:
    """What the article says, what is right, where it stands; cards on a narrow screen."""
    return draw("start.html", "corrections", rows)


def sections(rows: Sequence[Section]) -> str:
    """Which tab makes which part of the article live."""
    return draw("start.html", "sections", rows)
