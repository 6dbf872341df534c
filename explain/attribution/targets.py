"""Which number is explained: what a target leaves open is fixed from the model's own answer, once.

One call of the head per model and target decides, which also checks the input; all names of a
text share one. What was fixed is kept for a while, so that an estimate, an attribution and its
follow-ups do not compute the same prediction again. A target never moves while it is explained.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from explain.attribution.records import (
    FillMaskInput,
    FillMaskTarget,
    HeadInput,
    MultipleChoiceInput,
    MultipleChoiceTarget,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    SentimentTarget,
    Target,
)
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import Loaded
from explain.records import InputError, NerResult

if TYPE_CHECKING:
    from transformers import PreTrainedModel

T = TypeVar("T")
KEPT = 64  # predictions and fixed targets of a model, for as long as the model is in memory
_kept: WeakKeyDictionary[PreTrainedModel, OrderedDict[Hashable, Any]] = WeakKeyDictionary()
_lock = threading.Lock()

KINDS: dict[type, tuple[str, type]] = {
    FillMaskInput: ("fill_mask", FillMaskTarget),
    SentimentInput: ("sentiment", SentimentTarget),
    NerInput: ("ner", NerTarget),
    MultipleChoiceInput: ("multiple_choice", MultipleChoiceTarget),
    QuestionAnsweringInput: ("question_answering", QuestionAnsweringTarget),
}
PARTS = ("start", "end", "span")


def fix(head_input: HeadInput, loaded: Loaded, target: Target | None = None) -> Target:
    """The target with nothing left open; at most one call of the head."""
    head, kind = KINDS[type(head_input)]
    wanted: Target = kind() if target is None else target
    if loaded.head != head or not isinstance(wanted, kind):
        raise InputError(f"This input asks for a {head} model and a {kind.__name__}.")
    return _keep(loaded, (head_input, wanted), lambda: _fix(head_input, loaded, wanted))


def _keep(loaded: Loaded, key: Hashable, compute: Callable[[], T]) -> T:
    """What `compute` returns, from memory if this model was asked for it lately."""
    key = key, loaded.name, loaded.labels, loaded.window
    with _lock:
        kept = _kept.setdefault(loaded.model, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            value: T = kept[key]
            return value
    value = compute()
    with _lock:
        kept[key] = value
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return value


def _fix(head_input: HeadInput, loaded: Loaded, target: Target) -> Target:
    if isinstance(head_input, SentimentInput) and isinstance(target, SentimentTarget):
        return _fix_sentiment(head_input, loaded, target)
    if isinstance(head_input, FillMaskInput) and isinstance(target, FillMaskTarget):
        return _fix_fill_mask(head_input, loaded, target)
    if isinstance(head_input, NerInput) and isinstance(target, NerTarget):
        return _fix_ner(_tagged(head_input, loaded), target)
    if isinstance(head_input, MultipleChoiceInput) and isinstance(target, MultipleChoiceTarget):
        return _fix_multiple_choice(head_input, loaded, target)
    assert isinstance(head_input, QuestionAnsweringInput)
    assert isinstance(target, QuestionAnsweringTarget)
    return _fix_question_answering(head_input, loaded, target)


def every_entity(head_input: NerInput, loaded: Loaded) -> tuple[NerTarget, ...]:
    """A fixed target for each entity the model finds; () when it finds none."""
    result = _tagged(head_input, loaded)
    return tuple(
        _fix_ner(result, NerTarget(entity.start, entity.end, entity.kind))
        for entity in result.entities
    )


def _tagged(head_input: NerInput, loaded: Loaded) -> NerResult:
    return _keep(loaded, head_input, lambda: ner.tag(head_input.text, loaded))


def _fix_sentiment(
    head_input: SentimentInput, loaded: Loaded, target: SentimentTarget
) -> SentimentTarget:
    named = target.label if target.label is not None else target.against
    result = sentiment.classify(head_input.text, loaded, named)
    label = target.label or result.label
    if target.against is not None and (
        target.against == label or target.against not in sentiment.LABELS
    ):
        raise InputError(f"Choose the other label to compare {label} with.")
    return SentimentTarget(label, target.against)


def _fix_fill_mask(
    head_input: FillMaskInput, loaded: Loaded, target: FillMaskTarget
) -> FillMaskTarget:
    best = fill_mask.fill(head_input.text, loaded, 1).candidates[0].word
    word, ids = _word(head_input, loaded, best if target.word is None else target.word)
    if target.against is None:
        return FillMaskTarget(word, None, ids)
    rival, rival_ids = _word(head_input, loaded, target.against)
    if rival_ids == ids:
        raise InputError(f"Name a word other than {word[:40]!r} to compare it with.")
    if len(rival_ids) != len(ids):
        raise InputError(
            f"{word[:40]!r} and {rival[:40]!r} are not of the same number of word pieces, so they "
            "cannot stand in the same masks: choose another word to compare with."
        )
    return FillMaskTarget(word, rival, ids, rival_ids)


def _word(head_input: FillMaskInput, loaded: Loaded, word: str) -> tuple[str, tuple[int, ...]]:
    """A typed word, or an entry of the vocabulary such as ##ing, and the ids of its pieces."""
    tokenizer = loaded.tokenizer
    known = tokenizer.convert_tokens_to_ids(word)
    if known != tokenizer.unk_token_id:
        return word, (known,)
    score = fill_mask.fill(head_input.text, loaded, 1, word).answer
    if score is None:
        raise InputError("Name a word for the place of [MASK].")
    return score.word, tuple(tokenizer.convert_tokens_to_ids(list(score.pieces)))


def _fix_ner(result: NerResult, target: NerTarget) -> NerTarget:
    start, end, kind = target.start, target.end, target.kind
    if start is None or end is None:
        if not result.entities:
            raise InputError("The model finds no entity: choose a word and a kind to ask about.")
        surest = max(result.entities, key=lambda entity: entity.probability)
        start, end, kind = surest.start, surest.end, kind or surest.kind
    words = [word for word in result.words if word.start < end and word.end > start]
    if not words:
        raise InputError(f"There is no word between the characters {start} and {end}.")
    start, end = words[0].start, words[-1].end  # a tag is of a whole word
    kinds = dict.fromkeys(name.rpartition("-")[2] for name in result.labels)
    for named in (kind, target.against):
        if named is not None and named not in kinds:
            raise InputError(f"{named[:40]!r} is no kind of entity; use {', '.join(kinds)}.")
    if kind is None:
        kind = _likeliest(words[0].logits, result.labels, None).rpartition("-")[2]
    tags = tuple(_likeliest(word.logits, result.labels, kind) for word in words)
    if target.against is None:
        return NerTarget(start, end, kind, None, tags)
    if target.against == kind:
        raise InputError(f"Choose a kind other than {kind} to compare it with.")
    against = tuple(_likeliest(word.logits, result.labels, target.against) for word in words)
    return NerTarget(start, end, kind, target.against, tags, against)


def _likeliest(logits: tuple[float, ...], labels: tuple[str, ...], kind: str | None) -> str:
    """The tag with the highest logit, of one kind or of any."""
    allowed = [i for i, name in enumerate(labels) if kind in (None, name.rpartition("-")[2])]
    return labels[max(allowed, key=lambda i: logits[i])]


def _fix_multiple_choice(
    head_input: MultipleChoiceInput, loaded: Loaded, target: MultipleChoiceTarget
) -> MultipleChoiceTarget:
    result = multiple_choice.choose(head_input.prompt, head_input.choices, loaded, target.choice)
    choice = result.best if target.choice is None else target.choice
    if target.against is not None and (
        target.against == choice or not 0 <= target.against < len(head_input.choices)
    ):
        raise InputError(f"Choose one of the other choices to compare choice {choice + 1} with.")
    return MultipleChoiceTarget(choice, target.against)


def _fix_question_answering(
    head_input: QuestionAnsweringInput, loaded: Loaded, target: QuestionAnsweringTarget
) -> QuestionAnsweringTarget:
    if target.part not in PARTS:
        raise InputError(f"Ask about the start, the end or the span, not {target.part[:40]!r}.")
    if (target.against_start is None) != (target.against_end is None):
        raise InputError("Give both the start and the end of the answer to compare with.")
    span = None
    if target.start is not None and target.end is not None:
        span = target.start, target.end
    result = question_answering.answer(head_input.question, head_input.context, loaded, 1, span)
    if span is None:
        span = result.spans[0].start, result.spans[0].end
    return replace(target, start=span[0], end=span[1])
