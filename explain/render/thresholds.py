"""Thresholds of sureness in words: how often an input below one has an answer after all."""

from __future__ import annotations

from explain.article.stored import ShareBelow, Threshold


def below(threshold: Threshold) -> str:
    """The measured shares of rows below the threshold, for its explanation."""
    first, *others = map(_share, threshold.below)
    rest = f"; and {' and '.join(others)}" if others else ""
    return f"Below it are {first}{rest}. Measured on {threshold.circumstances}."


def _share(part: ShareBelow) -> str:
    share = part.share
    return f"{share.estimate:.1f} % ({share.low:.1f} to {share.high:.1f}) of {part.n:,} {part.rows}"
