"""The pocket pair as a whole: its size on disk, the time to load it, and the student's rate.

`load` is from file to a float32 model that is ready to answer, for both models one after the other,
with the files in the system's cache. `rate` is how many forward passes of the encoder with the
sentiment head the student makes for each one of the teacher's: one row, float32, laps in turns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import measure
import torch

from explain.encoding import Row, tensors
from explain.models import ASSETS, ROLES, Loaded, load
from explain.models import loading as models

GOAL_SECONDS, GOAL_RATE, GOAL_MEGABYTES = 2.0, 1.7, 100.0
LENGTHS = (32, 128)  # word pieces


def main() -> None:
    """Measure all three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=60, help="laps of the forward pass (60)")
    options = parser.parse_args()
    megabytes = sum(f.stat().st_size for f in ASSETS.rglob("*") if f.is_file()) / 1e6
    times = measure.laps({"both": load_both}, repeats=7, warm_up=1)["both"]
    loading = measure.spread([milliseconds / 1e3 for milliseconds in times])
    rates = {pieces: rate(pieces, options.repeats) for pieces in LENGTHS}
    measure.table(
        ("what", "found", "goal"),
        [
            ("assets/models", f"{megabytes:.1f} MB", f"{GOAL_MEGABYTES:.0f} MB"),
            ("load both", "{median:.2f} s ({p25:.2f} to {p75:.2f})".format(**loading), "2 s"),
            *(
                (f"rate at {pieces}", "{median:.2f} ({low:.2f} to {high:.2f})".format(**found), "")
                for pieces, found in rates.items()
            ),
        ],
    )
    met = loading["median"] <= GOAL_SECONDS and rates[32]["median"] >= GOAL_RATE
    measure.report(
        "pocket", megabytes=megabytes, load_seconds=loading, rate=rates, repeats=options.repeats,
        batch=1, precision="float32", threads=torch.get_num_threads(),
        goal={
            "load_seconds": GOAL_SECONDS, "rate_at_32": GOAL_RATE, "megabytes": GOAL_MEGABYTES,
            "met": met and megabytes <= GOAL_MEGABYTES,
        },
    )  # fmt: skip


def load_both() -> None:
    """Teacher and student from their files, as after a start of the app."""
    models._cache.clear()
    models._pockets.clear()
    for role in ROLES:
        load("sentiment", role)


def rate(pieces: int, repeats: int) -> measure.Figures:
    """The teacher's time over the student's, lap by lap."""
    runners = {role: passing(load("sentiment", role), pieces) for role in ROLES}
    times = measure.laps(runners, repeats, warm_up=5)
    return measure.ratio(times["teacher"], times["student"])


def passing(loaded: Loaded, pieces: int) -> Callable[[], None]:
    """One forward pass over a row of so many pieces."""
    draw = torch.Generator().manual_seed(0)
    ids = tuple(torch.randint(1000, 20_000, (pieces,), generator=draw).tolist())
    inputs = tensors(loaded, [Row(ids, pieces)])

    def run() -> None:
        with torch.inference_mode():
            loaded.model(**inputs)

    return run


if __name__ == "__main__":
    main()
