"""From the passes of a race to its result: complete laps, standings, duels."""

from __future__ import annotations

from collections.abc import Sequence

from explain.environment import circumstances
from explain.race.records import Duel, Pass, Result, Settings, Size, Standing
from explain.statistics import paired_ratio, quantiles, verdict


def result(
    settings: Settings,
    passes: Sequence[Pass],
    sizes: tuple[Size, ...] = (),
    ended: str = "finished",
) -> Result:
    """Standings and duels of the complete laps."""
    forward = times(passes, settings.contestants, "forward")
    tokenise = times(passes, settings.contestants, "tokenise")
    laps = len(forward[settings.contestants[0]])
    out_of_time = laps < settings.laps and ended == "finished"
    standings = tuple(
        Standing(key, 2 * laps, quantiles(_flat(forward[key])), quantiles(_flat(tokenise[key])))
        for key in settings.contestants
        if laps
    )
    return Result(
        settings, circumstances(), tuple(passes), laps, standings, duels(settings, forward),
        sizes, "out of time" if out_of_time else ended,
    )  # fmt: skip


def times(
    passes: Sequence[Pass], contestants: Sequence[str], field: str
) -> dict[str, list[tuple[float, float]]]:
    """Both times of each contestant in every complete lap, in ms; `field` is one of `Pass`."""
    laps: dict[int, dict[str, list[float]]] = {}
    for entry in passes:
        if entry.lap >= 0:
            lap = laps.setdefault(entry.lap, {})
            lap.setdefault(entry.contestant, []).append(getattr(entry, field))
    size = 2 * len(contestants)
    complete = [lap for lap in laps.values() if sum(map(len, lap.values())) == size]
    return {key: [(lap[key][0], lap[key][1]) for lap in complete] for key in contestants}


def duels(settings: Settings, times: dict[str, list[tuple[float, float]]]) -> tuple[Duel, ...]:
    """Each contestant against the first, the full-size student against the full-size teacher."""
    pairs = []
    for key in settings.contestants[1:]:
        full = key == "full-student" and "full-teacher" in settings.contestants
        rival = "full-teacher" if full else settings.contestants[0]
        first, second = ([sum(lap) for lap in times[name]] for name in (rival, key))
        if first:
            ratio = paired_ratio(first, second, seed=settings.seed)
            pairs.append(Duel(rival, key, ratio, verdict(ratio), len(first)))
    return tuple(pairs)


def headline(duels: Sequence[Duel]) -> Duel | None:
    """Teacher against student where they are among the duels, else the first duel."""
    students = [duel for duel in duels if duel.second in ("student", "full-student")]
    return next(iter([*students, *duels]), None)


def _flat(laps: Sequence[tuple[float, float]]) -> list[float]:
    return [time for lap in laps for time in lap]
