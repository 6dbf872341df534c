"""A question that is ready to be answered: fixed targets, and the rows they are read from."""

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
class Question:
    """Targets of one input that are read from the same rows."""

    head_input: HeadInput
    reading: Reading
    targets: tuple[Target, ...]
    terms: tuple[tuple[Term, ...], ...]  # parallel to targets
    edits: tuple[Edit, ...] = ()  # already made to the reading


def question_of(head_input: HeadInput, loaded: Loaded, target: Target | None = None) -> Question:
    """One target, fixed now if it leaves anything open."""
    (question,) = questions_of(head_input, loaded, [fix(head_input, loaded, target)])
    return question


def questions_of(
    head_input: HeadInput, loaded: Loaded, targets: Sequence[Target]
) -> tuple[Question, ...]:
    """Fixed targets, put together where they are read from the same rows."""
    together: dict[Reading, list[tuple[Target, tuple[Term, ...]]]] = {}
    for target in targets:
        reading = _best_window(head_input, loaded, target)
        pair = target, terms(reading, head_input, loaded, target)
        together.setdefault(reading, []).append(pair)
    return tuple(
        Question(head_input, reading, tuple(t for t, _ in pairs), tuple(t for _, t in pairs))
        for reading, pairs in together.items()
    )


def function_of(question: Question, loaded: Loaded, baseline: str) -> Function:
    """The explained numbers as a function of the embeddings."""
    return Function(loaded, question.reading, question.terms, baseline)


def _best_window(head_input: HeadInput, loaded: Loaded, target: Target) -> Reading:
    """The window in which what is explained, rivals aside, is highest: the head answers there."""
    readings = read(head_input, loaded, target)
    if len(readings) == 1:
        return readings[0]

    def value(reading: Reading) -> float:
        asked = tuple(t for t in terms(reading, head_input, loaded, target) if t.weight > 0)
        return float(Function(loaded, reading, [asked], "mask").ends()[0])

    return max(readings, key=value)
