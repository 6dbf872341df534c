"""Items that two models answer differently, as escaped HTML, each with a link to its head's tab."""

from __future__ import annotations

from explain.evaluation.items import ScoredAnswer, ScoredItem
from explain.evaluation.tables import Report
from explain.render.comparison import percent
from explain.render.heads import FAMILY, escape
from explain.render.links import opener

SHOWN = 25  # items of one group; the files have all
LONGEST = 320  # characters of an item in the list
GROUPS = (  # (teacher right, student right) and what it is called
    ((True, False), "Only the teacher is right"),
    ((False, True), "Only the student is right"),
    ((False, False), "Both are wrong, each in its way"),
    ((True, True), "Both are right, in other words"),
)
MARKS = {"teacher": "●", "student": "◆"}


def differences(report: Report, pair: str) -> str:
    """The items that the two models answer differently, in groups, each with its link."""
    if not report.differing:
        return '<p class="dx-quiet">Both models give the same answer to every item.</p>'
    groups = []
    for sides, title in GROUPS:
        own = [one for one in report.differing if (one.teacher.right, one.student.right) == sides]
        if own:
            groups.append(_group(title, own, report.data.head, pair, sides[0] != sides[1]))
    same = report.comparison.agree
    head = (
        f"<h4>Where they differ</h4><p class='dx-quiet'>They give the same answer to {same:,} of "
        f"{report.comparison.teacher.total:,}. Open one to see both answers, and why.</p>"
    )
    return f'<section class="ra-differences">{head}{"".join(groups)}</section>'


def _group(title: str, own: list[ScoredItem], head: str, pair: str, opened: bool) -> str:
    items = "".join(_item(one, head, pair) for one in own[:SHOWN])
    rest = left_out(len(own) - SHOWN)
    return (
        f'<details class="ra-group"{" open" if opened else ""}><summary>{escape(title)}: '
        f'<b>{len(own):,}</b></summary><ul class="ra-items">{items}</ul>{rest}</details>'
    )


def left_out(more: int) -> str:
    """How many more items the files have than the list; "" for none."""
    said = f"{more:,} more {'are' if more > 1 else 'is'} in the files below."
    return f'<p class="dx-quiet">{said}</p>' if more > 0 else ""


def _item(one: ScoredItem, head: str, pair: str) -> str:
    opened = opener(head, one.item.row, pair, "<small>too long for a link</small>")
    name = f'<span class="ra-chip">{escape(one.item.slice)}</span> ' if one.item.slice else ""
    said = one.text if len(one.text) <= LONGEST else f"{one.text[:LONGEST]} …"
    answers = "".join(_answer(getattr(one, role), role) for role in MARKS)
    return (
        f"<li><header>{name}<small>row {one.item.number:,}</small> {opened}</header>"
        f'<p dir="auto">{escape(said)}</p>'
        f'<dl><div><dt>right</dt><dd dir="auto">{escape(one.expected)}</dd></div>{answers}'
        "</dl></li>"
    )


def _answer(side: ScoredAnswer, role: str) -> str:
    sure = "" if side.probability is None else f" <small>{percent(side.probability)}</small>"
    mark = '<b title="right">✓</b>' if side.right else '<b title="wrong">✗</b>'
    return (
        f'<div class="ra-{role}"><dt>{MARKS[role]} {FAMILY[role]}</dt>'
        f'<dd dir="auto">{mark} {escape(side.answer)}{sure}</dd></div>'
    )
