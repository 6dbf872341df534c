"""Attributions for all five heads: fix the target, read the text, run a method, keep the books."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, reduce
from importlib.metadata import version
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from torch import Tensor

from explain.attribution.function import Function
from explain.attribution.methods.gradient_x_input import gradient_x_input
from explain.attribution.methods.integrated_gradients import integrated_gradients
from explain.attribution.methods.occlusion import occlusion
from explain.attribution.methods.shapley import shapley
from explain.attribution.methods.step import SMALLEST_DIFFERENCE, Partial
from explain.attribution.question import Question, function_of, questions_of
from explain.attribution.records import (
    BASELINES,
    METHODS,
    Attribution,
    HeadInput,
    Ledger,
    NerInput,
    Target,
)
from explain.attribution.targets import every_entity, fix
from explain.attribution.terms import describe
from explain.models import Loaded
from explain.records import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

RUN: dict[str, Callable[[Function, tuple[Tensor, Tensor], int], Iterator[Partial]]] = {
    "integrated_gradients": integrated_gradients,
    "gradient_x_input": gradient_x_input,
    "occlusion": occlusion,
    "shapley": shapley,
}
ADDS_UP = ("integrated_gradients", "shapley")
REMEMBERED = 64  # answers of a model, for as long as the model is in memory

_Known = OrderedDict[tuple[object, ...], tuple[Attribution, ...]]
_answers: WeakKeyDictionary[PreTrainedModel, _Known] = WeakKeyDictionary()
_lock = threading.Lock()


def attribute(
    head_input: HeadInput,
    loaded: Loaded,
    target: Target | None = None,
    method: str = "integrated_gradients",
    baseline: str = "mask",
    seed: int = 0,
) -> Attribution:
    """What every word piece adds to one logit (or difference of logits) of one model.

    Without a target, the model's own answer is explained. `seed` matters to `shapley` alone.
    Raises `InputError` for what the head would not read, and for what cannot be asked.
    """
    *_, last = attribute_steps(head_input, loaded, target, method, baseline, seed)
    return last


def attribute_steps(
    head_input: HeadInput,
    loaded: Loaded,
    target: Target | None = None,
    method: str = "integrated_gradients",
    baseline: str = "mask",
    seed: int = 0,
) -> Iterator[Attribution]:
    """The same, refined step by step; the last one is the answer. Close it to cancel."""
    for (answer,) in attribute_all_steps(head_input, loaded, [target], method, baseline, seed):
        yield answer


def attribute_all(
    head_input: HeadInput,
    loaded: Loaded,
    targets: Sequence[Target],
    method: str = "integrated_gradients",
    baseline: str = "mask",
    seed: int = 0,
) -> tuple[Attribution, ...]:
    """Several targets of one input, in their order; those on the same rows share their passes."""
    return _last(attribute_all_steps(head_input, loaded, targets, method, baseline, seed))


def attribute_all_steps(
    head_input: HeadInput,
    loaded: Loaded,
    targets: Sequence[Target | None],
    method: str = "integrated_gradients",
    baseline: str = "mask",
    seed: int = 0,
) -> Iterator[tuple[Attribution, ...]]:
    """The same, refined step by step; each step has all targets, the last one is the answer."""
    require(method, METHODS, "method")
    require(baseline, BASELINES, "baseline")
    asked = head_input, tuple(targets), method, baseline, seed
    key = *asked, loaded.name, loaded.labels, loaded.window
    with _lock:
        own = _answers.setdefault(loaded.model, OrderedDict())
        known = own.get(key)
        if known is not None:
            own.move_to_end(key)
    if known is not None:
        yield known
        return
    fixed = [fix(head_input, loaded, target) for target in targets]
    found: tuple[Attribution, ...] = ()
    for found in _every_step(head_input, loaded, fixed, method, baseline, seed):
        yield found
    with _lock:
        own[key] = found
        while len(own) > REMEMBERED:
            own.popitem(last=False)


def attribute_entities(
    head_input: NerInput,
    loaded: Loaded,
    method: str = "integrated_gradients",
    baseline: str = "mask",
    seed: int = 0,
) -> tuple[Attribution, ...]:
    """One attribution for every entity the model finds, in one run; () when it finds none."""
    require(method, METHODS, "method")
    require(baseline, BASELINES, "baseline")
    fixed = every_entity(head_input, loaded)
    return _last(_every_step(head_input, loaded, fixed, method, baseline, seed))


def require(name: str, known: Sequence[str], what: str) -> None:
    """Raise `InputError` unless a name is one of those that are known."""
    if name not in known:
        raise InputError(f"There is no {what} named {str(name)[:40]!r}; choose {', '.join(known)}.")


def _last(steps: Iterator[tuple[Attribution, ...]]) -> tuple[Attribution, ...]:
    nothing: tuple[Attribution, ...] = ()
    return reduce(lambda _, step: step, steps, nothing)


def _every_step(
    head_input: HeadInput,
    loaded: Loaded,
    fixed: Sequence[Target],
    method: str,
    baseline: str,
    seed: int,
) -> Iterator[tuple[Attribution, ...]]:
    """Attributions of fixed targets, in their order, as soon as each has its first."""
    found: dict[Target, Attribution] = {}
    for question in questions_of(head_input, loaded, fixed):
        for step in answer_steps(question, loaded, method, baseline, seed):
            found |= zip(question.targets, step, strict=True)
            if found.keys() >= set(fixed):
                yield tuple(found[target] for target in fixed)


def answer_steps(
    question: Question, loaded: Loaded, method: str, baseline: str, seed: int
) -> Iterator[tuple[Attribution, ...]]:
    """Attributions of all targets of one question, as the method refines them."""
    began = time.perf_counter()
    function = function_of(question, loaded, baseline)
    ends = function.ends()
    for partial in RUN[method](function, ends, seed):
        seconds = time.perf_counter() - began
        yield tuple(
            Attribution(
                input=question.head_input,
                target=target,
                description=describe(target, question.head_input, question.terms[number]),
                terms=question.terms[number],
                method=method,
                baseline=baseline,
                pieces=question.reading.pieces,
                scores=tuple(partial.scores[number].tolist()),
                ledger=_ledger(partial, number, ends, function, seconds, method in ADDS_UP),
                unread=question.reading.unread,
                model=loaded.name,
                head=loaded.head,
                role=loaded.role,
                pair=loaded.pair,
                seed=seed,
                versions=_versions(),
                edits=question.edits,
            )
            for number, target in enumerate(question.targets)
        )


def _ledger(
    partial: Partial,
    number: int,
    ends: tuple[Tensor, Tensor],
    function: Function,
    seconds: float,
    adds_up: bool,
) -> Ledger:
    value, empty = (float(end[number]) for end in ends)
    total = sum(partial.scores[number].tolist())
    delta = total - (value - empty)
    return Ledger(
        value=value,
        baseline_value=empty,
        total=total,
        delta=delta,
        relative_delta=abs(delta) / max(abs(value - empty), SMALLEST_DIFFERENCE),
        steps=partial.steps,
        forward_passes=function.forward_passes,
        backward_passes=function.backward_passes,
        seconds=seconds,
        adds_up=adds_up,
        converged=partial.converged[number],
        error=partial.errors[number],
    )


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, version(name)) for name in ("captum", "torch", "transformers"))
