"""How far answers and their reasons agree over a set, as escaped HTML."""

from __future__ import annotations

from explain.evaluation.items import EvaluationSet
from explain.evaluation.reasons import ExplainedItem, ExplanationSummary
from explain.evaluation.tables import Share
from explain.render import accuracy_words as words
from explain.render.comparison import percent
from explain.render.heads import FAMILY, escape
from explain.render.items import left_out
from explain.render.links import opener
from explain.render.race import announcement

SHOWN = 25  # items of the list
LONGEST = 240  # characters of an item
FEW = 5  # items of a group below which nothing is said of it


def headline(found: ExplanationSummary, data: EvaluationSet) -> str:
    """Both shares in one sentence, or how far it has come."""
    noun = words.NOUNS[data.head]
    if found.done < found.total:
        said = f"{found.done} of {found.total} {noun} of {data.name}"
        return announcement("Explaining …", said, found.done / found.total, "rx-running")
    if not found.total:
        return announcement("Nothing to explain", "No item has a name in it.", 0.0, "rx-done")
    reasons, same = found.everything, found.same_answer
    return announcement(
        f"Same answer {percent(same.value)}, same main word {percent(reasons.same_word.value)}",
        f"of {found.done} {noun}. {_sentence(found)}",
        0.0,
        "rx-done",
    )


def shares(found: ExplanationSummary, data: EvaluationSet) -> str:
    """Answers and reasons on one scale, with intervals, and what luck would give."""
    if not found.done:
        return ""
    reasons = found.everything
    rows = _row("same answer", found.same_answer, None)
    rows += _row("same main word", reasons.same_word, reasons.chance_level)
    for name, group in (("if one answer", found.when_same), ("if two answers", found.when_other)):
        if group.count:
            rows += _row(f"… {name}", group.same_word, group.chance_level)
    left = f" {found.left_out} items without a name are left out." if found.left_out else ""
    note = (
        "The main word is the one that adds most to the explained logits; each model explains its "
        f"own answer. ┊ is what blind choice would give. Of the three largest words "
        f"{percent(reasons.shared)} are in common (blindly "
        f"{percent(reasons.shared_chance_level)}); "
        f"rank correlation of all words {reasons.spearman:+.2f} on average. {data.origin}{left} "
        "Computed now; 0 to 100 %, with Wilson’s intervals of 95 %."
    )
    return (
        f'<section class="ra-card"><h4>Answers and reasons</h4><div class="ra-tracks">{rows}</div>'
        f'<p class="dx-quiet">{escape(note)}</p></section>'
    )


def surprises(found: ExplanationSummary, pair: str, head: str) -> str:
    """Items with one answer and two main words."""
    own = [one for one in found.items if one.same_answer and not one.same_word]
    if not own:
        return ""
    own.sort(key=lambda one: one.spearman)
    items = "".join(_item(one, head, pair) for one in own[:SHOWN])
    rest = left_out(len(own) - SHOWN)
    return (
        '<section class="ra-differences"><details class="ra-group"><summary>Same answer, other '
        f'main word: <b>{len(own)}</b></summary><ul class="ra-items">{items}</ul>{rest}</details>'
        "</section>"
    )


def _sentence(found: ExplanationSummary) -> str:
    same, other = found.when_same, found.when_other
    if min(same.count, other.count) < FEW:
        return ""
    return (
        f"With one answer the main word is the same in {percent(same.same_word.value)}, with two "
        f"answers in {percent(other.same_word.value)}."
    )


def _row(name: str, share: Share, luck: float | None) -> str:
    left, width = 100 * share.low, 100 * (share.high - share.low)
    chance = "" if luck is None else f'<i class="ra-luck" style="left:{100 * luck:.2f}%"></i>'
    said = "" if luck is None else f", blindly {percent(luck)}"
    return (
        f'<div class="ra-row"><b>{escape(name)}</b><div class="ra-track">{chance}'
        f'<i class="ra-band" style="left:{left:.2f}%;width:{width:.2f}%"></i>'
        f'<i class="ra-point" style="left:{100 * share.value:.2f}%"></i></div>'
        f"<span><b>{percent(share.value)}</b> <small>({words.interval(share.low, share.high)}) "
        f"{share.count} of {share.total}{said}</small></span></div>"
    )


def _item(one: ExplainedItem, head: str, pair: str) -> str:
    opened = opener(head, one.item.row, pair)
    said = one.text if len(one.text) <= LONGEST else f"{one.text[:LONGEST]} …"
    sides = "".join(
        f'<div class="ra-{role}"><dt>{mark} {FAMILY[role]}</dt><dd dir="auto">“'
        f"{escape(getattr(one, role))}”</dd></div>"
        for role, mark in (("teacher", "●"), ("student", "◆"))
    )
    return (
        f"<li><header><small>row {one.item.number:,}</small> {opened}</header>"
        f'<p dir="auto">{escape(said)}</p><dl>{sides}<div><dt>rank correlation</dt>'
        f"<dd>{one.spearman:+.2f}</dd></div></dl></li>"
    )
