"""Fetch the ten checkpoints of the base pair beforehand, for a lecture without a network.

    python -m deploy.base

What is in the Hub client's cache already is not fetched again; the client draws its own bars.
"""

from __future__ import annotations

import sys

from explain.models.hub import base_pair, cached, fetch
from explain.records import InputError


def main() -> None:
    """Fetch what is missing; the exit status is 1 if something still is."""
    wanted, missing = base_pair(), 0
    for number, checkpoint in enumerate(wanted, 1):
        here = cached(checkpoint)
        print(f"{number} of {len(wanted)}: {checkpoint.source}", "is there" if here else "...")
        if here:
            continue
        try:
            fetch(checkpoint)
        except InputError as error:
            missing += 1
            print(f"  {error}")
    if missing:
        sys.exit(f"{missing} of {len(wanted)} checkpoints are missing; run this again to go on.")
    print("All of the base pair is there. HF_HUB_OFFLINE=1 make run PAIR=base needs no network.")


if __name__ == "__main__":
    main()
