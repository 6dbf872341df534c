"""How each head is explained: one file per head, found through `explain.heads.registry`.

A file holds the head's input and target, and `HEAD`: how they are read from plain values, fixed,
turned into logits and said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor

from explain.attribution.piece_rows import PieceRows
from explain.attribution.records import HeadInput, Target, Term
from explain.heads import registry
from explain.models import Loaded

if TYPE_CHECKING:
    from explain.attribution.request import AttributionRequest

OWN = ""  # the model's own answer; as a rival: none
EVERY = "all"  # every target at once, of heads that have `every`

Option = tuple[str, str]  # as shown, as written
Result = Callable[[], Any]  # the head's result; computed when first called


class ReadAnswer(NamedTuple):
    """What a model answers from word pieces as they are, maybe edited."""

    key: Hashable  # equal for the same answer
    text: str
    probability: float  # 0..1
    original: float  # 0..1, probability of the answer before any edit


@dataclass(frozen=True, slots=True)
class AttributionHead:
    """What differs from head to head in an attribution. Targets are fixed but for `fix`."""

    input_type: type[HeadInput]
    target_type: type[Target]
    read: Callable[[Mapping[str, object]], HeadInput]
    """The input from its fields by name, as a visitor or a program gives them."""
    predict: Callable[[Any, Loaded], Any]
    """(input, model) -> the head's result, from one forward pass."""
    options: tuple[Option, ...]
    """Targets that are offered for any input; the first is the default."""
    candidates: Callable[[Any, Result], Sequence[str]]
    """(input, result) -> targets that one model suggests, as written, best first."""
    parse: Callable[[Any, str, str], Target]
    """(input, target, rival), both as written -> the target, open where "" is written."""
    fix: Callable[[Any, Loaded, Any, Result], Target]
    """(input, model, target, result) -> the target with nothing left open."""
    windows: Callable[[Any, Loaded, Any], tuple[PieceRows, ...]]
    """(input, model, target) -> every window that shows what is explained."""
    terms: Callable[[PieceRows, Any, Loaded, Any], tuple[Term, ...]]
    """(window, input, model, target) -> the logits whose weighted sum is explained."""
    names: Callable[[Any, Any], tuple[str, str | None]]
    """(input, target) -> what is explained and its rival, as a visitor would call them."""
    answer: Callable[[Sequence[Tensor], AttributionRequest, Loaded, Hashable], ReadAnswer]
    """(logits of each row, request, model, key before any edit) -> the answer."""
    title: Callable[[Any, Any], str] | None = None
    """(input, target) -> what a menu calls one of several targets, where `names` is too long."""
    rivals: tuple[Option, ...] | None = None  # None: the targets are rivals, too
    every: Callable[[Any, Sequence[Any], str], list[Target]] | None = None
    """(input, results of both models, rival) -> all targets at once, where "all" may be written."""
    whole: Callable[[AttributionRequest, Loaded], AttributionRequest] | None = None
    """The request with all rows that the answer depends on, where it does not read them anyway."""


def attribution_head(name: str) -> AttributionHead:
    """The row of one head, by its name in the registry."""
    head: AttributionHead = registry.module("explain.attribution.heads", name).HEAD
    return head


def most_probable(logits: Tensor, names: Sequence[str] | None, original: Hashable) -> ReadAnswer:
    """The output with the highest logit; `original` is the key of another one to follow."""
    probabilities = logits.softmax(-1)
    key = int(probabilities.argmax())
    kept = key if original is None else original
    assert isinstance(kept, int)
    name = names[key] if names else ""
    return ReadAnswer(key, name, float(probabilities[key]), float(probabilities[kept]))
