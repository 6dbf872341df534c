"""The article's three claims: what is quoted for each, what was found here, and whether it holds.

Nothing is measured in this module: it compares a race, the stored scores of the pocket pair and
counted parameters with the claims.
"""

from __future__ import annotations

from dataclasses import dataclass

from explain.article import facts, stored
from explain.article.facts import Source
from explain.race.records import CONTESTANTS, Duel, Result

QUALITY, SIZE = facts.value("claim_quality"), facts.value("claim_size")  # percent
RATE = 1 + facts.value("claim_speed") / 100
PAIRS_OF_A_SIZE = (("teacher", "student"), ("full-teacher", "full-student"))


@dataclass(frozen=True, slots=True)
class Claim:
    """One of the three claims against what was found."""

    number: str
    promise: str
    quoted: str  # the figures behind it
    source: Source
    caution: str  # what the number does not say
    measured: str  # found here; "" while there is nothing yet
    basis: str  # computed now, counted or measured, with circumstances; "" for nothing measured
    verdict: str


def claims(
    pair: str, sizes: tuple[int, int] | None = None, result: Result | None = None
) -> tuple[Claim, ...]:
    """97 %, 40 %, 60 % for one pair.

    `sizes` are the parameters of its encoders, teacher first, None before they are counted;
    `result` is the visitor's last race.
    """
    return quality(pair), size(pair, sizes), speed(pair, result)


def quality(pair: str) -> Claim:
    """The share of the teacher's scores that the student keeps."""
    scores = stored.scores() if pair == "pocket" else None
    measured = basis = ""
    verdict = "Not measured for this pair: compare both models on labelled items, in the Race tab."
    if scores:
        measured = (
            f"{scores.kept:.1f}\N{NO-BREAK SPACE}% kept by the pocket pair, "
            f"{len(scores.rows)} tasks, {scores.examples:,} held-out rows"
        )
        basis = f"measured {scores.circumstances}"
        shares = [100 * row.student / row.teacher for row in scores.rows]
        holds = "Holds here as a mean" if scores.kept >= QUALITY else "Not reached by this pair"
        verdict = f"{holds}; by task {min(shares):.1f} to {max(shares):.1f} %."
    return Claim(
        facts.say("{claim_quality} %"),
        "of BERT’s language understanding",
        facts.say("GLUE {glue_macro_teacher} → {glue_macro_student}, {kept:.1f} %"),
        facts.TABLE_1,
        facts.say("a mean of nine tasks: {kept_least:.0f} % on RTE, {kept_most:.0f} % at best"),
        measured,
        basis,
        verdict,
    )


def size(pair: str, sizes: tuple[int, int] | None) -> Claim:
    """The share of the parameters that the student does without."""
    measured = basis = ""
    verdict = "Counting this pair’s parameters …"
    if sizes:
        teacher, student = sizes
        saved = 100 * (1 - student / teacher)
        measured = f"{teacher:,} → {student:,}, {saved:.1f}\N{NO-BREAK SPACE}% fewer"
        counted_in = "loaded models" if pair == "pocket" else "architectures"
        basis = f"counted in the {counted_in}, without heads"
        verdict = "Holds." if round(saved) >= SIZE - 1 else "Does not hold."
        if pair == "pocket":
            full = facts.DERIVED["saved"]
            verdict = f"Holds at full size, {full:.1f} %; a narrow model is mostly embeddings."
    return Claim(
        facts.say("{claim_size} %"),
        "fewer parameters",
        facts.say("{millions_teacher} M → {millions_student} M"),
        facts.TABLE_3,
        "half the layers, but all of the embeddings",
        measured,
        basis,
        verdict,
    )


def speed(pair: str, result: Result | None) -> Claim:
    """How much faster the student is, as a rate; the full-size models belong to no pair."""
    measured = basis = ""
    verdict = "Start a race to find out; each task tab times one run."
    duel = _duel_for(pair, result)
    if duel:
        low, high = duel.ratio.low, duel.ratio.high
        measured = (
            f"{CONTESTANTS[duel.second].name}: {duel.ratio.estimate:.2f} × the rate, "
            f"{low:.2f} to {high:.2f}"
        )
        basis = f"computed now, {duel.laps} laps"
        verdict = "Inconclusive: the interval covers 1.6."
        if low >= RATE:
            verdict = "Holds here: the whole interval is above 1.6."
        elif high < RATE:
            verdict = "Not reached here: the whole interval is below 1.6."
    return Claim(
        facts.say("{claim_speed} %"),
        "faster",
        facts.say("{seconds_teacher} s → {seconds_student} s on a CPU, {rate:.2f} × the rate"),
        facts.TABLE_3,
        facts.say("the rate, not the time: that falls by {time_saved:.1f} %"),
        measured,
        basis,
        verdict,
    )


def _duel_for(pair: str, result: Result | None) -> Duel | None:
    """Teacher against student, at full size where that was raced: the claim is about it."""
    if result is None:
        return None
    duels = [duel for duel in result.duels if (duel.first, duel.second) in PAIRS_OF_A_SIZE]
    if result.settings.pair != pair:
        duels = [duel for duel in duels if CONTESTANTS[duel.first].full]
    return duels[-1] if duels else None
