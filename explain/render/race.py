"""Records of a race to escaped HTML: verdict, table, sizes, claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explain.race import verdict as words
from explain.race.records import (
    CONTESTANTS,
    Duel,
    Evidence,
    Result,
    Size,
    Snapshot,
    Standing,
    Survey,
)
from explain.render.heads import escape
from explain.statistics import Interval


def announcement(big: str, small: str = "", share: float = 0.0, style: str = "") -> str:
    """The big line and the small one; `share` is how much of the race is run, 0..1."""
    bar = f'<i style="width:{100 * share:.0f}%"></i>' if share else ""
    return (
        f'<section class="rx-verdict {style}" aria-live="polite"><h2>{escape(big)}</h2>'
        f"<p>{escape(small)}</p>{bar}</section>"
    )


def starting(ahead: str, small: str) -> str:
    """Said at once after Start: what is being made ready, or what has to end before."""
    big = "Waiting for its turn …" if ahead else "Getting ready …"
    return announcement(big, f"Running now: {ahead}." if ahead else small, 0.0, "rx-running")


def verdict(shot: Snapshot) -> str:
    """How the race stands, or how it ended."""
    if shot.result is None:
        share = shot.laps / shot.settings.laps
        return announcement(shot.said, words.so_far(shot.duel), share, "rx-running")
    big, small = words.verdict(shot.result)
    style = f"rx-{shot.duel.verdict}" if shot.duel else ""
    return announcement(big, small, 0.0, f"rx-done {style}")


def table(result: Result) -> str:
    """Times of every contestant, tokenisation apart, and each duel."""
    duels = {duel.second: duel for duel in result.duels}
    body = "".join(_standing(one, duels, result) for one in result.standings)
    head = (
        "<tr><th>contestant</th><th>times as fast</th><th>p50, ms</th><th>p90, ms</th>"
        "<th>p99, ms</th><th>texts a second</th><th>tokenisation, ms</th></tr>"
    )
    return (
        f'<div class="sx-wide rx-wide"><table class="dx-table sx-numbers"><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>"
        f'<p class="dx-quiet">{escape(small_print(result))}</p>'
    )


def small_print(result: Result) -> str:
    """What a time is, and where and with what it was taken."""
    here = result.circumstances
    versions = ", ".join(f"{name} {number}" for name, number in here.versions)
    counted = f"{here.cores} core{'s' * (here.cores > 1)}"
    return (
        f"Computed now: ms of the forward pass, {words.conditions(result.settings)}, "
        f"{here.attention} attention; tokenisation is timed apart and not in them. Both passes of "
        f"a lap count as one pair; intervals are bootstrapped over blocks of laps. "
        f"{here.processor}, {counted}, load {here.load}; {versions}; {here.date}. The whole "
        f"process, its models and this page included, holds {here.memory / 1e6:,.0f} MB of memory."
    )


def sizes(rows: tuple[Size, ...]) -> str:
    """Parameters by part, memory and file of the contestants that raced."""
    body = "".join(_size(row) for row in rows)
    head = (
        "<tr><th>contestant</th><th>embeddings</th><th>layers</th><th>head</th>"
        "<th>parameters</th><th>in memory</th><th>file</th></tr>"
    )
    return (
        f'<div class="sx-wide rx-wide"><table class="dx-table sx-numbers"><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>"
        '<p class="dx-quiet">Counted in the models that raced, with their one head. Memory is that '
        "of the weights. The pocket pair’s files hold float16 and five heads; models without "
        "a file are made from another, or untrained.</p>"
    )


def claims(rows: Sequence[Evidence]) -> str:
    """Three cards: the promise, what is quoted for it, what was found here, the verdict."""
    return f'<div class="sx-claims">{"".join(map(_claim, rows))}</div>'


def why(teacher: Sequence[int], student: Sequence[int]) -> str:
    """Half the layers, 40 % fewer parameters: why? By embeddings, layers, pooler."""
    whole, rest = sum(teacher), sum(student)
    return (
        f'<p class="dx-verdict"><b>Half the layers, {100 * (1 - rest / whole):.1f} % fewer '
        f"parameters: why?</b> The layers fall from {teacher[1] / 1e6:.1f} to "
        f"{student[1] / 1e6:.1f} million, but the {student[0] / 1e6:.1f} million of the embeddings "
        f"stay, so {rest / 1e6:.1f} of {whole / 1e6:.1f} million are left. Embeddings are looked "
        "up, not multiplied: they cost memory and hardly any time. Time goes with the layers: with "
        "half of them a model is at most twice as fast.</p>"
    )


def survey(shot: Survey) -> str:
    """What a sweep is doing, or what it has done."""
    if not shot.done:
        return status(shot.said)
    length, batch = shot.settings.length, shot.settings.batch
    return status(
        f"Computed now: medians of interleaved laps, whiskers from first to third quartile. "
        f"Lengths in batches of {batch}, batches of {length} word pieces, parts at {batch} x "
        f"{length}; threads: {shot.settings.threads}."
    )


def scored(scores: Mapping[str, Interval]) -> str:
    """The scores of the contestants in words."""
    said = "; ".join(
        f"{CONTESTANTS[key].name} {one.estimate:.1f} % ({one.low:.1f} to {one.high:.1f})"
        for key, one in scores.items()
    )
    if not said:
        return status("Untrained models have no accuracy: race a trained one.")
    return status(f"Right on our own labelled sentences, computed now: {said}.")


def status(said: str) -> str:
    """One quiet line about what is being done."""
    return f'<p class="dx-quiet" role="status">{escape(said)}</p>'


def _claim(row: Evidence) -> str:
    found = escape(row.measured) or "nothing yet"
    kind = f" <small>{escape(row.kind)}</small>" if row.kind else ""
    return (
        f'<section class="sx-claim"><h3><b>{escape(row.number)}</b> {escape(row.promise)}</h3>'
        f'<p><span class="sx-kind">quoted</span> {escape(row.quoted)}, {escape(row.source)}</p>'
        f'<p class="sx-quiet">{escape(row.correction)}</p>'
        f'<p class="rx-found"><span class="sx-kind sx-here">here</span> {found}{kind}</p>'
        f'<p class="rx-said">{escape(row.verdict)}</p></section>'
    )


def _standing(one: Standing, duels: dict[str, Duel], result: Result) -> str:
    times = "".join(
        f"<td>{_ms(time)}</td>" for time in (one.forward.p50, one.forward.p90, one.forward.p99)
    )
    rate = 1e3 * result.settings.batch / one.forward.p50
    return (
        f"<tr><td>{_name(one.contestant)}</td><td>{_duel(duels.get(one.contestant))}</td>{times}"
        f"<td>{rate:,.0f}</td><td>{_ms(one.tokenise.p50)}</td></tr>"
    )


def _duel(duel: Duel | None) -> str:
    if duel is None:
        return "1"
    ratio, rival = duel.ratio, CONTESTANTS[duel.first].name
    called = "" if duel.verdict != "inconclusive" else ", inconclusive"
    return (
        f"<b>{ratio.estimate:.2f}</b> <small>({ratio.low:.2f} to {ratio.high:.2f}) "
        f"as {escape(rival)}{called}</small>"
    )


def _size(row: Size) -> str:
    counts = "".join(
        f"<td>{count:,}</td>" for count in (row.embeddings, row.layers, row.head, row.parameters)
    )
    file = f"{row.file / 1e6:.1f} MB" if row.file else "–"
    return (
        f"<tr><td>{_name(row.contestant)}</td>{counts}"
        f"<td>{row.memory / 1e6:.1f} MB</td><td>{file}</td></tr>"
    )


def _name(key: str) -> str:
    entry = CONTESTANTS[key]
    return f'<span class="rx-name rx-{entry.role} rx-{key}">{escape(entry.name)}</span>'


def _ms(time: float) -> str:
    return f"{time:.2f}" if time < 10 else f"{time:,.1f}" if time < 100 else f"{time:,.0f}"
