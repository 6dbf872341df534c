"""A result in words: one headline, and one sentence with the evidence for it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from explain.environment import Circumstances
from explain.race.records import CONTESTANTS, Duel, Point, Result, Settings, Standing
from explain.race.results import headline
from explain.statistics import FEWEST_LAPS, MARGIN

UNEVEN = 1.5  # slowest tenth over median: above it, something else took the processor at times
WIDE = 1.1  # ends of an interval of the ratio: farther apart, it says little
FASTER = 0.9  # a longer text timed below this share of a shorter one's time was disturbed


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
        headline_text = f"{name} takes {median:.1f} ms per pass"
    else:
        headline_text, basis = comparison(duel), f"{interval(duel)}, {end}"
    warning = disturbance(result.circumstances, result.standings)
    if warning:
        return f"On a busy machine: {headline_text}", f"{warning} {basis}"
    return headline_text, basis


def disturbance(here: Circumstances, standings: Sequence[Standing] = ()) -> str:
    """Why times taken here and now say little; "" on a quiet machine."""
    reasons = []
    if here.is_busy:
        reasons.append(
            f"load {here.load:.1f} on {here.cores} {'core' if here.cores == 1 else 'cores'}"
        )
    spread = max((each.forward.p90 / each.forward.p50 for each in standings), default=1.0)
    if spread > UNEVEN:
        reasons.append(f"the slowest tenth of passes took {spread:.1f} times the median or more")
    if not reasons:
        return ""
    return f"Other programs were running ({', and '.join(reasons)}): repeat this when they are not."


def inversion(points: Sequence[Point]) -> str:
    """A sweep in which more work was timed as clearly faster; "" if there is none."""
    for kind, unit in (("length", "word pieces per text"), ("batch", "texts per pass")):
        for key in dict.fromkeys(point.contestant for point in points):
            row = [point for point in points if (point.what, point.contestant) == (kind, key)]
            for shorter, longer in itertools.pairwise(sorted(row, key=lambda each: each.value)):
                if longer.middle < FASTER * shorter.middle:
                    name = CONTESTANTS[key].name
                    return (
                        f"{name} was timed as faster with {longer.value} {unit} than with "
                        f"{shorter.value}, which cannot be: something disturbed this sweep."
                    )
    return ""


def comparison(duel: Duel) -> str:
    """How many times as fast the second is, or that the laps cannot tell."""
    first, second = CONTESTANTS[duel.first].name, CONTESTANTS[duel.second].name
    if duel.verdict == "faster":
        return f"{second} is {duel.ratio.estimate:.2f} times as fast as {first}"
    if not math.isfinite(duel.ratio.high):
        return f"Too few laps to tell {first} and {second} apart"
    if duel.verdict == "slower":
        return f"{second} takes {1 / duel.ratio.estimate:.2f} times as long as {first}"
    if duel.ratio.high > WIDE * duel.ratio.low:
        return f"Inconclusive: the laps vary too much to tell {first} and {second} apart"
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
