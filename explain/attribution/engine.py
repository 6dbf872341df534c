"""Attributions for all heads: fix the target, read the text, run a method, check completeness."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from functools import cache, reduce
from importlib.metadata import version
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from torch import Tensor

from explain.attribution.agreement import agreement
from explain.attribution.function import Function
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.attribution.methods.method import SMALLEST_DIFFERENCE, AttributionStep
from explain.attribution.records import BASELINES, Attribution, HeadInput, Ledger, Target
from explain.attribution.request import (
    AttributionRequest,
    describe,
    fix,
    function_of,
    head_result,
    request_of,
    requests_of,
)
from explain.attribution.results import Estimate, PairAttribution
from explain.models import Loaded
from explain.records import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

DEFAULT_BASELINE = next(iter(BASELINES))
REMEMBERED = 64  # results of a model, kept for as long as the model is in memory

_Results = OrderedDict[tuple[object, ...], tuple[Attribution, ...]]
_results: WeakKeyDictionary[PreTrainedModel, _Results] = WeakKeyDictionary()
_lock = threading.Lock()


def attribute(
    head_input: HeadInput,
    loaded: Loaded,
    target: Target | None = None,
    method: str = DEFAULT_METHOD,
    baseline: str = DEFAULT_BASELINE,
    seed: int = 0,
) -> Attribution:
    """What every word piece adds to one logit (or difference of logits) of one model.

    Without a target, the model's own answer is explained. `seed` matters to methods that sample.
    Raises `InputError` for an input or a target that the head does not accept.
    """
    (attribution,) = attribute_all(head_input, loaded, [target], method, baseline, seed)
    return attribution


def attribute_all(
    head_input: HeadInput,
    loaded: Loaded,
    targets: Sequence[Target | None],
    method: str = DEFAULT_METHOD,
    baseline: str = DEFAULT_BASELINE,
    seed: int = 0,
) -> tuple[Attribution, ...]:
    """Several targets of one input, in their order; those on the same rows share their passes."""
    steps = attribute_steps(head_input, loaded, targets, method, baseline, seed)
    nothing: tuple[Attribution, ...] = ()
    return reduce(lambda _, step: step, steps, nothing)


def attribute_steps(
    head_input: HeadInput,
    loaded: Loaded,
    targets: Sequence[Target | None],
    method: str = DEFAULT_METHOD,
    baseline: str = DEFAULT_BASELINE,
    seed: int = 0,
) -> Iterator[tuple[Attribution, ...]]:
    """The same, refined step by step: each step has all targets. Close it to cancel."""
    require(method, METHODS, "method")
    require(baseline, BASELINES, "baseline")
    key = (
        head_input, tuple(targets), method, baseline, seed,
        loaded.name, loaded.labels, loaded.window,
    )  # fmt: skip
    with _lock:
        remembered = _results.setdefault(loaded.model, OrderedDict())
        if key in remembered:
            remembered.move_to_end(key)
        attributions = remembered.get(key)
    if attributions is not None:
        yield attributions
        return
    result = head_result(head_input, loaded)
    fixed = [fix(head_input, loaded, target, result) for target in targets]
    for attributions in _steps_of_fixed(head_input, loaded, fixed, method, baseline, seed):
        yield attributions
    with _lock:
        remembered[key] = attributions or ()
        while len(remembered) > REMEMBERED:
            remembered.popitem(last=False)


def pair_steps(
    head_input: HeadInput,
    loaded: Sequence[Loaded],
    targets: Sequence[Sequence[Target]],
    method: str = DEFAULT_METHOD,
    baseline: str = DEFAULT_BASELINE,
    left_out: int = 0,
) -> Iterator[PairAttribution]:
    """One step of the student, one of the teacher, until both are done; close it to cancel.

    The student is first: it has half of the layers, so there is a picture in half of the time.
    `targets` are parallel to `loaded`, then to each other.
    """
    runs = [
        attribute_steps(head_input, model, fixed, method, baseline)
        for model, fixed in zip(loaded, targets, strict=True)
    ]
    latest: list[tuple[Attribution, ...]] = [(), ()]
    unfinished = {0, 1}
    while unfinished:
        for side in sorted(unfinished, reverse=True):
            step = next(runs[side], None)
            if step is None:
                unfinished.discard(side)
                if unfinished:
                    continue
            else:
                latest[side] = step
            teacher, student = latest
            agreements = tuple(map(agreement, teacher, student))
            yield PairAttribution(teacher, student, agreements, not unfinished, left_out)


def estimate(
    head_input: HeadInput,
    loaded: Loaded,
    target: Target,
    method: str = DEFAULT_METHOD,
    baseline: str = DEFAULT_BASELINE,
) -> Estimate:
    """Fewest and most passes and seconds of one attribution, from one pass timed now.

    `target` is fixed. In a batch, passes take less time each than the one timed.
    """
    request = request_of(head_input, loaded, target)
    function = function_of(request, loaded, baseline)
    began = time.perf_counter()
    if METHODS[method].uses_gradients:
        function.gradients(function.input[None])
        seconds = time.perf_counter() - began
    else:
        function.ends()
        seconds = (time.perf_counter() - began) / 2
    fewest, most = METHODS[method].passes(len(function.ordinary))
    pieces, unread = sum(map(len, request.piece_rows.layout)), request.piece_rows.unread
    return Estimate(pieces, unread, (fewest, most), (seconds * fewest, seconds * most))


def require(name: str, known: Collection[str], what: str) -> None:
    """Raise `InputError` unless a name is one of those that are known."""
    if name not in tuple(known):  # a list cannot be looked up in a table
        raise InputError(f"There is no {what} named {str(name)[:40]!r}; choose {', '.join(known)}.")


def _steps_of_fixed(
    head_input: HeadInput,
    loaded: Loaded,
    targets: Sequence[Target],
    method: str,
    baseline: str,
    seed: int,
) -> Iterator[tuple[Attribution, ...]]:
    """Attributions of fixed targets, in their order, as soon as each has its first."""
    latest: dict[Target, Attribution] = {}
    for request in requests_of(head_input, loaded, targets):
        for step in request_steps(request, loaded, method, baseline, seed):
            latest |= zip(request.targets, step, strict=True)
            if latest.keys() >= set(targets):
                yield tuple(latest[target] for target in targets)


def request_steps(
    request: AttributionRequest, loaded: Loaded, method: str, baseline: str, seed: int
) -> Iterator[tuple[Attribution, ...]]:
    """Attributions of all targets of one request, as the method refines them."""
    began = time.perf_counter()
    function = function_of(request, loaded, baseline)
    ends = function.ends()
    for step in METHODS[method].steps(function, ends, seed):
        seconds = time.perf_counter() - began
        yield tuple(
            Attribution(
                input=request.head_input,
                target=target,
                description=describe(request, number, loaded),
                terms=request.terms[number],
                method=method,
                method_name=METHODS[method].name,
                baseline=baseline,
                pieces=request.piece_rows.pieces,
                scores=tuple(step.scores[number].tolist()),
                ledger=_ledger(step, number, ends, function, seconds, METHODS[method].adds_up),
                unread=request.piece_rows.unread,
                model=loaded.name,
                head=loaded.head,
                role=loaded.role,
                pair=loaded.pair,
                seed=seed,
                versions=_versions(),
                edits=request.edits,
            )
            for number, target in enumerate(request.targets)
        )


def _ledger(
    step: AttributionStep,
    number: int,
    ends: tuple[Tensor, Tensor],
    function: Function,
    seconds: float,
    adds_up: bool,
) -> Ledger:
    value, baseline_value = (float(end[number]) for end in ends)
    total = sum(step.scores[number].tolist())
    difference = value - baseline_value
    delta = total - difference
    return Ledger(
        value=value,
        baseline_value=baseline_value,
        total=total,
        delta=delta,
        relative_delta=abs(delta) / max(abs(difference), SMALLEST_DIFFERENCE),
        steps=step.steps,
        forward_passes=function.forward_passes,
        backward_passes=function.backward_passes,
        seconds=seconds,
        adds_up=adds_up,
        converged=step.converged[number],
        error=step.errors[number],
    )


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, version(name)) for name in ("captum", "torch", "transformers"))
