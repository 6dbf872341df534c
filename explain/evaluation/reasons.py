"""How far two models' explanations of the same items agree: records, and their summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from explain.evaluation.items import Item
from explain.evaluation.tables import Share, share


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """One item, explained by both models."""

    item: Item
    text: str  # the item in words
    same_answer: bool
    teacher: str  # its main word
    student: str
    same_word: bool
    shared: int  # words among the `top` largest scores of both
    top: int
    words: int  # that both models read
    spearman: float  # of the words' scores, -1..1


@dataclass(frozen=True, slots=True)
class ReasonAgreement:
    """How far the explanations of some items agree."""

    count: int
    same_word: Share
    chance_level: float  # 0..1, expected of same_word when each model picks a word at random
    shared: float  # 0..1, mean share of the top words in common
    shared_chance_level: float  # 0..1
    spearman: float  # mean over items


@dataclass(frozen=True, slots=True)
class ExplanationSummary:
    """How far answers agree, and how far their reasons do."""

    total: int  # items to be explained
    done: int
    left_out: int  # items without a name, for NER
    same_answer: Share
    everything: ReasonAgreement
    when_same: ReasonAgreement  # items with one answer
    when_other: ReasonAgreement  # items with two
    items: tuple[ExplainedItem, ...]


def summary(items: Sequence[ExplainedItem], total: int, left_out: int = 0) -> ExplanationSummary:
    """The summary of the items explained so far."""
    same = [item for item in items if item.same_answer]
    return ExplanationSummary(
        total=total,
        done=len(items),
        left_out=left_out,
        same_answer=share(len(same), len(items)),
        everything=_agreement(items),
        when_same=_agreement(same),
        when_other=_agreement([item for item in items if not item.same_answer]),
        items=tuple(items),
    )


def _agreement(items: Sequence[ExplainedItem]) -> ReasonAgreement:
    same = share(sum(item.same_word for item in items), len(items))
    if not items:
        return ReasonAgreement(0, same, 0.0, 0.0, 0.0, 0.0)
    return ReasonAgreement(
        count=len(items),
        same_word=same,
        chance_level=fmean(1 / max(1, item.words) for item in items),
        shared=fmean(item.shared / max(1, item.top) for item in items),
        shared_chance_level=fmean(item.top / max(1, item.words) for item in items),
        spearman=fmean(item.spearman for item in items),
    )
