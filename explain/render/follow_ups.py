"""The follow-ups of Why? as HTML: faithfulness, methods compared, edits, flips, attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explain.records import MODEL_NAMES, ROLES
from explain.render.attribution_grid import by_word, grid, reach
from explain.render.formats import percent
from explain.render.templates import draw

if TYPE_CHECKING:
    from explain.attribution.results import (
        AgainstChance,
        Agreement,
        Answer,
        Attention,
        Change,
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
                ("comprehensiveness, 0 to 1, higher is better", _beside(result.comprehensiveness)),
                ("sufficiency, 0 to 1, lower is better", _beside(result.sufficiency)),
                ("tau with leave-one-out, −1 to 1", _beside(result.tau)),
                ("mean fall of F as words go", f"{result.comprehensiveness_logits:+.2f} logits"),
                ("random orders", f"{result.orders}, seed {result.seed}"),
                (
                    "time",
                    f"{result.seconds:.2f} s for {result.forward_passes:,} passes, computed here",
                ),
            ],
        )
        for role, result in zip(ROLES, results, strict=False)
    ]
    return draw("follow_ups.html", "faithfulness", panels)


def _beside(measure: AgainstChance) -> str:
    return f"{measure.value:.2f}; random {measure.chance:.2f} ± {measure.spread:.2f}"


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


def changes(edited: Sequence[Change], same: Agreement | None, what: str) -> str:
    """Both answers before and after an edit, and both attributions after it."""
    panels = [
        (role, _answers(change.before, change.after, change.flipped))
        for role, change in zip(ROLES, edited, strict=False)
    ]
    after = [change.attribution for change in edited]
    limit = reach(after)
    words = grid([*after, None][:2], by_word, limit, same)
    return draw("follow_ups.html", "changes", panels, what, limit, words)


def _answers(before: Answer, after: Answer, flipped: bool) -> tuple[str, str]:
    """Whether the answer changes, and how; the same words may stand at another place."""
    verdict = "The answer changes" if flipped else "The answer stays"
    now = after.probability if flipped else after.original
    words = f"“{before.text}” → “{after.text}”"
    if before.text == after.text:
        words = f"“{before.text}”" + (" at another place" if flipped else "")
    return verdict, f"{words}, {percent(before.probability)} → {percent(now)}."


def flips(results: Sequence[Flip]) -> str:
    """The smallest edit found that changes each model's answer."""
    panels = [
        (role, flip, *_flip_words(flip), _answers(flip.before, flip.after, True))
        for role, flip in zip(ROLES, results, strict=False)
    ]
    return draw("follow_ups.html", "flips", panels)


def _flip_words(flip: Flip) -> tuple[str, str]:
    """The words of an edit, and how many they are."""
    words = ", ".join(f"“{word.text}”" for word in flip.words)
    count = f"{len(flip.words)} word{'s' if len(flip.words) > 1 else ''}"
    smallest = "no smaller change of those tried does it"
    size = smallest if flip.smallest else "there may be a smaller one"
    return f"{'Masked' if flip.action == 'mask' else 'Deleted'}: {words}", f"{count}; {size}"


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
