"""Attributions to HTML: one grid of words for both models, their completeness, their agreement.

Every word is a cell with three numbers: the teacher's score, the student's, and the difference.
Blue supports what is explained, orange opposes it; one scale holds for both models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explain.records import MODEL_NAMES
from explain.render.attribution_grid import by_piece, by_word, grid, reach
from explain.render.templates import draw

if TYPE_CHECKING:
    from explain.attribution.records import Attribution
    from explain.attribution.results import Agreement, Estimate, PairAttribution


def result(both: PairAttribution) -> str:
    """Everything that is known so far about the targets to be explained."""
    count = max(len(both.teacher), len(both.student))
    limit = reach([*both.teacher, *both.student])
    targets = []
    for i in range(count):
        pair = tuple(side[i] if i < len(side) else None for side in (both.teacher, both.student))
        same = both.agreement[i] if i < len(both.agreement) else None
        targets.append(_target(pair, same, limit, both.done))
    return draw("attribution.html", "result", targets, limit, both.left_out)


def _target(
    pair: Sequence[Attribution | None], same: Agreement | None, limit: float, done: bool
) -> dict[str, object]:
    """What the template needs to draw one target in both models."""
    known = [attribution for attribution in pair if attribution is not None]
    first = known[0]
    return {
        "explained": _explained(known),
        "method": f"{first.method_name}, words replaced by {first.baseline_name}",
        "unread": max(attribution.unread for attribution in known),
        "words": grid(pair, by_word, limit, same),
        "pieces": grid(pair, by_piece, limit),
        "agreement": same,
        "ledgers": [ledger(attribution, done) for attribution in known],
    }


def _explained(known: Sequence[Attribution]) -> str:
    """What is explained; for each model apart where each has its own answer."""
    if len({attribution.description for attribution in known}) == 1:
        return f"the {known[0].description}"
    return "; ".join(
        f"{MODEL_NAMES[attribution.role]}, the {attribution.description}" for attribution in known
    )


def ledger(attribution: Attribution, done: bool = True) -> str:
    """Do the scores of one model add up to what they explain?"""
    check = attribution.ledger
    passes = f"{check.forward_passes:,} forward, {check.backward_passes:,} backward passes"
    facts = [
        ("F of the text", f"{check.value:+.3f}"),
        (f"F with every word {attribution.baseline_name}", f"{check.baseline_value:+.3f}"),
        ("difference", f"{check.value - check.baseline_value:+.3f}"),
        ("sum of the scores", f"{check.total:+.3f}"),
        ("delta", f"{check.delta:+.4f} ({_share(check.relative_delta)} of the difference)"),
        ("steps", f"{check.steps:,}; {passes}"),
        ("time", f"{check.seconds:.2f} s, computed here"),
    ]
    good = check.converged and check.adds_up
    return draw("attribution.html", "ledger", attribution, proof(attribution, done), good, facts)


def proof(attribution: Attribution, done: bool = True) -> str:
    """Whether the method has the completeness that it promises."""
    check = attribution.ledger
    if not check.converged and not done:
        return "Still being refined."
    if check.error:  # the scores are sampled
        state = "Converged" if check.converged else "Not converged"
        return (
            f"{state}: the scores add up; the largest standard error of a score is "
            f"{check.error:.2f}."
        )
    if not check.adds_up:
        return "Complete. This method does not promise that its scores add up."
    if check.converged:
        return f"Converged: the scores add up to within {_share(check.relative_delta)}."
    return (
        f"Not converged: after {check.steps} steps the scores still miss "
        f"{_share(check.relative_delta)} of the difference. Read them as a rough picture."
    )


def _share(part: float) -> str:
    return "less than 0.01 %" if part < 1e-4 else f"{100 * part:.2f} %"


def estimate(estimates: Sequence[Estimate], targets: int = 1) -> str:
    """How long it will take, before it starts: from one pass of each model, timed just now."""
    least, most = (targets * sum(model.seconds[i] for model in estimates) for i in (0, 1))
    span = _seconds(most) if most < 1.2 * least else f"{_seconds(least)} to {_seconds(most)}"
    pieces = max(model.pieces for model in estimates)
    return f"{pieces:,} word pieces: about {span} for both models. Stop ends it at any time."


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def progress(both: PairAttribution) -> str:
    """How many steps each model has done."""
    steps = [
        f"{MODEL_NAMES[side[0].role]} {side[0].ledger.steps:,} steps"
        for side in (both.teacher, both.student)
        if side
    ]
    return f"Refining: {', '.join(steps)}."
