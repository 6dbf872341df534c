"""Can the race be believed? Races whose end is known, judged by the race's own rule.

A model against itself (A/A) must come out inconclusive. Against a copy that is slowed down by a
known share (it waits, busily, for that share of its own time), the interval must cover the truth
and the slower one must be found. Each race is the page's: warm-up, ABBA laps, bootstrap of the
paired ratio. Pocket student, short texts, one thread, so that hundreds of races take minutes.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import Any

import measure
from torch import nn

from explain.models import Loaded, load
from explain.race.laps import laps
from explain.race.records import Settings
from explain.race.results import times
from explain.statistics import Interval, paired_ratio, verdict

SLOWER = (5, 10, 20)  # percent
GOAL = {"inconclusive": 95, "covered": 90, "verdict": 90}  # of 100
RACERS = ("plain", "slowed")


class Slowed(nn.Module):
    """A model that takes `share` longer: after each pass it keeps the processor busy."""

    def __init__(self, model: nn.Module, share: float) -> None:
        super().__init__()
        self.model, self.share = model, share

    def forward(self, **inputs: Any) -> Any:
        began = time.perf_counter()
        answer = self.model(**inputs)
        until = time.perf_counter() + self.share * (time.perf_counter() - began)
        while time.perf_counter() < until:
            pass
        return answer


def slowed(loaded: Loaded, percent: int) -> Loaded:
    """The same model, slower by a known share; at 0 % the very same."""
    if not percent:
        return loaded
    twin = Slowed(loaded.model, percent / 100)
    twin.config = loaded.model.config  # type: ignore[assignment]
    return replace(loaded, model=twin)  # type: ignore[arg-type]


def race(loaded: Loaded, percent: int, settings: Settings) -> Interval:
    """How many times as fast the plain model is as its slowed copy, by one race."""
    runners = {"slowed": slowed(loaded, percent), "plain": loaded}
    done = times(list(laps(settings, runners)), settings.contestants, "forward")
    first, second = ([sum(lap) for lap in done[name]] for name in settings.contestants)
    return paired_ratio(first, second, seed=settings.seed)


def main() -> None:
    """All races of every kind; how often interval and verdict were right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--races", type=int, default=100, help="of each kind (100)")
    parser.add_argument("--laps", type=int, default=60, help="of each race (60)")
    parser.add_argument("--length", type=int, default=16, help="word pieces of a text (16)")
    options = parser.parse_args()
    loaded = load("sentiment", "student")
    settings = Settings(("slowed", "plain"), "pocket", options.length, 1, 1, options.laps)
    began = time.perf_counter()
    results = [kind(loaded, percent, settings, options.races) for percent in (0, *SLOWER)]
    titles = ("slowed by", "races", "covers the truth", "verdict right", "median ratio", "width")
    measure.table(titles, [line(result) for result in results])
    seconds = time.perf_counter() - began
    print(f"\n{seconds:.0f} s; goals of 100 races: {GOAL}")
    measure.report(
        "race_validity", pair="pocket", model=loaded.name, length=options.length, batch=1,
        threads=1, laps=options.laps, races=options.races, seconds=round(seconds),
        results=results, goal={**GOAL, "met": all(result["met"] for result in results)},
    )  # fmt: skip


def kind(loaded: Loaded, percent: int, settings: Settings, races: int) -> dict[str, Any]:
    """Many races against a copy slowed by `percent`."""
    truth, wanted = 1 + percent / 100, "faster" if percent else "inconclusive"
    found = [race(loaded, percent, replace(settings, seed=seed)) for seed in range(races)]
    covered = sum(one.low <= truth <= one.high for one in found)
    right = sum(verdict(one) == wanted for one in found)
    needed = GOAL["verdict"] if percent else GOAL["inconclusive"]
    met = 100 * right >= needed * races and 100 * covered >= GOAL["covered"] * races
    middle = measure.spread([one.estimate for one in found])["median"] if races > 1 else None
    width = sum(one.high - one.low for one in found) / races
    return {
        "percent": percent, "races": races, "covered": covered, "right": right, "met": met,
        "median_ratio": middle, "mean_width": width,
        "intervals": [[round(one.low, 4), round(one.high, 4)] for one in found],
    }  # fmt: skip


def line(result: dict[str, Any]) -> list[str]:
    """One row of the table."""
    middle = result["median_ratio"]
    return [
        f"{result['percent']} %", str(result["races"]), str(result["covered"]),
        str(result["right"]), "–" if middle is None else f"{middle:.4f}",
        f"{result['mean_width']:.4f}",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
