"""The follow-ups of Why? as HTML: faithfulness, methods compared, edits, flips, attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explain.records import MODEL_NAMES, ROLES
from explain.render.attribution import texts
from explain.render.attribution_grid import by_word, grid, reach
from explain.render.formats import fixed, percent
from explain.render.templates import draw

if TYPE_CHECKING:
    from explain.attribution.results import (
        AgainstChance,
        Agreement,
        Answer,
        Attention,
        EditEffect,
        Faithfulness,
        Flip,
        MethodAgreement,
    )

FEWEST = 4  # words; three have six orders, so that a random one is often the model's own
FAITHFUL = 0.9  # share of random orders that a faithful one beats in both tests
MOST_PLACES = 4  # pieces named as the place where an answer is read


def faithfulness(results: Sequence[Faithfulness]) -> str:
    """Deletion tests of each model beside random orders, and what they amount to."""
    panels = [
        (
            role,
            _is_faithful(result),
            [
                ("comprehensiveness", _beside(result.comprehensiveness)),
                ("sufficiency", _beside(result.sufficiency)),
                ("agreement with leaving out", _beside(result.tau)),
            ],
            f"The explained number falls by {fixed(result.comprehensiveness_logits, 2)} logits on "
            f"average. {result.orders} random orders, seed {result.seed}; {result.seconds:.2f} s "
            f"for {result.forward_passes:,} passes, computed here.",
        )
        for role, result in zip(ROLES, results, strict=False)
    ]
    return draw("follow_ups.html", "faithfulness", panels)


def _beside(measure: AgainstChance) -> str:
    value, chance = fixed(measure.value, 2), fixed(measure.chance, 2)
    return f"{value} (random orders {chance} ± {measure.spread:.2f})"


def _is_faithful(result: Faithfulness) -> str:
    if len(result.units) < FEWEST:
        return "Too few words for this test: a random order is often the model’s own."
    beaten = result.comprehensiveness.percentile, result.sufficiency.percentile
    share = (
        f"Replacing the highest scores first beats {100 * beaten[0]:.0f} % of random orders; "
        f"keeping them to the last beats {100 * beaten[1]:.0f} %."
    )
    if min(beaten) >= FAITHFUL:
        return f"Faithful by this test. {share}"
    if max(beaten) >= FAITHFUL:
        return f"Half faithful by this test. {share}"
    return f"Not faithful by this test. {share}"


def methods(comparisons: Sequence[MethodAgreement]) -> str:
    """Rank correlations between methods, a table for each model."""
    panels = list(zip(ROLES, comparisons, strict=False))
    return draw("follow_ups.html", "methods", panels)


def changes(edited: Sequence[EditEffect], same: Agreement | None, what: str) -> str:
    """Both answers before and after an edit, and both attributions after it."""
    panels = [
        (role, _answers(change.before, change.after, change.flipped))
        for role, change in zip(ROLES, edited, strict=False)
    ]
    after = [change.attribution for change in edited]
    limit = reach(after)
    words = grid([*after, None][:2], by_word, limit, same)
    return draw("follow_ups.html", "changes", panels, what, limit, texts(after, limit, {}), words)


def _answers(before: Answer, after: Answer, flipped: bool) -> tuple[str, str]:
    """Whether the answer changes, and how sure the model is of the first one before and after."""
    kept = f"{percent(before.probability)} → {percent(after.original)}"
    same = before.text == after.text
    words = f"“{before.text}”" if same else f"“{before.text}” → “{after.text}”"
    if not flipped:
        return "The answer stays", f"{words}, {kept}."
    where = " at another place" if same else ""
    first = "at the first place" if same else f"“{before.text}”"
    return "The answer changes", f"{words}{where}, {percent(after.probability)}; {first} {kept}."


def flips(results: Sequence[Flip], done: bool = True) -> str:
    """The smallest edit found that changes each model's answer; the last may be under way."""
    panels = [
        (role, flip, _flip_words(flip), _answers(flip.before, flip.after, True), _attempts(flip))
        for role, flip in zip(ROLES, results, strict=False)
    ]
    return draw("follow_ups.html", "flips", panels, done)


def _flip_words(flip: Flip) -> str:
    """The words of an edit, what becomes of them, and whether they are the fewest."""
    words = " and ".join(f"“{word.text}”" for word in flip.words)
    sentence = f"{words} {'masked' if flip.action == 'mask' else 'deleted'}"
    if len(flip.words) < 2:
        return sentence
    count = f"{len(flip.words)} words"
    fewest = "fewer do not change it" if flip.smallest else "fewer might change it, too"
    return f"{sentence} ({count}; {fewest})"


_GROUPS = {1: ("every word alone", "words alone"), 2: ("every pair", "pairs"),
           3: ("every three", "groups of three")}  # fmt: skip


def _attempts(flip: Flip) -> str:
    """Which changes were tried."""
    tried = []
    for attempt in flip.attempts:
        every, some = _GROUPS.get(attempt.size, ("", f"groups of {attempt.size}"))
        tried.append(every if every and attempt.complete else f"{attempt.groups:,} {some}")
    ways = " or ".join({"mask": "masked", "delete": "deleted"}[each] for each in flip.actions)
    return (
        f"Tried: {', '.join(tried) or 'single words'}, {ways}; {flip.tried:,} changes in "
        f"{flip.seconds:.1f} s, computed here."
    )


def attention(results: Sequence[Attention], caveat: str) -> str:
    """What the heat maps of attention show, and what they do not."""
    places = [
        " and ".join(f"“{result.pieces[i].text}”" for i in result.read_from[:MOST_PLACES])
        for result in results
    ]
    subjects = [f"{MODEL_NAMES[role]} reads its answer" for role in ROLES]
    if len(places) > 1 and len(set(places)) == 1:
        subjects, places = ["Both read their answer"], places[:1]
    read = "; ".join(
        f"{subject} at {place}" for subject, place in zip(subjects, places, strict=False)
    )
    return draw("follow_ups.html", "attention", caveat, read)


def page(body: str, title: str, about: Sequence[tuple[str, str]], css: str) -> str:
    """A page of its own, without script or outside request; `body` is markup already."""
    return draw("follow_ups.html", "page", body, title, about, css)
