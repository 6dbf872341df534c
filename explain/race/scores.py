"""How often each contestant is right about a sentiment, on our own labelled sentences."""

from __future__ import annotations

from explain.evaluation import sets
from explain.heads.sentiment import LABELS, classify
from explain.race.contestants import HEAD, ready
from explain.race.records import CONTESTANTS, Settings
from explain.statistics import Interval, wilson


def now(settings: Settings) -> dict[str, Interval]:
    """Accuracy in percent with Wilson's interval, contestants with untrained weights left out."""
    rows = [item.row for item in sets.ours(HEAD).items]
    found = {}
    for key in settings.contestants:
        if not CONTESTANTS[key].full:
            loaded = ready(key, settings.pair, settings.seed)
            answers = classify([str(row["text"]) for row in rows], loaded)
            right = sum(
                one.label == LABELS[int(row["label"])]
                for one, row in zip(answers, rows, strict=True)
            )
            low, high = wilson(right, len(rows))
            found[key] = Interval(100 * right / len(rows), 100 * low, 100 * high)
    return found
