"""How often each contestant is right about a sentiment, on our own labelled sentences."""

from __future__ import annotations

from explain.heads.sentiment import LABELS, classify
from explain.metrics import wilson
from race import sets
from race.contestants import HEAD, ready
from race.records import CONTESTANTS, Interval, Settings


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
