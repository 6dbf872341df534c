"""Two models' reasons over a set of items, counted: records, and what they amount to."""

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
    """Some items, explained."""

    count: int
    same_word: Share
    chance_level: float  # 0..1, expected of same_word when each picks a word blindly
    shared: float  # 0..1, mean share of the top words in common
    shared_chance_level: float  # 0..1
    spearman: float  # mean over items


@dataclass(frozen=True, slots=True)
class ExplanationSummary:
    """How far answers agree, and how far their reasons do."""

    total: int  # items to be explained
    done: int
    left_out: int  # items without a name, of NER
    same_answer: Share
    everything: ReasonAgreement
    when_same: ReasonAgreement  # items with one answer
    when_other: ReasonAgreement  # items with two
    items: tuple[ExplainedItem, ...]


def summary(found: Sequence[ExplainedItem], total: int, left_out: int = 0) -> ExplanationSummary:
    """What the items explained so far amount to."""
    same = [one for one in found if one.same_answer]
    return ExplanationSummary(
        total=total,
        done=len(found),
        left_out=left_out,
        same_answer=share(len(same), len(found)),
        everything=_reasons(found),
        when_same=_reasons(same),
        when_other=_reasons([one for one in found if not one.same_answer]),
        items=tuple(found),
    )


def _reasons(found: Sequence[ExplainedItem]) -> ReasonAgreement:
    same = share(sum(one.same_word for one in found), len(found))
    if not found:
        return ReasonAgreement(0, same, 0.0, 0.0, 0.0, 0.0)
    return ReasonAgreement(
        count=len(found),
        same_word=same,
        chance_level=fmean(1 / max(1, one.words) for one in found),
        shared=fmean(one.shared / max(1, one.top) for one in found),
        shared_chance_level=fmean(one.top / max(1, one.words) for one in found),
        spearman=fmean(one.spearman for one in found),
    )
