"""Labelled items in lists, as HTML: those answered differently, those with other main words.

Each has a link that opens it in its head's tab, where it is answered and explained anew. The link
carries the fields of the tab (`assets/page.js` fills them in) and nothing else. Words that come one
by one are joined by spaces, and so may be split otherwise than in the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from explain.evaluation.items import LabelledRow
from explain.evaluation.reasons import ExplanationSummary
from explain.evaluation.tables import Report
from explain.render.heads import drawing
from explain.render.templates import draw

SHOWN = 25  # items of one group; the files have all
LONGEST = 320  # characters of an item in a list
LONGEST_EXPLAINED = 240  # the same where the list shows main words
LONGEST_LINK = 6_000  # characters of an address that every browser and server takes
GROUPS = (  # (teacher right, student right) and its title
    ((True, False), "Only the teacher is right"),
    ((False, True), "Only the student is right"),
    ((False, False), "Both are wrong, with different answers"),
    ((True, True), "Both are right, with different answers"),
)


def differences(report: Report, pair: str) -> str:
    """The items that the two models answer differently, in groups."""
    head = report.data.head
    groups: list[tuple[object, ...]] = []
    for sides, title in GROUPS:
        items = [
            item for item in report.differing if (item.teacher.right, item.student.right) == sides
        ]
        shown = [
            (item, link(head, item.item.row, pair), _short(item.text, LONGEST))
            for item in items[:SHOWN]
        ]
        if items:
            opened = sides[0] != sides[1]
            groups.append((title, len(items), _left_out(items), opened, shown))
    return draw("items.html", "differences", groups, report.comparison)


def surprises(summary: ExplanationSummary, pair: str, head: str) -> str:
    """Items with the same answer and different main words; the least correlated first."""
    items = [item for item in summary.items if item.same_answer and not item.same_word]
    if not items:
        return ""
    items.sort(key=lambda item: item.spearman)
    shown = [
        (item, link(head, item.item.row, pair), _short(item.text, LONGEST_EXPLAINED))
        for item in items[:SHOWN]
    ]
    return draw("items.html", "surprises", shown, len(items), _left_out(items))


def link(head: str, row: LabelledRow, pair: str) -> str:
    """`?tab=...&text=...`; "" when the text is too long for an address."""
    address = f"?{urlencode({'tab': head, 'pair': pair} | drawing(head).fields(row))}"
    return address if len(address) <= LONGEST_LINK else ""


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


def _left_out(items: Sequence[object]) -> str:
    """How many more items the files have than the list; "" for none."""
    more = len(items) - SHOWN
    return f"{more:,} more {'are' if more > 1 else 'is'} in the files below." if more > 0 else ""
