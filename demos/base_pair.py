"""Which checkpoints of the base pair are on this machine, and what that means for a visitor."""

from __future__ import annotations

from explain.models.hub import base_pair, cached
from explain.render import notices


def is_here() -> bool:
    """Whether the base pair needs no network; asks nobody."""
    return all(map(cached, base_pair()))


def whereabouts(pair: str) -> str:
    """One line below the switch of the pairs, as HTML; nothing for the pocket pair."""
    if pair != "base":
        return ""
    checkpoints = base_pair()
    here = sum(cached(checkpoint) is not None for checkpoint in checkpoints)
    if here == len(checkpoints):
        return notices.status(f"All {here} checkpoints of the base pair are on this machine.")
    return notices.status(
        f"{here} of {len(checkpoints)} checkpoints of the base pair are on this machine; each of "
        "the others, about 350 MB, is fetched from the Hugging Face Hub when a task first needs it."
    )
