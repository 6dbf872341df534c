"""A race from its settings to its result: check, acquire the benchmark lock, prepare, run laps."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from explain.environment import cores
from explain.models import PAIRS, Loaded
from explain.race import lock
from explain.race.contestants import fetch, prepare, size
from explain.race.laps import laps
from explain.race.records import CONTESTANTS, Pass, RaceStep, Settings, Size, Snapshot
from explain.race.results import duels, headline, result, times
from explain.records import InputError
from explain.statistics import Interval

LENGTHS = (8, 512)  # word pieces
BATCHES = (1, 32)  # texts
LAPS = (10, 500)
MOST_PIECES = 4096  # per pass, so that a pass takes seconds at most and can be cancelled
FETCHING = "Reading {}; the first time it is downloaded."
PATIENCE = 0.5  # seconds between two messages while another job holds the lock
REDRAW = 0.5  # seconds between two snapshots at the ends of laps; longer with many marks
MARKS_PER_SECOND = 2_000  # so many marks take a browser one second more to draw
MID_LAP = 0.5  # seconds after which a snapshot no longer waits for the end of a lap


def settings_of(
    contestants: Sequence[str], length: Any, batch: Any, laps: Any, threads: Any, pair: str
) -> Settings:
    """The settings of a page's fields: sliders give whole numbers as floats.

    Anything but a whole number is kept, and refused by `checked`.
    """

    def whole(number: Any) -> Any:
        return int(number) if isinstance(number, float) and number.is_integer() else number

    return Settings(
        tuple(contestants), pair, whole(length), whole(batch), whole(threads), whole(laps)
    )


def checked(settings: Settings) -> Settings:
    """The same settings, contestants in the order of `CONTESTANTS`; else `InputError`."""
    if settings.pair not in tuple(PAIRS):
        raise InputError(f"There is no pair named {str(settings.pair)[:40]!r}.")
    unknown = [key for key in settings.contestants if key not in tuple(CONTESTANTS)]
    if unknown:
        known = ", ".join(CONTESTANTS)
        raise InputError(f"There is no contestant named {str(unknown[0])[:40]!r}; choose {known}.")
    if not settings.contestants:
        raise InputError("Nobody races: tick at least one contestant.")
    _require_within(settings.length, *LENGTHS, "word pieces per text")
    _require_within(settings.batch, *BATCHES, "texts per batch")
    _require_within(settings.threads, 1, cores(), "threads")
    _require_within(settings.laps, *LAPS, "laps")
    pieces = settings.length * settings.batch
    if pieces > MOST_PIECES:
        raise InputError(
            f"{settings.batch} texts of {settings.length} word pieces are {pieces:,} per pass: "
            f"keep it to {MOST_PIECES:,}, with shorter texts or a smaller batch."
        )
    return replace(settings, contestants=tuple(k for k in CONTESTANTS if k in settings.contestants))


def _require_within(number: object, low: int, high: int, what: str) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
        raise InputError(f"Choose {low} to {high} {what}, not {str(number)[:40]}.")


def run(
    settings: Settings, is_cancelled: Callable[[], bool] = lock.never, own: Loaded | None = None
) -> Generator[RaceStep, None, None]:
    """The race, pass by pass; closing it releases the lock at once.

    While another job holds the lock, a step every half second names it. `is_cancelled` is called
    after every step.
    """
    with closing(_steps(checked(settings), own)) as steps:
        for step in steps:
            yield step
            if is_cancelled():
                break
        else:
            return
    yield RaceStep("Cancelled.", cancelled=True)


def _steps(settings: Settings, own: Loaded | None) -> Generator[RaceStep, None, None]:
    for name in fetch(settings.contestants, settings.pair):
        yield RaceStep(FETCHING.format(name))
    while not lock.acquire(title(settings), PATIENCE):
        yield RaceStep(f"Waiting for its turn: {lock.current_job()}.")
    try:
        models = {}
        for key in settings.contestants:
            name = CONTESTANTS[key].name
            yield RaceStep(f"Getting {name} ready.")
            models[key] = prepare(key, settings.pair, settings.seed, own)
            yield RaceStep(f"{name} is ready.", size=size(key, models[key]))
        for latest in laps(settings, models):
            lock.note_progress(max(0, latest.lap) / settings.laps)
            lap = f"Lap {latest.lap + 1} of {settings.laps}"
            yield RaceStep("Warming up." if latest.lap < 0 else lap, latest)
    finally:
        lock.release()


def title(settings: Settings) -> str:
    """The race in a few words: `BERT, DistilBERT; 60 laps of 1 x 64 word pieces`."""
    names = ", ".join(CONTESTANTS[key].name for key in settings.contestants)
    return f"{names}; {settings.laps} laps of {settings.batch} x {settings.length} word pieces"


def follow(
    settings: Settings, is_cancelled: Callable[[], bool] = lock.never, own: Loaded | None = None
) -> Generator[Snapshot, None, None]:
    """Snapshots of a race that this generator runs, the last with its result; closing ends it.

    `own` races as "own-student". The laps pause until the next snapshot is requested, so that
    drawing does not slow them. Raises `InputError` for settings that cannot be raced.
    """
    settings = checked(settings)
    passes: list[Pass] = []
    trail: list[tuple[int, Interval]] = []
    sizes: list[Size] = []
    drawn, passes_per_lap, cancelled = 0.0, 2 * len(settings.contestants), False
    with closing(run(settings, is_cancelled, own)) as steps:
        for step in steps:
            sizes += [step.size] if step.size else []
            passes += [step.latest] if step.latest else []
            waited = time.monotonic() - drawn
            due = REDRAW + len(passes) / MARKS_PER_SECOND
            lap_ended = len(passes) % passes_per_lap == 0
            if step.latest is None or waited > (due if lap_ended else due + MID_LAP):
                yield _snapshot(step.status, settings, passes, trail, sizes)
                drawn = time.monotonic()
            cancelled = step.cancelled
    end = result(settings, passes, tuple(sizes), "cancelled" if cancelled else "finished")
    last = _snapshot("Finished.", settings, passes, trail, sizes)
    yield replace(last, duel=headline(end.duels), result=end)


def _snapshot(
    status: str,
    settings: Settings,
    passes: list[Pass],
    trail: list[tuple[int, Interval]],
    sizes: list[Size],
) -> Snapshot:
    """The state now; `trail` grows when there are new laps."""
    forward = times(passes, settings.contestants, "forward")
    laps = len(forward[settings.contestants[0]])
    duel = headline(duels(settings, forward)) if laps else None
    if duel and (not trail or trail[-1][0] < laps):
        trail.append((laps, duel.ratio))
    return Snapshot(status, settings, tuple(passes), laps, duel, tuple(trail), tuple(sizes), None)
