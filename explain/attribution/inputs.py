"""Inputs and targets as a visitor or a program writes them: plain text in, fixed targets out.

A target is written as the answer itself: a word for [MASK], a label, a name in the text, the number
of a choice, words of the context; "" leaves it to each model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from explain.attribution.engine import require
from explain.attribution.heads import EVERY, OWN, Option, attribution_head
from explain.attribution.records import HeadInput, Target
from explain.attribution.request import fix, head_result
from explain.encoding import optional_text
from explain.heads import registry
from explain.models import Loaded
from explain.records import InputError

MOST_TARGETS = 8  # explained in one run


@dataclass(frozen=True, slots=True)
class FixedTargets:
    """What several models are to explain, with nothing left open."""

    targets: tuple[tuple[Target, ...], ...]  # parallel to the models, then to each other
    left_out: int  # targets beyond `MOST_TARGETS`


def read(head: str, values: Mapping[str, object]) -> HeadInput:
    """The input of a head from its fields by name; choices are a list, or lines of one text."""
    require(head, registry.HEADS, "head")
    if not isinstance(values, Mapping):
        raise InputError("Give the inputs as an object of named fields.")
    return attribution_head(head).read(values)


def fixed_targets(
    head_input: HeadInput, loaded: Sequence[Loaded], written: str = OWN, against: str = OWN
) -> FixedTargets:
    """The targets that are written, fixed for each model by one forward pass, if any is needed."""
    written, against = (
        (optional_text(text, what) or OWN).strip()
        for text, what in ((written, "target"), (against, "rival"))
    )
    head = attribution_head(loaded[0].head)
    results = [head_result(head_input, model) for model in loaded]
    if head.every is not None and written == EVERY:
        targets = head.every(head_input, [result() for result in results], against)
    else:
        targets = [head.parse(head_input, written, against)]
    fixed = tuple(
        tuple(fix(head_input, model, target, result) for target in targets[:MOST_TARGETS])
        for model, result in zip(loaded, results, strict=True)
    )
    return FixedTargets(fixed, max(0, len(targets) - MOST_TARGETS))


def offered(
    head_input: HeadInput, loaded: Sequence[Loaded], named: str = ""
) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """Targets and rivals to choose from: what the models answer, and what the visitor named."""
    head = attribution_head(loaded[0].head)
    named = (optional_text(named, "answer") or "").strip()
    candidates = [head.candidates(head_input, head_result(head_input, model)) for model in loaded]
    words = dict.fromkeys(
        word for row in zip_longest(*candidates) for word in (*row, named) if word
    )
    answers = tuple((f"{word}{_only_of(word, candidates, loaded)}", word) for word in words)
    return (*head.options, *answers), rivals_of(loaded[0].head, answers)


def _only_of(word: str, candidates: Sequence[Sequence[str]], loaded: Sequence[Loaded]) -> str:
    """The model that alone gives an answer; "" where both do, or the visitor."""
    pairs = zip(loaded, candidates, strict=True)
    roles = [model.role for model, answers in pairs if word in answers]
    return f" ({roles[0]} only)" if len(roles) == 1 < len(loaded) else ""


def rivals_of(head: str, answers: tuple[Option, ...] = ()) -> tuple[Option, ...]:
    """Rivals to choose from, none first."""
    rivals = attribution_head(head).rivals
    return (("no other answer", OWN), *(answers if rivals is None else rivals))
