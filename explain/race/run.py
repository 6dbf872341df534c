"""A race from the settings to the last pass: check, wait for the course, make ready, run."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from explain.environment import cores
from explain.models import PAIRS
from explain.race import lock
from explain.race.contestants import fetch, ready
from explain.race.laps import laps
from explain.race.records import CONTESTANTS, Progress, Settings
from explain.race.sizes import size
from explain.records import InputError

LENGTHS = (8, 512)  # word pieces
BATCHES = (1, 32)  # texts
LAPS = (10, 500)
MOST_PIECES = 4096  # of one pass, so that a pass takes seconds at most and can be broken off
FETCHING = "Reading {}; the first time it is downloaded."
PATIENCE = 0.5  # seconds between two words to whoever waits


def settings_of(
    contestants: Sequence[str], length: Any, batch: Any, laps: Any, threads: Any, pair: str
) -> Settings:
    """What a page's fields ask for: sliders give whole numbers as floats.

    What is no whole number is kept, and refused by `checked`.
    """

    def whole(number: Any) -> Any:
        return int(number) if isinstance(number, float) and number.is_integer() else number

    return Settings(
        tuple(contestants), pair, whole(length), whole(batch), whole(threads), whole(laps)
    )


def checked(settings: Settings) -> Settings:
    """The same settings, contestants in the order of the start list; else `InputError`."""
    if settings.pair not in tuple(PAIRS):
        raise InputError(f"There is no pair named {str(settings.pair)[:40]!r}.")
    unknown = [key for key in settings.contestants if key not in tuple(CONTESTANTS)]
    if unknown:
        known = ", ".join(CONTESTANTS)
        raise InputError(f"There is no contestant named {str(unknown[0])[:40]!r}; choose {known}.")
    if not settings.contestants:
        raise InputError("Nobody races: tick at least one contestant.")
    _within(settings.length, *LENGTHS, "word pieces a text")
    _within(settings.batch, *BATCHES, "texts a batch")
    _within(settings.threads, 1, cores(), "threads")
    _within(settings.laps, *LAPS, "laps")
    pieces = settings.length * settings.batch
    if pieces > MOST_PIECES:
        raise InputError(
            f"{settings.batch} texts of {settings.length} word pieces are {pieces:,} a pass: keep "
            f"it to {MOST_PIECES:,}, with shorter texts or a smaller batch."
        )
    return replace(settings, contestants=tuple(k for k in CONTESTANTS if k in settings.contestants))


def _within(number: object, low: int, high: int, what: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise InputError(f"Choose {low} to {high} {what}, not {str(number)[:40]}.")


def run(
    settings: Settings, is_cancelled: Callable[[], bool] = lock.never
) -> Generator[Progress, None, None]:
    """The race, pass by pass; when it is closed early, the course is free at once.

    Whoever must wait is told for what every half second. `is_cancelled` is asked before every step.
    """
    with closing(_steps(checked(settings))) as steps:
        for step in steps:
            yield step
            if is_cancelled():
                break
        else:
            return
    yield Progress("Cancelled.", cancelled=True)


def _steps(settings: Settings) -> Generator[Progress, None, None]:
    for name in fetch(settings.contestants, settings.pair):
        yield Progress(FETCHING.format(name))
    while not lock.acquire(title(settings), PATIENCE):
        yield Progress(f"Waiting for its turn: {lock.current_job()}.")
    try:
        runners = {}
        for key in settings.contestants:
            name = CONTESTANTS[key].name
            yield Progress(f"Making {name} ready.")
            runners[key] = ready(key, settings.pair, settings.seed)
            yield Progress(f"{name} is ready.", size=size(key, runners[key]))
        for latest in laps(settings, runners):
            lap = f"Lap {latest.lap + 1} of {settings.laps}"
            yield Progress("Warming up." if latest.lap < 0 else lap, latest)
    finally:
        lock.release()


def title(settings: Settings) -> str:
    """The race in a few words: `BERT, DistilBERT; 60 laps of 1 x 64 word pieces`."""
    names = ", ".join(CONTESTANTS[key].name for key in settings.contestants)
    return f"{names}; {settings.laps} laps of {settings.batch} x {settings.length} word pieces"
