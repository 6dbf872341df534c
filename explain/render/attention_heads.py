"""Every head of both models at a glance, and one head large: the Inside tab."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from explain.anatomy.records import AttentionGrid, AttentionHead
from explain.records import MODEL_NAMES, ROLES
from explain.render.formats import percent
from explain.render.pixels import picture
from explain.render.templates import draw

COLOURS = {"teacher": (59, 130, 246), "student": (217, 119, 6)}  # as on the plots
NUMBERED = 14  # pieces up to which the numbers fit into the cells
CLEAR = 0.3  # of its attention, from which on a head has a pattern


def grids(both: Sequence[AttentionGrid], chosen: tuple[str, int, int]) -> str:
    """A small picture per head, one row per layer; `chosen` is (role, layer, head)."""
    pictures = [
        [[(head, picture(head.weights, COLOURS[role]), _told(head)) for head in row]
         for row in grid.heads]
        for role, grid in zip(ROLES, both, strict=True)
    ]  # fmt: skip
    sentences = [_summary(role, grid) for role, grid in zip(ROLES, both, strict=True)]
    return draw("attention_heads.html", "grids", list(zip(both, pictures, strict=True)), chosen,
                sentences)  # fmt: skip


def _told(head: AttentionHead) -> str:
    spread = "" if head.share >= CLEAR else "spread out, "
    share = percent(head.share)
    return f"layer {head.layer}, head {head.head}: {spread}most to {head.pattern}, {share}"


def _summary(role: str, grid: AttentionGrid) -> str:
    heads = [head for row in grid.heads for head in row]
    counts = Counter(head.pattern for head in heads if head.share >= CLEAR)
    parts = [f"{count} mostly to {name}" for name, count in counts.most_common()]
    spread = len(heads) - sum(counts.values())
    return (
        f"{MODEL_NAMES[role]}, {len(heads)} heads: {', '.join([*parts, f'{spread} spread out'])}."
    )


def first_choice(both: Sequence[AttentionGrid]) -> tuple[str, int, int]:
    """The head to show large at first: the teacher's with the clearest look at a neighbour."""
    heads = [head for row in both[0].heads for head in row]
    best = max(heads, key=lambda head: (not head.pattern.startswith("["), head.share))
    return ROLES[0], best.layer, best.head


def large(role: str, grid: AttentionGrid, head: AttentionHead) -> str:
    """One head as a table: a row per piece, a column per piece it attends to."""
    most = [
        (piece, grid.pieces[max(range(len(row)), key=row.__getitem__)], max(row))
        for piece, row in zip(grid.pieces, head.weights, strict=True)
    ]
    numbered = len(grid.pieces) <= NUMBERED
    return draw("attention_heads.html", "large", role, grid, head, _told(head), most, numbered)
