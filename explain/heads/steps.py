"""Encode, forward, decode: the three steps of every head, for one input or for many.

Every module of a head publishes them, and its verb is `answers` of them:

    encode(..., loaded) -> a record with `rows`: what the model reads, one row per window
    forward(loaded, inputs, rows) -> one tensor per row, (places, outputs), of the head's logits
    decode(encoded, logits, loaded, timing, ...) -> the head's result

`forward` takes `inputs_embeds` in place of `input_ids` and keeps gradients; `run` calls it in
padded batches without any. A head that is a trunk and some layers above it also publishes what
these compute, so that heads on one trunk can share their passes:

    read_out(loaded, hidden, rows) -> what `forward` gives, from the trunk's last hidden states
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar

import torch

from explain.encoding import Inputs, Row, now, since, tensors, unknown_signs
from explain.heads.registry import module
from explain.models import Loaded
from explain.models.layers import trunk, trunk_layers
from explain.records import Timing

PADDED_BUDGET = 1_024  # word pieces of one padded batch, padding included: its arrays stay in cache
PASS_COST = 100  # fixed cost of a batch, in word pieces, measured with the pocket pair


class Result(Protocol):
    """What any head's `decode` gives: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Encoded(Protocol):
    """What any head's `encode` gives."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the model reads of one input."""


Forward = Callable[[Loaded, Inputs, Sequence[Row]], Sequence[torch.Tensor]]
ReadOut = Callable[[Loaded, torch.Tensor, Sequence[Row]], Sequence[torch.Tensor]]
Part = tuple[int, Row]  # identity of a model, and a row for it
EncodedT = TypeVar("EncodedT", bound=Encoded)
ResultT = TypeVar("ResultT", bound=Result)
UNTIMED = Timing(0.0, 0.0, 0)  # of a result that is decoded from logits computed elsewhere


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of rows that go through the model together, given their word pieces.

    Of all ways to cut the rows, longest first, into batches within the budget, the one that
    computes least: every row is padded to the first of its batch, and every batch has the fixed
    cost `PASS_COST`.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    cost, first = [0.0] + [math.inf] * len(order), [0] * (len(order) + 1)  # of the first n rows
    for start, index in enumerate(order):
        longest = lengths[index]
        for count in range(1, min(max(1, PADDED_BUDGET // longest), len(order) - start) + 1):
            total = cost[start] + PASS_COST + count * longest
            if total < cost[start + count]:
                cost[start + count], first[start + count] = total, start
    ends = [len(order)]
    while ends[-1]:
        ends.append(first[ends[-1]])
    for start, end in itertools.pairwise(reversed(ends)):
        yield order[start:end]


Runner = Callable[[Loaded, Sequence[Row], Forward], tuple[list[torch.Tensor], float]]
_runner: ContextVar[Runner | None] = ContextVar("runner", default=None)


@contextmanager
def computed_by(runner: Runner) -> Iterator[None]:
    """Hand the forward passes of the verbs called inside, in this thread, to `runner`."""
    token = _runner.set(runner)
    try:
        yield
    finally:
        _runner.reset(token)


def run(loaded: Loaded, rows: Sequence[Row], forward: Forward) -> tuple[list[torch.Tensor], float]:
    """What `forward` gives for every row, in the order of `rows`, and the milliseconds it took.

    Computed here, in padded batches, unless `computed_by` names who does it.
    """
    if runner := _runner.get():
        return runner(loaded, rows, forward)
    began = now()
    if len(rows) == 1:  # one answer: what is left out here is felt
        inputs = tensors(loaded, rows)
        del inputs["attention_mask"]  # nothing is padded
        with torch.inference_mode():
            return [*forward(loaded, inputs, rows)], since(began)
    logits: dict[int, torch.Tensor] = {}
    with torch.inference_mode():
        for group in batches([len(row.ids) for row in rows]):
            chosen = [rows[index] for index in group]
            computed = forward(loaded, tensors(loaded, chosen), chosen)
            logits |= zip(group, computed, strict=True)
    return [logits[index] for index in range(len(rows))], since(began)


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Rows that are to go through one model, maybe together with those of others."""

    loaded: Loaded
    rows: Sequence[Row]
    forward: Forward

    @property
    def read_out(self) -> ReadOut | None:
        """What the head computes above its trunk; None if the pass is not the head's own."""
        head = module("explain.heads", self.loaded.head)
        return getattr(head, "read_out", None) if self.forward is head.forward else None

    @property
    def key(self) -> tuple[object, ...]:
        """Passes of one key can share a batch: those of one model, or through one trunk."""
        model = self.loaded.model
        if self.read_out is None:
            return id(model), self.forward
        return id(trunk(model).embeddings), id(trunk_layers(model))

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the pass of each row depends on."""
        return tuple((id(self.loaded.model), row) for row in self.rows)


def run_together(
    passes: Sequence[Passes],
) -> tuple[list[list[torch.Tensor]], float]:
    """What `run` gives for each, and the milliseconds of all; they have one `key`.

    What several ask of one model is computed once. The trunk that several heads share is computed
    once for the rows of all, in padded batches.
    """
    owners = {part: each for each in passes for part in each.parts}
    rows = [row for _, row in owners]
    if len({model for model, _ in owners}) == 1:
        logits, spent = run(passes[0].loaded, rows, passes[0].forward)
    else:
        logits, spent = _run_on_trunk(rows, [*owners.values()])
    computed = dict(zip(owners, logits, strict=True))
    return [[computed[part] for part in each.parts] for each in passes], spent


def _run_on_trunk(
    rows: Sequence[Row], owners: Sequence[Passes]
) -> tuple[list[torch.Tensor], float]:
    """Rows through the trunk that the models of their owners share, then each through its head."""
    began = now()
    loaded = owners[0].loaded
    logits: dict[int, torch.Tensor] = {}
    with torch.inference_mode():
        for group in batches([len(row.ids) for row in rows]):
            inputs = tensors(loaded, [rows[index] for index in group])
            hidden = trunk(loaded.model)(**inputs).last_hidden_state
            places: dict[int, list[int]] = {}  # in the group, of each model
            for place, index in enumerate(group):
                places.setdefault(id(owners[index].loaded.model), []).append(place)
            for chosen in places.values():
                indices = [group[place] for place in chosen]
                owner = owners[indices[0]]
                assert owner.read_out is not None
                read = [rows[index] for index in indices]
                logits |= zip(
                    indices, owner.read_out(owner.loaded, hidden[chosen], read), strict=True
                )
    return [logits[index] for index in range(len(rows))], since(began)


def answers(
    loaded: Loaded,
    encode: Callable[[], Sequence[EncodedT]],
    forward: Forward,
    decode: Callable[[EncodedT, Sequence[torch.Tensor], Timing], ResultT],
) -> tuple[ResultT, ...]:
    """The three steps for some inputs: encoded one by one, all rows in padded batches, decoded.

    Each result carries an equal share of the time, counts its own word pieces, and names the signs
    that the vocabulary lacks.
    """
    began = now()
    encoded = encode()
    tokenise = since(began) / max(1, len(encoded))
    logits, spent = run(loaded, [row for each in encoded for row in each.rows], forward)
    results, first = [], 0
    for each in encoded:
        last = first + len(each.rows)
        pieces = sum(len(row.ids) for row in each.rows)
        timing = Timing(tokenise, spent / len(encoded), pieces)
        result = decode(each, logits[first:last], timing)
        unknown = unknown_signs(loaded, each.rows)
        results.append(replace(result, unknown=unknown) if unknown else result)
        first = last
    return tuple(results)
