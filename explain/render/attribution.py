"""Attributions to escaped HTML: one grid of words for both models, their ledgers, their agreement.

Every word is a cell with three numbers: the teacher's score, the student's, and the difference.
Blue supports what is explained, orange opposes it; one scale holds for both models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explain.render.attribution_grid import by_piece, by_word, grid, key, reach
from explain.render.heads import FAMILY, escape, isolated

if TYPE_CHECKING:
    from explain.attribution.records import Attribution
    from explain.attribution.results import Agreement, Both, Estimate

METHOD_NAMES = {
    "integrated_gradients": "Integrated gradients",
    "gradient_x_input": "Gradient × input",
    "occlusion": "Occlusion",
    "shapley": "Shapley values",
}
BASELINE_NAMES = {"mask": "[MASK]", "pad": "[PAD]", "zero": "a zero vector"}


def result(both: Both) -> str:
    """Everything that is known so far about the questions that were asked."""
    count = max(len(both.teacher), len(both.student))
    limit = reach([*both.teacher, *both.student])
    sections = []
    for i in range(count):
        pair = tuple(side[i] if i < len(side) else None for side in (both.teacher, both.student))
        same = both.agreement[i] if i < len(both.agreement) else None
        sections.append(question(pair, same, limit, both.done, i, folded=count > 1))
    left = ""
    if both.left_out:
        text = f"{both.left_out} more names are not explained here: choose one of them above."
        left = f'<p class="dx-warning">{text}</p>'
    return f'<div class="wx-result">{key(limit)}{"".join(sections)}{left}</div>'


def question(
    pair: Sequence[Attribution | None],
    same: Agreement | None,
    limit: float,
    done: bool,
    number: int = 0,
    folded: bool = False,
) -> str:
    """One question in both models: grid, pieces on request, ledgers, agreement."""
    known = [one for one in pair if one is not None]
    pieces = (
        '<details class="dx-details"><summary>Piece by piece</summary>'
        f"{grid(pair, by_piece, limit)}"
        '<p class="dx-quiet">[CLS], [SEP] and the [MASK] to be filled are never replaced: they '
        "have no score.</p></details>"
    )
    ledgers = f'<div class="wx-two">{"".join(ledger(one, done) for one in known)}</div>'
    if folded:
        ledgers = (
            '<details class="dx-details"><summary>Do the scores add up?</summary>'
            f"{ledgers}</details>"
        )
    words = grid(pair, by_word, limit, same)
    agreed = agreement(same) if same else ""
    return (
        f'<section class="wx-question" data-question="{number}">'
        f"{_asked(known)}{words}{agreed}{pieces}{ledgers}</section>"
    )


def _asked(known: Sequence[Attribution]) -> str:
    """What is explained; in two sentences where each model has its own answer."""
    said = dict.fromkeys(one.description for one in known)
    if len(said) == 1:
        what = f"Explained: the {escape(known[0].description)}"
    else:
        what = "Explained: " + "; ".join(
            f"{FAMILY[one.role]}, the {escape(one.description)}" for one in known
        )
    how = f"{METHOD_NAMES[known[0].method]}, words replaced by {BASELINE_NAMES[known[0].baseline]}"
    unread = max(one.unread for one in known)
    warning = ""
    if unread:
        warning = (
            f'<p class="dx-warning">Not read: {unread:,} word pieces outside the window in which '
            "the answer stands.</p>"
        )
    return f'<p class="wx-asked">{what}. <small class="dx-quiet">{how}.</small></p>{warning}'


def ledger(one: Attribution, done: bool = True) -> str:
    """Do the scores of one model add up to what they explain?"""
    book = one.ledger
    passes = f"{book.forward_passes:,} forward, {book.backward_passes:,} backward passes"
    facts = [
        ("F of the text", f"{book.value:+.3f}"),
        (f"F with every word {BASELINE_NAMES[one.baseline]}", f"{book.baseline_value:+.3f}"),
        ("difference", f"{book.value - book.baseline_value:+.3f}"),
        ("sum of the scores", f"{book.total:+.3f}"),
        ("delta", f"{book.delta:+.4f} ({_share(book.relative_delta)} of the difference)"),
        ("steps", f"{book.steps:,}; {passes}"),
        ("time", f"{book.seconds:.2f} s, computed here"),
    ]
    badge = "wx-good" if book.converged and book.adds_up else "wx-open"
    return (
        f'<section class="dx-panel dx-{one.role} wx-ledger"><header><h4>{FAMILY[one.role]}</h4>'
        f'<span class="dx-name">{escape(one.model)}</span></header>'
        f'<p class="{badge}">{escape(proof(one, done))}</p>{facts_list(facts)}'
        "</section>"
    )


def proof(one: Attribution, done: bool = True) -> str:
    """Whether the method did what it promises, in plain words."""
    book = one.ledger
    if not book.converged and not done:
        return "Still being refined."
    if one.method == "shapley":
        state = "Converged" if book.converged else "Not converged"
        return f"{state}: they add up; the largest standard error of a score is {book.error:.2f}."
    if not book.adds_up:
        return "Complete. This method does not promise that its scores add up."
    if book.converged:
        return f"Converged: the scores add up to within {_share(book.relative_delta)}."
    return (
        f"Not converged: after {book.steps} steps the scores still miss "
        f"{_share(book.relative_delta)} of the difference. Read them as a rough picture."
    )


def _share(part: float) -> str:
    return "less than 0.01 %" if part < 1e-4 else f"{100 * part:.2f} %"


def agreement(same: Agreement) -> str:
    """How far both models rely on the same words, in words and numbers."""
    facts = [
        ("rank correlation (Spearman)", f"{same.spearman:+.2f}"),
        (f"of the {same.top} largest scores, shared", f"{same.top_shared}"),
        ("sign flips ⇄", f"{len(same.flips)}"),
    ]
    return f'<p class="wx-agree">{isolated(same.sentence)}</p>{facts_list(facts)}'


def facts_list(facts: Sequence[tuple[str, str]]) -> str:
    """Names and values."""
    rows = "".join(f"<div><dt>{escape(a)}</dt><dd>{escape(b)}</dd></div>" for a, b in facts)
    return f'<dl class="dx-facts">{rows}</dl>'


def estimate(found: Sequence[Estimate], questions: int = 1) -> str:
    """How long it will take, before it starts: from one pass of each model, timed just now."""
    least, most = (questions * sum(one.seconds[i] for one in found) for i in (0, 1))
    span = _seconds(most) if most < 1.2 * least else f"{_seconds(least)} to {_seconds(most)}"
    pieces = max(one.pieces for one in found)
    return f"{pieces:,} word pieces: about {span} for both models. Stop ends it at any time."


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def progress(both: Both) -> str:
    """Which model has come how far."""
    said = [
        f"{FAMILY[side[0].role]} {side[0].ledger.steps:,} steps"
        for side in (both.teacher, both.student)
        if side
    ]
    return f"Refining: {', '.join(said)}."


def status(text: str) -> str:
    """What is being done, for eyes and screen readers."""
    return f'<p class="dx-quiet wx-status" role="status">{escape(text)}</p>' if text else ""
