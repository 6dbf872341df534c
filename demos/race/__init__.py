"""Race: latency, accuracy, and the article's claims, measured on this machine."""

from demos.race.latency import EXAMPLES, TITLE, build

__all__ = ["EXAMPLES", "TITLE", "build"]
