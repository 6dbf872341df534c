"""Latency against sentence length and batch size, and where inside the model the time goes.

A sweep is a series of short races with the same counterbalanced laps; each gives a median and
quartiles, no verdict. The parts are timed by hooks around embeddings and layers, in passes of their
own, so that the hooks slow no other figure.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np

from explain import encoding
from explain.models import Loaded
from explain.race import lock
from explain.race.contestants import fetch, prepare
from explain.race.laps import laps, texts, threads, timed
from explain.race.records import PartTimes, Pass, Point, Settings, SweepState
from explain.race.results import times
from explain.race.run import FETCHING, MOST_PIECES, PATIENCE, checked

LENGTHS = (8, 16, 32, 64, 128, 256, 512)
BATCHES = (1, 2, 4, 8, 16, 32)
LAPS = 8  # per point
SECONDS = 6.0  # per point at most, but at least one lap
PASSES = 10  # timed by part
PASS_OVERHEAD = 64  # word pieces that would take as long as what any pass takes


def sweep(
    settings: Settings, is_cancelled: Callable[[], bool] = lock.never, own: Loaded | None = None
) -> Generator[SweepState, None, None]:
    """Lengths at the settings' batch, the parts, then batches at its length, as they are timed.

    A point with more than `MOST_PIECES` per pass is left out. Raises `InputError` as a race does;
    `is_cancelled` is called after every pass, and ends the sweep.
    """
    with closing(_states(replace(checked(settings), laps=LAPS), is_cancelled, own)) as states:
        for state in states:
            yield state
            if is_cancelled():
                return


def _states(
    settings: Settings, is_cancelled: Callable[[], bool], own: Loaded | None
) -> Generator[SweepState, None, None]:
    state = SweepState("Getting the contestants ready.", settings, (), (), False)
    for name in fetch(settings.contestants, settings.pair):
        yield replace(state, status=FETCHING.format(name))
    while not lock.acquire("a sweep of lengths and batches", PATIENCE):
        yield replace(state, status=f"Waiting for its turn: {lock.current_job()}.")
    try:
        yield state
        pair, seed = settings.pair, settings.seed
        models = {key: prepare(key, pair, seed, own) for key in settings.contestants}
        for number, (what, value) in enumerate(stops(settings)):
            lock.note_progress(share_done(settings, number))
            if what == "batch" and not state.shares:
                yield replace(state, status="Timing the parts.")
                shares = tuple(part_times(key, models[key], settings) for key in models)
                state = replace(state, shares=shares)
            unit = "word pieces per text" if what == "length" else "texts per pass"
            state = replace(state, status=f"Timing {value} {unit}.")
            yield state
            passes = []
            stop = at(settings, what, value)
            with closing(laps(stop, models, SECONDS)) as timed_passes:
                for latest in timed_passes:
                    passes.append(latest)
                    if is_cancelled():
                        return
                    if latest.forward > 1e3 * PATIENCE:  # lets the page end a slow sweep
                        yield state
            points = points_of(what, value, stop, passes)
            state = replace(state, points=(*state.points, *points))
        yield replace(state, status="Finished.", done=True)
    finally:
        lock.release()


def stops(settings: Settings) -> list[tuple[str, int]]:
    """What is varied, and its value, in order."""
    lengths = [("length", n) for n in LENGTHS if n * settings.batch <= MOST_PIECES]
    return lengths + [("batch", n) for n in BATCHES if n * settings.length <= MOST_PIECES]


def share_done(settings: Settings, number: int) -> float:
    """The share of a sweep's time before its stop `number`, if time is in proportion to pieces."""
    passes = [at(settings, *stop) for stop in stops(settings)]
    pieces = [PASS_OVERHEAD + each.length * each.batch for each in passes]
    return sum(pieces[:number]) / sum(pieces)


def at(settings: Settings, what: str, value: int) -> Settings:
    """The same settings with another length or batch."""
    changed = {"length": settings.length, "batch": settings.batch, what: value}
    return replace(settings, length=changed["length"], batch=changed["batch"])


def points_of(what: str, value: int, settings: Settings, passes: Sequence[Pass]) -> list[Point]:
    """One point per contestant from the passes of one stop."""
    points = []
    for key, timed_laps in times(passes, settings.contestants, "forward").items():
        forward = [time for lap in timed_laps for time in lap]
        if forward:
            low, middle, high = np.quantile(forward, (0.25, 0.5, 0.75)).tolist()
            rate = 1e3 * settings.batch / middle
            points.append(Point(what, value, key, low, middle, high, rate, len(forward)))
    return points


def part_times(key: str, loaded: Loaded, settings: Settings) -> PartTimes:
    """Medians of `PASSES` passes, part by part, after one warm-up pass."""
    batch = texts(settings.length, settings.batch)
    rows: list[tuple[float, float, float]] = []
    with threads(settings.threads), clocks(loaded) as spent:
        for number in range(PASSES + 1):
            spent.update(embeddings=0.0, layers=0.0)
            _, total = timed(loaded, batch)
            if number:
                inside = spent["embeddings"] + spent["layers"]
                rows.append((spent["embeddings"], spent["layers"], total - inside))
    return PartTimes(key, *(median(column) for column in zip(*rows, strict=True)))


@contextmanager
def clocks(loaded: Loaded) -> Generator[dict[str, float], None, None]:
    """Milliseconds spent in embeddings and layers since the values were last set to 0."""
    from explain.models.layers import trunk

    base: Any = trunk(loaded.model)
    parts: Mapping[str, Any] = {
        "embeddings": base.embeddings,
        "layers": base.encoder if hasattr(base, "encoder") else base.transformer,
    }
    spent = dict.fromkeys(parts, 0.0)
    started: dict[str, float] = {}
    handles = []
    for name, module in parts.items():

        def start(*_: object, name: str = name) -> None:
            started[name] = encoding.now()

        def stop(*_: object, name: str = name) -> None:
            spent[name] += encoding.since(started[name])

        handles += [module.register_forward_pre_hook(start), module.register_forward_hook(stop)]
    try:
        yield spent
    finally:
        for handle in handles:
            handle.remove()
