"""Attributions to HTML: the text of each model in running lines, their completeness and agreement.

Below the text, one press away: every word as a tile with three numbers (the teacher's score, the
student's, and the difference), and the word pieces. Signs have two colours of their own, and an
underline each; one scale holds for both models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from explain.records import MODEL_NAMES
from explain.render.attribution_grid import by_piece, by_word, grid, reach
from explain.render.attribution_text import Place, highest, passages, places, unknown_signs
from explain.render.formats import signed
from explain.render.templates import draw

if TYPE_CHECKING:
    from explain.attribution.records import Attribution
    from explain.attribution.results import Agreement, Estimate, PairAttribution


def intro(sentence: str) -> str:
    """What the panel is for."""
    return draw("attribution.html", "intro", sentence)


def methods(summaries: Sequence[tuple[str, str]], limits: str) -> str:
    """What each method computes, on demand, and how much of a long text is explained."""
    return draw("attribution.html", "methods", summaries, limits)


def result(both: PairAttribution, number: int | None = None, alone: bool = False) -> str:
    """Everything that is known so far about one of the targets, or about all of them.

    `alone` is for a page without script, where words cannot be pressed.
    """
    count = max(len(both.teacher), len(both.student))
    limit = reach([*both.teacher, *both.student])
    targets = []
    for i in range(count) if number is None else [min(number, count - 1)] if count else []:
        pair = tuple(side[i] if i < len(side) else None for side in (both.teacher, both.student))
        same = both.agreement[i] if i < len(both.agreement) else None
        targets.append({"number": i, **_target(pair, same, limit, both.done)})
    return draw("attribution.html", "result", targets, limit, both.left_out, alone)


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
        "unknown": unknown_signs(known),
        "texts": texts(known, limit, places(first), done),
        "awaited": [r for r, side in zip(MODEL_NAMES, pair, strict=True) if not (side or done)],
        "words": grid(pair, by_word, limit, same),
        "pieces": grid(pair, by_piece, limit),
        "agreement": same,
    }


def texts(
    known: Sequence[Attribution], limit: float, numbers: Mapping[Place, int], done: bool = True
) -> list[dict[str, object]]:
    """What the template needs to draw the text of each model, one above the other.

    `numbers` are those of the words that can be pressed.
    """
    return [
        {
            "role": attribution.role,
            "name": attribution.model,
            "passages": passages(attribution, limit, numbers),
            "highest": highest(attribution),
            "ledger": ledger(attribution, done),
        }
        for attribution in known
    ]


def _explained(known: Sequence[Attribution]) -> str:
    """What is explained; for each model apart where each has its own answer."""
    if len({attribution.description for attribution in known}) == 1:
        return f"the {known[0].description}"
    return "; ".join(
        f"{MODEL_NAMES[attribution.role]}, the {attribution.description}" for attribution in known
    )


def ledger(attribution: Attribution, done: bool = True) -> str:
    """Do the scores of one model add up to what they explain? One sentence, the rest on demand."""
    check = attribution.ledger
    passes = f"{check.forward_passes:,} forward, {check.backward_passes:,} backward passes"
    facts = [
        ("explained number, for the text", signed(check.value, 3)),
        (
            f"the same with every word replaced by {attribution.baseline_name}",
            signed(check.baseline_value, 3),
        ),
        ("difference, to be explained", signed(check.value - check.baseline_value, 3)),
        ("sum of all scores", signed(check.total, 3)),
        (
            "sum less difference (delta)",
            f"{signed(check.delta, 4)} ({_share(check.relative_delta)} of the difference)",
        ),
        ("steps", f"{check.steps:,}; {passes}"),
        ("time", f"{check.seconds:.2f} s, computed here"),
    ]
    good = check.converged and check.adds_up
    return draw("attribution.html", "ledger", proof(attribution, done), good, facts)


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
        within = ceil(1000 * check.relative_delta) / 10
        return f"Converged: the scores add up to within {within:.1f} %."
    return (
        f"Not converged: after {check.steps} steps the scores still miss "
        f"{_share(check.relative_delta)} of the difference. Read them as a rough picture."
    )


def _share(part: float) -> str:
    return "less than 0.1 %" if part < 0.0005 else f"{100 * part:.1f} %"


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
