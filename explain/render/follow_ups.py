"""What is asked after Why?, as escaped HTML: faithfulness, methods, changes, attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explain.render.attribution import METHOD_NAMES, facts_list
from explain.render.attribution_grid import ROLES, by_word, grid, key, reach
from explain.render.comparison import percent
from explain.render.heads import FAMILY, escape

if TYPE_CHECKING:
    from explain.attribution.results import (
        AgainstChance,
        Agreement,
        Attention,
        Change,
        Disagreement,
        Faithfulness,
        Flip,
    )

FEWEST = 4  # words; three have six orders, so that a random one is often the model's own
FAITHFUL = 0.9  # share of random orders that a faithful one beats in both tests


def faithfulness(found: Sequence[Faithfulness]) -> str:
    """Deletion tests of each model beside random orders, and what they amount to."""
    panels = []
    for role, one in zip(ROLES, found, strict=False):
        facts = [
            ("comprehensiveness, 0 to 1, higher is better", _beside(one.comprehensiveness)),
            ("sufficiency, 0 to 1, lower is better", _beside(one.sufficiency)),
            ("tau with leave-one-out, −1 to 1", _beside(one.tau)),
            ("mean fall of F as words go", f"{one.comprehensiveness_logits:+.2f} logits"),
            ("random orders", f"{one.orders}, seed {one.seed}"),
            ("time", f"{one.seconds:.2f} s for {one.forward_passes:,} passes, computed here"),
        ]
        panels.append(_panel(role, f"<p>{_is_faithful(one)}</p>{facts_list(facts)}"))
    note = (
        "Words are replaced in the order of their scores. 0 is the worst order for this model and "
        "this text that a search found, 1 the best, so that two models can be compared. A text "
        "full of replaced words is none that a model was trained on: take this as a test, not as "
        "proof. The plot shows F as more and more words are replaced, from the lowest (0) to the "
        "highest (1) that the model’s curves reach: the faster it falls, the better the order."
    )
    two = f'<div class="wx-two">{"".join(panels)}</div>'
    return f'<h4>Is it faithful?</h4>{two}<p class="dx-quiet">{note}</p>'


def _beside(one: AgainstChance) -> str:
    return f"{one.value:.2f}; random {one.chance:.2f} ± {one.spread:.2f}"


def _is_faithful(one: Faithfulness) -> str:
    if len(one.units) < FEWEST:
        return "Too few words for this test: a random order is often the model’s own."
    beaten = one.comprehensiveness.beaten, one.sufficiency.beaten
    share = (
        f"Replacing the highest scores first beats {_percent(beaten[0])} of random orders; keeping "
        f"them to the last beats {_percent(beaten[1])}."
    )
    if min(beaten) >= FAITHFUL:
        return f"Faithful by this test. {share}"
    if max(beaten) >= FAITHFUL:
        return f"Half faithful by this test. {share}"
    return f"Not faithful by this test. {share}"


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %"


def methods(found: Sequence[Disagreement]) -> str:
    """Rank correlations between methods, a table for each model."""
    two = f'<div class="wx-two">{"".join(map(_methods, ROLES, found))}</div>'
    return f"<h4>Do methods agree?</h4>{two}"


def _methods(role: str, one: Disagreement) -> str:
    names = [METHOD_NAMES[name] for name in one.methods]
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *names))
    rows = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{value:+.2f}</td>' for value in row)}</tr>"
        for name, row in zip(names, one.spearman, strict=True)
    )
    table = (
        f'<div class="wx-wide"><table class="dx-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    return _panel(role, f"<p>{escape(one.sentence)}</p>{table}")


def changes(found: Sequence[Change], same: Agreement | None, what: str) -> str:
    """Both answers before and after one edit, and both attributions after it."""
    panels = "".join(
        _panel(role, _answers(one.before.text, one.before.probability, one.after.text,
                              one.after.probability, one.after.original, one.flipped))
        for role, one in zip(ROLES, found, strict=False)
    )  # fmt: skip
    after = [one.attribution for one in found]
    limit = reach(after)
    words = grid([*after, None][:2], by_word, limit, same)
    title = f'<p class="wx-asked">{escape(what)} Then the scores are:</p>'
    return f'<div class="wx-two">{panels}</div>{title}{key(limit)}{words}'


def _answers(before: str, sure: float, after: str, now: float, kept: float, turned: bool) -> str:
    """One model's answer before and after; the same words may stand at another place."""
    verdict = "The answer turns" if turned else "The answer stays"
    change = f"{percent(sure)} → {percent(now if turned else kept)}"
    words = f"“{escape(before)}” → “{escape(after)}”"
    if before == after:
        words = f"“{escape(before)}”" + (" at another place" if turned else "")
    return f"<p><b>{verdict}</b>: {words}, {change}.</p>"


def flips(found: Sequence[Flip]) -> str:
    """The smallest change found that turns each model's answer."""
    panels = []
    for role, one in zip(ROLES, found, strict=False):
        tried = f"{one.tried:,} changes tried in {one.seconds:.1f} s, computed here"
        if not one.words:
            body = "<p><b>No change found</b> that turns the answer.</p>"
        else:
            words = ", ".join(f"“{escape(word.text)}”" for word in one.words)
            count = f"{len(one.words)} word{'s' if len(one.words) > 1 else ''}"
            size = "fewer of those tried do not" if one.smallest else "there may be a smaller one"
            done = "Masked" if one.action == "mask" else "Deleted"
            body = f"<p><b>{done}: {words}</b> ({count}; {size}).</p>" + _answers(
                one.before.text, one.before.probability, one.after.text,
                one.after.probability, one.after.original, True,
            )  # fmt: skip
        panels.append(_panel(role, f'{body}<p class="dx-quiet">{tried}</p>'))
    return f'<div class="wx-two">{"".join(panels)}</div>'


def attention(found: Sequence[Attention], caveat: str) -> str:
    """What the pictures of attention show, and what they do not."""
    places = [" and ".join(f"“{one.pieces[i].text}”" for i in one.read_from[:4]) for one in found]
    who = [f"{FAMILY[role]} reads its answer" for role in ROLES]
    if len(places) > 1 and len(set(places)) == 1:
        who, places = ["Both read their answer"], places[:1]
    read = "; ".join(f"{one} at {place}" for one, place in zip(who, places, strict=False))
    return (
        f'<h4>Attention</h4><p class="wx-agree">{escape(caveat)}</p><p class="dx-quiet">How much '
        f"the place of the answer looks at each piece, mean over heads. {escape(read)}.</p>"
    )


def page(body: str, title: str, about: Sequence[tuple[str, str]], css: str) -> str:
    """A page of its own, without script or outside request; `body` is markup already."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{css}</style></head><body class="wx-page"><h1>{escape(title)}</h1>'
        f"{facts_list(about)}{body}</body></html>"
    )


def _panel(role: str, body: str) -> str:
    return (
        f'<section class="dx-panel dx-{role} wx-ledger"><header><h4>{FAMILY[role]}</h4></header>'
        f"{body}</section>"
    )
