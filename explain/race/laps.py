"""Laps: every contestant out and back, again and again, each pass timed on its own.

In a lap all contestants run in one order and then in the reverse (for two: ABBA), and the next lap
starts with the next one (BAAB), so neither slow drift nor the place in the order favours anybody.
All read the same texts. Text to tensors is timed apart from the forward pass, which ends at the
logits. Nothing else of ours runs meanwhile: whoever draws a pass does it between two of them, and
after such a pause one pass is run for nothing, to fill the caches again.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from explain import encoding
from explain.models import Loaded
from explain.race.records import Pass, Settings

WARM_UP = 2  # laps, numbered -2 and -1: they count for nothing
LONGEST = 90.0  # seconds of laps; then the race ends with the laps it has
PAUSE = 3.0  # ms: whoever took longer between two passes was drawing
REST = 0.02  # seconds for the drawing to be sent before the laps go on
SHORT = 50.0  # ms: a longer pass is not worth a refill of the caches
SENTENCE = (  # each word is one word piece
    "the old ship left the harbour before the storm and every sailor on board was glad to see "
    "the light of the tower again when morning came over the quiet hills of the island"
)


def texts(length: int, batch: int) -> tuple[str, ...]:
    """`batch` different texts of `length` word pieces each, [CLS] and [SEP] included."""
    sentence = SENTENCE.split()
    words = sentence * (length // len(sentence) + 2)
    starts = (number % len(sentence) for number in range(batch))
    return tuple(" ".join(words[start : start + length - 2]) for start in starts)


def order(keys: Sequence[str], lap: int) -> list[str]:
    """Who runs when in one lap: out, and back in reverse."""
    first = lap % len(keys)
    out = [*keys[first:], *keys[:first]]
    return out + out[::-1]


def laps(
    settings: Settings, runners: Mapping[str, Loaded], longest: float | None = None
) -> Generator[Pass, None, None]:
    """Every pass as it is done, warm-up first; ends after `settings.laps` or `longest` seconds,
    but not before the first lap is complete.

    `runners` are the contestants by name; `longest` is `LONGEST` if it is not given. The thread
    setting of PyTorch holds for the passes alone: between them, and after the last or a `close()`,
    it is what it was.
    """
    read = texts(settings.length, settings.batch)
    began, pause = time.monotonic(), 0.0
    for lap in range(-WARM_UP, settings.laps):
        if lap > 0 and time.monotonic() - began > (LONGEST if longest is None else longest):
            return
        for place, key in enumerate(order(tuple(runners), lap)):
            if pause > PAUSE:
                time.sleep(REST)
            with threads(settings.threads):
                tokenise, forward = timed(runners[key], read)
                if pause > PAUSE and forward < SHORT:
                    tokenise, forward = timed(runners[key], read)
            drawn = encoding.now()
            yield Pass(lap, int(place >= len(runners)), key, tokenise, forward)
            pause = encoding.since(drawn)


def timed(loaded: Loaded, read: Sequence[str]) -> tuple[float, float]:
    """One pass over texts of equal length: ms to tensors, ms from there to logits."""
    began = encoding.now()
    rows = [encoding.row(loaded, encoding.pieces(loaded, text).ids) for text in read]
    inputs = encoding.tensors(loaded, rows)
    tokenise, began = encoding.since(began), encoding.now()
    with torch.inference_mode():
        loaded.model(**inputs)
    return tokenise, encoding.since(began)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """PyTorch computes with `number` threads inside, and with as many as before outside.

    OpenMP keeps this setting for each calling thread, and a page's handler may go on in another
    one after every `yield`: so it is set around each pass, never across one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
