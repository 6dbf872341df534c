"""Latency against sentence length and batch size, and where inside the model the time goes.

A sweep is a row of short races, with the same interleaved laps; each gives a median and quartiles,
no verdict. The parts are timed by hooks around embeddings and layers, in passes of their own, so
that no other figure pays for them.
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
from explain.race.contestants import fetch, ready
from explain.race.laps import laps, texts, threads, timed
from explain.race.records import Pass, Point, Settings, Shares, Survey
from explain.race.results import times
from explain.race.run import FETCHING, MOST_PIECES, PATIENCE, checked

LENGTHS = (8, 16, 32, 64, 128, 256, 512)
BATCHES = (1, 2, 4, 8, 16, 32)
LAPS = 8  # a point
SECONDS = 6.0  # a point takes no longer, but one lap
PASSES = 10  # timed by part


def survey(
    settings: Settings, is_cancelled: Callable[[], bool] = lock.never
) -> Generator[Survey, None, None]:
    """Lengths at the settings' batch, the parts, then batches at its length, as they come.

    A setting with more than `MOST_PIECES` a pass is left out. Raises `InputError` as a race does;
    `is_cancelled` is asked before every pass, and nothing comes after.
    """
    with closing(_steps(replace(checked(settings), laps=LAPS), is_cancelled)) as shots:
        for shot in shots:
            yield shot
            if is_cancelled():
                return


def _steps(settings: Settings, is_cancelled: Callable[[], bool]) -> Generator[Survey, None, None]:
    points: list[Point] = []
    for name in fetch(settings.contestants, settings.pair):
        yield Survey(FETCHING.format(name), settings, (), (), False)
    while not lock.acquire("a sweep of lengths and batches", PATIENCE):
        yield Survey(f"Waiting for its turn: {lock.current_job()}.", settings, (), (), False)
    try:
        yield Survey("Making the contestants ready.", settings, (), (), False)
        runners = {key: ready(key, settings.pair, settings.seed) for key in settings.contestants}
        shares: tuple[Shares, ...] = ()
        for what, value in stops(settings):
            if what == "batch" and not shares:
                yield Survey("Timing the parts.", settings, tuple(points), (), False)
                shares = tuple(parted(key, runners[key], settings) for key in runners)
            said = f"Timing {value} {'word pieces a text' if what == 'length' else 'texts a pass'}."
            yield Survey(said, settings, tuple(points), shares, False)
            one = at(settings, what, value)
            passes = []
            with closing(laps(one, runners, SECONDS)) as going:
                for latest in going:
                    passes.append(latest)
                    if is_cancelled():
                        return
                    if latest.forward > 1e3 * PATIENCE:  # so that it can be broken off
                        yield Survey(said, settings, tuple(points), shares, False)
            points += found(what, value, one, passes)
        yield Survey("Finished.", settings, tuple(points), shares, True)
    finally:
        lock.release()


def stops(settings: Settings) -> list[tuple[str, int]]:
    """What is set, one after the other."""
    lengths = [("length", n) for n in LENGTHS if n * settings.batch <= MOST_PIECES]
    return lengths + [("batch", n) for n in BATCHES if n * settings.length <= MOST_PIECES]


def at(settings: Settings, what: str, value: int) -> Settings:
    """The same settings with another length or batch."""
    changed = {"length": settings.length, "batch": settings.batch, what: value}
    return replace(settings, length=changed["length"], batch=changed["batch"])


def found(what: str, value: int, settings: Settings, passes: Sequence[Pass]) -> list[Point]:
    """The points of one stop."""
    points = []
    for key, both in times(passes, settings.contestants, "forward").items():
        flat = [time for lap in both for time in lap]
        if flat:
            low, middle, high = np.quantile(flat, (0.25, 0.5, 0.75)).tolist()
            rate = 1e3 * settings.batch / middle
            points.append(Point(what, value, key, low, middle, high, rate, len(flat)))
    return points


def parted(key: str, loaded: Loaded, settings: Settings) -> Shares:
    """Medians of `PASSES` passes, part by part, after one for nothing."""
    read = texts(settings.length, settings.batch)
    rows: list[tuple[float, float, float]] = []
    with threads(settings.threads), clocks(loaded) as spent:
        for number in range(PASSES + 1):
            spent.update(embeddings=0.0, layers=0.0)
            _, whole = timed(loaded, read)
            if number:
                inside = spent["embeddings"] + spent["layers"]
                rows.append((spent["embeddings"], spent["layers"], whole - inside))
    return Shares(key, *(median(column) for column in zip(*rows, strict=True)))


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
    began: dict[str, float] = {}
    handles = []
    for name, module in parts.items():

        def start(*_: object, name: str = name) -> None:
            began[name] = encoding.now()

        def stop(*_: object, name: str = name) -> None:
            spent[name] += encoding.since(began[name])

        handles += [module.register_forward_pre_hook(start), module.register_forward_hook(stop)]
    try:
        yield spent
    finally:
        for handle in handles:
            handle.remove()
