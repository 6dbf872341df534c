"""What every layer holds, as HTML: the read-outs and the similarity of layers of the Inside tab."""

from __future__ import annotations

from explain.anatomy.records import ReadOut, Similarity
from explain.records import MODEL_NAMES, ROLES
from explain.render import formats
from explain.render.templates import draw


def read_outs(both: tuple[ReadOut, ReadOut]) -> str:
    """What each model would answer after each layer, and a sentence on when it settles."""
    verdict = " ".join(map(_settling, ROLES, both))
    return draw("layers.html", "read_outs", both, both[0].masked, verdict)


def _settling(role: str, result: ReadOut) -> str:
    depth, name = len(result.layers) - 1, MODEL_NAMES[role]
    if result.settled == depth:
        before = result.layers[-2]
        return (
            f"{name} has “{result.answer}” in the first place only after its last layer, {depth}; "
            f"one layer before, that was number {before.rank:,}."
        )
    after = f"layer {result.settled} of {depth}" if result.settled else "its embeddings"
    return f"{name} keeps “{result.answer}” in the first place from {after} on."


def similarities(own: Similarity | None, fixed: Similarity, why_not: str = "") -> str:
    """Heat maps of CKA and cosine, on the visitor's text (None: `why_not`) and on ours."""
    groups, sentences = [], []
    for result, title in ((own, "your text"), (fixed, f"{fixed.texts} fixed sentences")):
        if result is None:
            sentences.append(why_not)
            continue
        for name, values, shuffled in (
            ("Linear CKA", result.cka, result.shuffled_cka),
            ("Mean cosine", result.cosine, result.shuffled_cosine),
        ):
            mean = formats.fixed(shuffled, 2)
            note = f"{result.pieces:,} pieces; {mean} on average with the pieces shuffled"
            groups.append((f"{name}, {title}", note, values, result.copied))
        sentences.append(f"On {title}, by CKA: {_nearest(result)}.")
    return draw("layers.html", "similarities", groups, sentences)


def _nearest(result: Similarity) -> str:
    parts = []
    for layer, (values, start) in enumerate(
        zip(result.cka[1:], result.copied, strict=True), start=1
    ):
        best = max(range(len(values)), key=values.__getitem__)
        where = f"teacher layer {best}" if best else "the embeddings"
        origin = "its origin" if best == start else f"not to its origin, {start}"
        parts.append(f"student layer {layer} is closest to {where}, {origin} ({values[best]:.2f})")
    return "; ".join(parts)
