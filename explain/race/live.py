"""A race as it is watched: a picture of it every so often, and the result at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing

from explain.race import lock
from explain.race.records import Pass, Settings, Size, Snapshot
from explain.race.results import duels, headline, result, times
from explain.race.run import checked, run
from explain.statistics import Interval

OFTEN = 0.5  # seconds between two pictures, at the end of a lap; with many marks longer
MARKS = 2_000  # that take a browser a second more
SELDOM = 0.5  # seconds later, after any pass


def follow(
    settings: Settings, is_cancelled: Callable[[], bool] = lock.never
) -> Generator[Snapshot, None, None]:
    """Snapshots of a race that this iterator runs; closing it ends the race.

    Drawing takes time that the laps must not share: they wait until the next snapshot is asked
    for. Raises `InputError` for settings that cannot be raced.
    """
    settings = checked(settings)
    passes: list[Pass] = []
    trail: list[tuple[int, Interval]] = []
    sizes: list[Size] = []
    shown, whole, stopped = 0.0, 2 * len(settings.contestants), False
    with closing(run(settings, is_cancelled)) as steps:
        for step in steps:
            sizes += [step.size] if step.size else []
            passes += [step.latest] if step.latest else []
            waited = time.monotonic() - shown
            ended = len(passes) % whole == 0
            often = OFTEN + len(passes) / MARKS
            if step.latest is None or (waited > often and ended) or waited > often + SELDOM:
                yield _snapshot(step.status, settings, passes, trail, sizes)
                shown = time.monotonic()
            stopped = step.cancelled
    found = result(settings, passes, tuple(sizes), "cancelled" if stopped else "finished")
    last = _snapshot("Finished.", settings, passes, trail, sizes)
    yield Snapshot(
        last.status, settings, last.passes, last.laps, headline(found.duels), last.trail,
        last.sizes, found,
    )  # fmt: skip


def _snapshot(
    said: str,
    settings: Settings,
    passes: list[Pass],
    trail: list[tuple[int, Interval]],
    sizes: list[Size],
) -> Snapshot:
    """The state now; `trail` grows when there are new laps."""
    done = times(passes, settings.contestants, "forward")
    laps = len(done[settings.contestants[0]])
    duel = headline(duels(settings, done)) if laps else None
    if duel and (not trail or trail[-1][0] < laps):
        trail.append((laps, duel.ratio))
    return Snapshot(said, settings, tuple(passes), laps, duel, tuple(trail), tuple(sizes), None)
