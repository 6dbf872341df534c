"""BERT-base against DistilBERT at full size: is it 40 % smaller and 60 % faster on this machine?

The architectures with configuration-initialised weights, timed as the race does, at 128 word
pieces, batch 1, on all cores. Parameters are those of the encoders, without a head.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

import measure

from explain.anatomy import parameters
from explain.environment import cores
from explain.race import export
from explain.race import verdict as words
from explain.race.records import Settings
from explain.race.run import follow

RATE, SAVED = 1.6, 39.4  # times as fast at least, % fewer parameters


def main() -> None:
    """One race, the count, and whether both goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--laps", type=int, default=40, help="of the race (40)")
    parser.add_argument("--length", type=int, default=128, help="word pieces (128)")
    parser.add_argument("--threads", type=int, default=cores(), help="(all cores)")
    asked = parser.parse_args()
    keys = ("full-teacher", "full-student")
    *_, last = follow(Settings(keys, "pocket", asked.length, 1, asked.threads, asked.laps))
    found = last.result
    assert found is not None
    (duel,) = found.duels
    teacher, student = (ledger.total() for ledger in parameters.architectures())
    saved = 100 * (1 - student / teacher)
    measure.table(
        ("model", "parameters", "p50 ms", "p90 ms", "p99 ms"),
        [
            (
                row.contestant,
                f"{count:,}",
                *(f"{time:.1f}" for time in asdict(row.forward).values()),
            )
            for row, count in zip(found.standings, (teacher, student), strict=True)
        ],
    )
    print("\n" + "; ".join(words.verdict(found)))
    met = round(saved, 1) == SAVED and duel.ratio.low >= RATE
    measure.report(
        "race_full_size", length=asked.length, batch=1, threads=asked.threads, laps=found.laps,
        ratio=export.to_plain(found)["duels"][0]["ratio"], verdict=duel.verdict,
        parameters=[teacher, student], saved_percent=saved,
        goal={"rate": RATE, "saved_percent": SAVED, "met": met},
    )  # fmt: skip


if __name__ == "__main__":
    main()
