"""Records of a race to HTML: verdict, tables, the article's claims, sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explain.environment import Circumstances
from explain.race import verdict as words
from explain.race.records import CONTESTANTS, Result, Size, Snapshot, SweepState
from explain.render.formats import milliseconds, plural, thousands
from explain.render.notices import announcement, status
from explain.render.templates import draw
from explain.statistics import Interval


def verdict(shot: Snapshot) -> str:
    """How the race stands, or how it ended."""
    if shot.result is None:
        share = shot.laps / shot.settings.laps
        return announcement(shot.status, words.so_far(shot.duel), share, "rx-running")
    title, text = words.verdict(shot.result)
    style = f"rx-{shot.duel.verdict}" if shot.duel else ""
    return announcement(title, text, 0.0, f"rx-done {style}")


def table(result: Result) -> str:
    """Times of every contestant, tokenisation apart, and each duel."""
    duels = {duel.second: duel for duel in result.duels}
    rows = []
    for standing in result.standings:
        forward = standing.forward
        times = [forward.p50, forward.p90, forward.p99]
        rate = 1e3 * result.settings.batch / forward.p50
        rows.append(
            (
                standing.contestant, duels.get(standing.contestant),
                [*map(milliseconds, times), thousands(rate), milliseconds(standing.tokenise.p50)],
            )
        )  # fmt: skip
    return draw("race.html", "table", rows, CONTESTANTS, small_print(result))


def small_print(result: Result) -> str:
    """What a time is, and where and with what it was taken."""
    here = result.circumstances
    versions = ", ".join(f"{name} {number}" for name, number in here.versions)
    return (
        f"Computed now: ms per forward pass, {words.conditions(result.settings)}, "
        f"{here.attention} attention; tokenisation is timed apart and not included. Both passes of "
        f"a lap count as one pair; intervals are bootstrapped over blocks of laps. "
        f"{here.processor}, {plural(here.cores, 'core')}, load {here.load}; {versions}; "
        f"{here.date}. The whole process, its models and this page included, holds "
        f"{here.memory / 1e6:,.0f} MB of memory."
    )


def sizes(rows: tuple[Size, ...]) -> str:
    """Parameters by part, memory and file of the contestants that raced."""
    return draw("race.html", "sizes", rows, CONTESTANTS)


def sizes_explained(teacher: Sequence[int], student: Sequence[int]) -> str:
    """Half the layers, 40 % fewer parameters: why? By embeddings, layers, pooler."""
    return draw("race.html", "sizes_explained", teacher, student)


def sweep(shot: SweepState, here: Circumstances) -> str:
    """What a sweep is doing, or what it has done; that times are disturbed comes first."""
    warnings = [words.disturbance(here), words.inversion(shot.points)]
    warning = "".join(f"{sentence} " for sentence in warnings if sentence)
    if not shot.done:
        return status(f"{warning}{shot.status}")
    length, batch = shot.settings.length, shot.settings.batch
    return status(
        f"{warning}"
        f"Computed now: medians of interleaved laps, whiskers from first to third quartile. "
        f"Lengths in batches of {batch}, batches of {length} word pieces, parts at {batch} x "
        f"{length}; threads: {shot.settings.threads}."
    )


def scored(scores: Mapping[str, Interval]) -> str:
    """The scores of the contestants in words."""
    listed = "; ".join(
        f"{CONTESTANTS[key].name} {score.estimate:.1f} % ({score.low:.1f} to {score.high:.1f})"
        for key, score in scores.items()
    )
    if not listed:
        return status("Untrained models have no accuracy: race a trained one.")
    return status(f"Accuracy on our own labelled sentences, computed now: {listed}.")
