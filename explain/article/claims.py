"""The article's three claims: what is quoted for them, what was found here, and whether it holds.

Nothing is measured in this module: it compares a race, the stored scores of the pocket pair and
counted parameters with the promise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from explain.article import evidence, facts
from explain.race.records import CONTESTANTS, Duel, Evidence, Mark, Result
from explain.statistics import Interval, wilson

DEVELOPMENT = 872  # sentences of SST-2's development set, behind the quoted scores
KEPT, SAVED = facts.value("claim_quality"), facts.value("claim_size")
RATE = 1 + facts.value("claim_speed") / 100


def claims(pair: str, sizes: tuple[int, int], result: Result | None) -> tuple[Evidence, ...]:
    """97 %, 40 %, 60 %; `sizes` are the pair's counted encoders, teacher first."""
    return quality(pair), size(pair, sizes), speed(pair, result)


def quality(pair: str) -> Evidence:
    """The share of the teacher's scores that the student keeps."""
    scores = evidence.measured() if pair == "pocket" else None
    measured, said = "", "Not measured for this pair: run the accuracy part."
    if scores:
        measured = f"{scores.kept:.1f} % kept by the pocket pair, {scores.examples:,} held-out rows"
        shares = [100 * row.student / row.teacher for row in scores.rows]
        mean = "Holds here as a mean" if scores.kept >= KEPT else "Not reached by this small pair"
        said = f"{mean}; by task {min(shares):.1f} to {max(shares):.1f} %."
    return Evidence(
        facts.say("{claim_quality} %"),
        "of BERT’s language understanding",
        facts.say("GLUE {glue_macro_teacher} → {glue_macro_student}, {kept:.1f} %"),
        facts.TABLE_1.name,
        facts.say("a mean of nine tasks: {kept_least:.0f} % on RTE, {kept_most:.0f} % at best"),
        measured,
        f"measured {scores.circumstances}" if scores else "",
        said,
    )


def size(pair: str, sizes: tuple[int, int]) -> Evidence:
    """The share of the parameters that the student does without."""
    teacher, student = sizes
    saved = 100 * (1 - student / teacher)
    full = facts.DERIVED["saved"]
    if pair == "pocket":
        said = f"Holds at full size, {full:.1f} %; a narrow model is mostly embeddings."
    else:
        said = "Holds." if round(saved) >= SAVED - 1 else "Does not hold."
    return Evidence(
        facts.say("{claim_size} %"),
        "fewer parameters",
        facts.say("{millions_teacher} M → {millions_student} M"),
        facts.TABLE_3.name,
        "half the layers, but all of the embeddings",
        f"{teacher:,} → {student:,}, {saved:.1f} % fewer",
        f"counted in the {'loaded models' if pair == 'pocket' else 'architectures'}, without heads",
        said,
    )


def speed(pair: str, result: Result | None) -> Evidence:
    """How much faster the student is, as a rate; the full-size models are of no pair."""
    kin = [one for one in result.duels if _of_kin(one)] if result else []
    if result and result.settings.pair != pair:
        kin = [one for one in kin if CONTESTANTS[one.first].full]
    duel = kin[-1] if kin else None  # full size, where it raced: that is what the claim is about
    measured, kind, said = "", "", "Start a race to find out."
    if duel and result:
        low, high = duel.ratio.low, duel.ratio.high
        measured = (
            f"{CONTESTANTS[duel.second].name}: {duel.ratio.estimate:.2f} × the rate, "
            f"{low:.2f} to {high:.2f}"
        )
        kind = f"computed now, {duel.laps} laps"
        said = "Inconclusive: the interval covers 1.6."
        if low >= RATE:
            said = "Holds here: the whole interval is above 1.6."
        elif high < RATE:
            said = "Not reached here: the whole interval is below 1.6."
    return Evidence(
        facts.say("{claim_speed} %"),
        "faster",
        facts.say("{seconds_teacher} s → {seconds_student} s on a CPU, {rate:.2f} × the rate"),
        facts.TABLE_3.name,
        facts.say("the rate, not the time: that falls by {time_saved:.1f} %"),
        measured,
        kind,
        said,
    )


def _of_kin(duel: Duel) -> bool:
    return (duel.first, duel.second) in (("teacher", "student"), ("full-teacher", "full-student"))


def marks(
    pair: str, result: Result | None, now: Mapping[str, Interval] | None = None
) -> tuple[Mark, ...]:
    """Accuracy against latency: quoted teacher and student, and whoever raced and has a score.

    `now` are scores just computed, by contestant; without them those stored with the pocket pair
    count, for a race of the same pair. Contestants that did not race against the pair's teacher
    have no place in it.
    """
    one = Interval(1.0, 1.0, 1.0)
    quoted = [
        Mark(f"{name}, quoted", role, "quoted", time, _quoted_score(role), _QUOTED)
        for role, name, time in (
            ("teacher", "BERT-base", one),
            ("student", "DistilBERT", Interval(*[facts.kept("seconds") / 100] * 3)),
        )
    ]
    scores = now or (stored_scores() if pair == "pocket" else {})
    origin = _NOW if now else _STORED
    if result is None or "teacher" not in result.settings.contestants:
        return tuple(quoted)
    if now is None and result.settings.pair != pair:
        return tuple(quoted)
    shares = {"teacher": one} | {
        duel.second: Interval(1 / duel.ratio.estimate, 1 / duel.ratio.high, _inverse(duel))
        for duel in result.duels
        if duel.first == "teacher"
    }
    own = [
        Mark(CONTESTANTS[key].name, key, "measured", share, scores[key], origin)
        for key, share in shares.items()
        if key in scores
    ]
    return (*quoted, *own)


_QUOTED = "SST-2 development set and STS-B pass on a CPU, DistilBERT paper"
_STORED = "test sets of the pocket pair; latency of this race"
_NOW = "our own labelled sentences, computed now; latency of this race"


def _inverse(duel: Duel) -> float:
    return 1 / duel.ratio.low if duel.ratio.low else 2 / duel.ratio.estimate


def _quoted_score(role: str) -> Interval:
    percent = facts.value(f"glue_sst2_{role}")
    low, high = wilson(round(percent / 100 * DEVELOPMENT), DEVELOPMENT)
    return Interval(percent, 100 * low, 100 * high)


def stored_scores() -> dict[str, Interval]:
    """Sentiment accuracy of the pocket pair over all its test sentences, in percent."""
    if not evidence.SCORES.exists():
        return {}
    sets = json.loads(evidence.SCORES.read_text(encoding="utf-8"))["heads"]["sentiment"]["sets"]
    found = {}
    for role in ("teacher", "student"):
        n = sum(one["n"] for one in sets.values())
        right = sum(round(one[role]["accuracy"]["value"] * one["n"]) for one in sets.values())
        low, high = wilson(right, n)
        found[role] = Interval(100 * right / n, 100 * low, 100 * high)
    return found
