"""Explaining sentiment: the logit of one label."""

from __future__ import annotations

from dataclasses import dataclass

from explain.attribution.heads import OWN, AttributionHead, Result, most_probable
from explain.attribution.parsing import fields
from explain.attribution.piece_rows import PieceRows, piece_rows
from explain.attribution.records import Target, Term, TextInput
from explain.heads import sentiment
from explain.models import Loaded
from explain.records import InputError


@dataclass(frozen=True, slots=True)
class SentimentInput(TextInput):
    """A text to be judged."""


@dataclass(frozen=True, slots=True)
class SentimentTarget(Target):
    """One of the two labels."""

    label: str | None = None  # the model's own when None
    against: str | None = None


def _fix(
    head_input: SentimentInput, loaded: Loaded, target: SentimentTarget, result: Result
) -> SentimentTarget:
    named = target.label if target.label is not None else target.against
    sentiment.encode(head_input.text, loaded, named)
    label = target.label or result().label
    if target.against is not None and (
        target.against == label or target.against not in sentiment.LABELS
    ):
        raise InputError(f"Choose the other label to compare {label} with.")
    return SentimentTarget(label, target.against)


def _terms(
    window: PieceRows, head_input: SentimentInput, loaded: Loaded, target: SentimentTarget
) -> tuple[Term, ...]:
    return tuple(
        Term(0, 0, loaded.labels.index(label), label, weight)
        for label, weight in ((target.label, 1.0), (target.against, -1.0))
        if label is not None
    )


_LABELS = tuple((label, label) for label in sentiment.LABELS)

HEAD = AttributionHead(
    input_type=SentimentInput,
    target_type=SentimentTarget,
    read=lambda values: SentimentInput(*fields(values, "text")),
    predict=lambda head_input, loaded: sentiment.classify(head_input.text, loaded),
    options=(("each model’s own label", OWN), *_LABELS),
    candidates=lambda head_input, result: (),
    parse=lambda head_input, label, against: SentimentTarget(label or None, against or None),
    fix=_fix,
    windows=lambda head_input, loaded, target: (
        piece_rows(loaded, sentiment.encode(head_input.text, loaded).rows),
    ),
    terms=_terms,
    names=lambda head_input, target: (
        f"“{target.label}”",
        target.against and f"“{target.against}”",
    ),
    answer=lambda logits, request, loaded, original: most_probable(
        logits[0][0], loaded.labels, original
    ),
    rivals=_LABELS,
)
