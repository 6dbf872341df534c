"""A result in words: one headline, and one sentence with the evidence for it."""

from __future__ import annotations

import math

from explain.race.records import CONTESTANTS, Duel, Result, Settings
from explain.race.results import headline
from explain.statistics import FEWEST_LAPS, MARGIN


def verdict(result: Result) -> tuple[str, str]:
    """The headline, and its interval, laps and circumstances."""
    if result.ended == "cancelled":
        return "Cancelled", f"No verdict: {result.laps} of {result.settings.laps} laps were run."
    if not result.laps:
        return "No verdict", "The race ended before its first lap was complete."
    duel = headline(result.duels)
    end = f"{laps(result)}, computed now on this machine"
    if duel is None:
        (standing,) = result.standings
        name, median = CONTESTANTS[standing.contestant].name, standing.forward.p50
        basis = f"the median of {standing.passes} passes, {end}"
        return f"{name} takes {median:.1f} ms per pass", basis
    return comparison(duel), f"{interval(duel)}, {end}"


def comparison(duel: Duel) -> str:
    """How many times as fast the second is, or that the laps cannot tell."""
    first, second = CONTESTANTS[duel.first].name, CONTESTANTS[duel.second].name
    if duel.verdict == "faster":
        return f"{second} is {duel.ratio.estimate:.2f} times as fast as {first}"
    if not math.isfinite(duel.ratio.high):
        return f"Too few laps to tell {first} and {second} apart"
    if duel.verdict == "slower":
        return f"{second} takes {1 / duel.ratio.estimate:.2f} times as long as {first}"
    return f"Inconclusive: {first} and {second} are too close to call"


def interval(duel: Duel) -> str:
    """The interval of the figure that `comparison` names."""
    ratio = duel.ratio
    if not math.isfinite(ratio.high):
        return f"An interval needs {FEWEST_LAPS} laps"
    share = f"{100 * ratio.confidence:.0f} % interval"
    if duel.verdict == "slower":
        return f"{share} {1 / ratio.high:.2f} to {1 / ratio.low:.2f}"
    if duel.verdict == "faster":
        return f"{share} {ratio.low:.2f} to {ratio.high:.2f}"
    return (
        f"{share} of the ratio {ratio.low:.3f} to {ratio.high:.3f}, which does not clear 1 by "
        f"{100 * MARGIN:.0f} %"
    )


def laps(result: Result) -> str:
    """`60 laps`, and why they are fewer than requested."""
    requested = result.settings.laps
    if result.laps == requested:
        return f"{requested} laps"
    return f"{result.laps} of {requested} laps, then {result.ended}"


def so_far(duel: Duel | None) -> str:
    """The running ratio."""
    if duel is None:
        return ""
    first, second = CONTESTANTS[duel.first].name, CONTESTANTS[duel.second].name
    return f"{second} {duel.ratio.estimate:.2f} times as fast as {first} so far"


def conditions(settings: Settings) -> str:
    """What every pass is, for the note below the table."""
    texts = "1 text" if settings.batch == 1 else f"{settings.batch} texts"
    threads = "1 thread" if settings.threads == 1 else f"{settings.threads} threads"
    return f"{texts} of {settings.length} word pieces per pass, {threads}"
