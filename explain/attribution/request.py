"""What is attributed: fixed targets, and the rows of word pieces that they are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explain.attribution.function import Function
from explain.attribution.reading import Reading, read
from explain.attribution.records import Edit, HeadInput, Target, Term
from explain.attribution.targets import fix
from explain.attribution.terms import terms
from explain.models import Loaded


@dataclass(frozen=True, slots=True)
class AttributionRequest:
    """Fixed targets of one input that are read from the same rows."""

    head_input: HeadInput
    reading: Reading
    targets: tuple[Target, ...]
    terms: tuple[tuple[Term, ...], ...]  # parallel to targets
    edits: tuple[Edit, ...] = ()  # already made to the reading


def request_of(
    head_input: HeadInput, loaded: Loaded, target: Target | None = None
) -> AttributionRequest:
    """One target, fixed now if it leaves anything open."""
    (request,) = requests_of(head_input, loaded, [fix(head_input, loaded, target)])
    return request


def requests_of(
    head_input: HeadInput, loaded: Loaded, targets: Sequence[Target]
) -> tuple[AttributionRequest, ...]:
    """Fixed targets, grouped by the rows that they are read from."""
    grouped: dict[Reading, list[tuple[Target, tuple[Term, ...]]]] = {}
    for target in targets:
        reading = _best_window(head_input, loaded, target)
        pair = target, terms(reading, head_input, loaded, target)
        grouped.setdefault(reading, []).append(pair)
    return tuple(
        AttributionRequest(
            head_input, reading, tuple(t for t, _ in pairs), tuple(t for _, t in pairs)
        )
        for reading, pairs in grouped.items()
    )


def function_of(request: AttributionRequest, loaded: Loaded, baseline: str) -> Function:
    """The explained numbers as a function of the embeddings."""
    return Function(loaded, request.reading, request.terms, baseline)


def _best_window(head_input: HeadInput, loaded: Loaded, target: Target) -> Reading:
    """The window in which the target, without its rival, is highest: the head answers there."""
    readings = read(head_input, loaded, target)
    if len(readings) == 1:
        return readings[0]

    def value(reading: Reading) -> float:
        supported = tuple(t for t in terms(reading, head_input, loaded, target) if t.weight > 0)
        return float(Function(loaded, reading, [supported], "mask").ends()[0])

    return max(readings, key=value)
