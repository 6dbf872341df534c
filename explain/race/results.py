"""From the passes of a race to its figures: complete laps, standings, duels."""

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
    done = times(passes, settings.contestants, "forward")
    tokenise = times(passes, settings.contestants, "tokenise")
    count = len(done[settings.contestants[0]])
    short = count < settings.laps and ended == "finished"
    flat = {key: [time for lap in both for time in lap] for key, both in done.items()}
    standings = tuple(
        Standing(
            key, len(flat[key]), quantiles(flat[key]),
            quantiles([time for lap in tokenise[key] for time in lap]),
        )
        for key in settings.contestants
        if flat[key]
    )  # fmt: skip
    return Result(
        settings, circumstances(), tuple(passes), count, standings, duels(settings, done),
        sizes, "out of time" if short else ended,
    )  # fmt: skip


def times(
    passes: Sequence[Pass], contestants: Sequence[str], what: str
) -> dict[str, list[tuple[float, float]]]:
    """Out and back of every complete lap, in ms, the laps in order; `what` is a field of `Pass`."""
    laps: dict[int, dict[str, list[float]]] = {}
    for one in passes:
        if one.lap >= 0:
            laps.setdefault(one.lap, {}).setdefault(one.contestant, []).append(getattr(one, what))
    full = [lap for lap in laps.values() if sum(map(len, lap.values())) == 2 * len(contestants)]
    return {key: [(lap[key][0], lap[key][1]) for lap in full] for key in contestants}


def duels(settings: Settings, done: dict[str, list[tuple[float, float]]]) -> tuple[Duel, ...]:
    """Each contestant against the first, the full-size student against the full-size teacher."""
    found = []
    for key in settings.contestants[1:]:
        own = key == "full-student" and "full-teacher" in settings.contestants
        rival = "full-teacher" if own else settings.contestants[0]
        first, second = ([sum(lap) for lap in done[name]] for name in (rival, key))
        if first:
            ratio = paired_ratio(first, second, seed=settings.seed)
            found.append(Duel(rival, key, ratio, verdict(ratio), len(first)))
    return tuple(found)


def headline(found: Sequence[Duel]) -> Duel | None:
    """Teacher against student where they are among the duels, else the first duel."""
    own = [one for one in found if one.second in ("student", "full-student")]
    return next(iter([*own, *found]), None)
