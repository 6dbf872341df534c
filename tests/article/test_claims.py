"""Claims and trade-off: what is stated follows from the race, the stored scores, the counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demos.race import claims as race_claims
from explain.anatomy import parameters
from explain.article import claims, facts, stored, trade_off
from explain.figures import race as figures
from explain.race.records import Duel, Pass, Result, Settings
from explain.race.results import result
from explain.statistics import Interval, verdict

BOTH = ("teacher", "student")
SETTINGS = Settings(BOTH, "pocket", length=16, batch=2, threads=1, laps=10)


def test_why_half_the_layers_is_forty_percent() -> None:
    said, figure = race_claims.sizes()
    assert "39.4 % fewer" in said and "85.1 to 42.5 million" in said and "23.8 million" in said
    assert sum(trace.x[0] for trace in figure.data) == pytest.approx(109.48224)


def finished(ratio: Interval, keys: tuple[str, ...] = BOTH) -> Result:
    """A race whose only duel has this ratio."""
    settings = replace(SETTINGS, contestants=keys)
    passes = [Pass(0, direction, key, 0.1, 1.0) for direction in (0, 1) for key in keys]
    duel = Duel(keys[0], keys[1], ratio, verdict(ratio), 60)
    return replace(result(settings, passes), duels=(duel,))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(1.66, 1.74, "Holds here"), (1.3, 1.5, "Not reached"), (1.5, 1.7, "Inconclusive")],
)
def test_sixty_percent_faster_is_judged_by_the_whole_interval(
    low: float, high: float, said: str
) -> None:
    row = claims.speed("pocket", finished(Interval((low + high) / 2, low, high)))
    assert row.verdict.startswith(said) and f"{low:.2f} to {high:.2f}" in row.measured
    assert "Table 3" in row.source.name and "38.6 %" in row.caution.replace("\xa0", " ")


def test_a_claim_without_a_measurement_says_so() -> None:
    assert claims.speed("pocket", None).measured == ""
    assert "Start a race" in claims.speed("pocket", None).verdict
    assert claims.quality("base").measured == ""
    full = finished(Interval(2.0, 1.9, 2.1), ("full-teacher", "full-student"))
    assert "DistilBERT-base size" in claims.speed("pocket", full).measured
    both = replace(full, duels=(*finished(Interval(1.2, 1.1, 1.3)).duels, *full.duels))
    assert claims.speed("pocket", both) == claims.speed("pocket", full)


def test_a_race_of_one_pair_is_not_shown_for_the_other() -> None:
    found = finished(Interval(2.0, 1.6, 2.5))
    assert claims.speed("base", found) == claims.speed("base", None)
    assert trade_off.points("base", found) == trade_off.points("base", None)
    other = replace(found, settings=replace(SETTINGS, pair="base"))
    assert trade_off.points("pocket", other) == trade_off.points("pocket", None)
    full = finished(Interval(2.0, 1.9, 2.1), ("full-teacher", "full-student"))
    assert claims.speed("base", full) == claims.speed("pocket", full)  # of no pair


def test_the_claims_quote_the_tables_and_count_this_pair() -> None:
    shown, _ = race_claims.checked_claims("pocket", None)
    teacher, student = parameters.sizes("pocket")
    scores = stored.scores()
    assert scores is not None
    for text in ("97", "40", "60", f"{teacher:,} → {student:,}", f"{scores.kept:.1f} % kept",
                 "Table 1", "Table 3"):  # fmt: skip
        assert text in shown.replace("\xa0", " ")


def test_the_picture_has_the_published_pair_and_the_contestants() -> None:
    assert [point.kind for point in trade_off.points("pocket", None)] == ["quoted"] * 2
    quoted = trade_off.points("pocket", None)[1]
    assert quoted.time.estimate == pytest.approx(410 / 668)
    assert quoted.score.estimate == facts.value("glue_sst2_student")
    rows = trade_off.points("pocket", finished(Interval(2.0, 1.6, 2.5)))
    student = rows[-1]
    assert (student.time.low, student.time.estimate, student.time.high) == (0.4, 0.5, 0.625)
    assert student.score.low < student.score.estimate < student.score.high
    drawn = figures.trade_off(rows)
    assert [trace.name for trace in drawn.data] == [point.name for point in rows]
    assert drawn.data[-1].error_x.array[0] == pytest.approx(0.125)
    places = {trace.name: trace.textposition for trace in drawn.data}  # apart on a narrow page
    assert places["BERT-base, quoted"] == "top left"
    assert places["DistilBERT, quoted"] == "bottom left"  # off the teacher’s whiskers


def test_scores_computed_now_replace_the_stored_ones() -> None:
    found = finished(Interval(2.0, 1.6, 2.5))
    rows = trade_off.points("pocket", found, {"student": Interval(50.0, 40.0, 60.0)})
    assert [point.key for point in rows if point.kind == "measured"] == ["student"]
