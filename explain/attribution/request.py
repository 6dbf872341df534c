"""What is attributed: fixed targets, and the rows of word pieces that they are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from explain.attribution.function import Function
from explain.attribution.heads import Result, attribution_head
from explain.attribution.piece_rows import PieceRows
from explain.attribution.records import Edit, HeadInput, Target, Term
from explain.models import Loaded
from explain.records import InputError


@dataclass(frozen=True, slots=True)
class AttributionRequest:
    """Fixed targets of one input that are read from the same rows."""

    head_input: HeadInput
    piece_rows: PieceRows
    targets: tuple[Target, ...]
    terms: tuple[tuple[Term, ...], ...]  # parallel to targets
    edits: tuple[Edit, ...] = ()  # already made to the model's input

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions whose outputs make up the first target."""
        return tuple(sorted({term.position for term in self.terms[0]}))


def head_result(head_input: HeadInput, loaded: Loaded) -> Result:
    """The head's own result; computed when first called, by one forward pass, and kept."""
    return cache(partial(attribution_head(loaded.head).predict, head_input, loaded))


def fix(
    head_input: HeadInput,
    loaded: Loaded,
    target: Target | None = None,
    result: Result | None = None,
) -> Target:
    """The target with nothing left open, from the head's result; a fixed one comes back as it is.

    Raises `InputError` for what the head does not accept. `result` is only called if it is needed.
    """
    head = attribution_head(loaded.head)
    target = head.target_type() if target is None else target
    if not isinstance(head_input, head.input_type) or not isinstance(target, head.target_type):
        raise InputError(
            f"A {loaded.head} model explains a {head.input_type.__name__} with a "
            f"{head.target_type.__name__}."
        )
    return head.fix(head_input, loaded, target, result or head_result(head_input, loaded))


def requests_of(
    head_input: HeadInput, loaded: Loaded, targets: Sequence[Target]
) -> tuple[AttributionRequest, ...]:
    """Fixed targets, grouped by the rows that they are read from."""
    head = attribution_head(loaded.head)
    grouped: dict[PieceRows, list[Target]] = {}
    for target in targets:
        grouped.setdefault(_best_window(head_input, loaded, target), []).append(target)
    return tuple(
        AttributionRequest(
            head_input,
            window,
            tuple(group),
            tuple(head.terms(window, head_input, loaded, target) for target in group),
        )
        for window, group in grouped.items()
    )


def request_of(head_input: HeadInput, loaded: Loaded, target: Target) -> AttributionRequest:
    """One fixed target."""
    (request,) = requests_of(head_input, loaded, [target])
    return request


def with_all_choices(request: AttributionRequest, loaded: Loaded) -> AttributionRequest:
    """The request with all rows that the answer depends on: those of every choice."""
    whole = attribution_head(loaded.head).whole
    return request if whole is None else whole(request, loaded)


def function_of(request: AttributionRequest, loaded: Loaded, baseline: str) -> Function:
    """The explained numbers as a function of the embeddings."""
    return Function(loaded, request.piece_rows, request.terms, baseline)


def describe(request: AttributionRequest, number: int, loaded: Loaded) -> str:
    """The explained number of one of the targets, in words."""
    head = attribution_head(loaded.head)
    name, rival = head.names(request.head_input, request.targets[number])
    several = sum(term.weight > 0 for term in request.terms[number]) > 1
    what = "sum of the logits" if several else "logit"
    return f"{what} of {name}" + (f" less that of {rival}" if rival else "")


def _best_window(head_input: HeadInput, loaded: Loaded, target: Target) -> PieceRows:
    """The window in which the target, without its rival, is highest: the head answers there."""
    head = attribution_head(loaded.head)
    windows = head.windows(head_input, loaded, target)
    if len(windows) == 1:
        return windows[0]

    def value(window: PieceRows) -> float:
        terms = head.terms(window, head_input, loaded, target)
        supported = tuple(term for term in terms if term.weight > 0)
        return float(Function(loaded, window, [supported], "mask").ends()[0])

    return max(windows, key=value)
