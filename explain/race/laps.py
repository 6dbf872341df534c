"""Laps: every contestant runs twice per lap in counterbalanced order, each pass timed on its own.

In a lap all contestants run in one order and then in the reverse (for two: ABBA), and the next lap
starts with the next contestant (BAAB), so that neither slow drift nor the place in the order
favours any of them. All read the same texts. Text to tensors is timed apart from the forward pass,
which ends at the logits. The page draws between two passes, never during one; after such a pause
one warm-up pass fills the caches again before the next is timed.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from explain import encoding
from explain.models import Loaded
from explain.race.records import Pass, Settings

WARM_UP = 2  # laps, numbered -2 and -1, left out of every result
LONGEST = 90.0  # seconds of laps; then the race ends with the laps it has
PAUSE = 3.0  # ms: after a longer pause the page has drawn, and caches have to be filled again
REST = 0.02  # seconds for the page's update to be sent before the laps go on
SHORT = 50.0  # ms: on a longer pass cold caches have no visible effect
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


def counterbalanced(keys: Sequence[str], lap: int) -> list[str]:
    """The contestants of one lap as they run: in one order, then in the reverse."""
    first = lap % len(keys)
    order = [*keys[first:], *keys[:first]]
    return order + order[::-1]


def laps(
    settings: Settings, models: Mapping[str, Loaded], longest: float | None = None
) -> Generator[Pass, None, None]:
    """Every pass as it is done, warm-up first; ends after `settings.laps` or `longest` seconds,
    but not before the first lap is complete.

    `models` are the prepared contestants by key; `longest` is `LONGEST` if it is not given.
    PyTorch's number of threads is set during passes only; between them, and after the last or a
    `close()`, it is what it was before.
    """
    batch = texts(settings.length, settings.batch)
    started, pause = time.monotonic(), 0.0
    for lap in range(-WARM_UP, settings.laps):
        if lap > 0 and time.monotonic() - started > (LONGEST if longest is None else longest):
            return
        for place, key in enumerate(counterbalanced(tuple(models), lap)):
            if pause > PAUSE:
                time.sleep(REST)
            with threads(settings.threads):
                tokenise, forward = timed(models[key], batch)
                if pause > PAUSE and forward < SHORT:
                    tokenise, forward = timed(models[key], batch)
            done = encoding.now()
            yield Pass(lap, int(place >= len(models)), key, tokenise, forward)
            pause = encoding.since(done)


def timed(loaded: Loaded, batch: Sequence[str]) -> tuple[float, float]:
    """One pass over texts of equal length: ms to tensors, ms from there to logits."""
    start = encoding.now()
    rows = [encoding.row(loaded, encoding.pieces(loaded, text).ids) for text in batch]
    inputs = encoding.tensors(loaded, rows)
    tokenise, start = encoding.since(start), encoding.now()
    with torch.inference_mode():
        loaded.model(**inputs)
    return tokenise, encoding.since(start)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """PyTorch computes with `number` threads inside, and with as many as before outside.

    OpenMP keeps this setting per calling thread, and a handler of the page may continue in another
    thread after every `yield`: so it is set around one pass, never across a `yield`.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
