"""Which logits make up the explained number of a fixed target, and how that is said in words."""

from __future__ import annotations

from explain.attribution.reading import Reading, first_pieces
from explain.attribution.records import (
    FillMaskTarget,
    HeadInput,
    MultipleChoiceTarget,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentTarget,
    Target,
    Term,
)
from explain.heads import ner
from explain.models import Loaded


def terms(
    reading: Reading, head_input: HeadInput, loaded: Loaded, target: Target
) -> tuple[Term, ...]:
    """The logits whose weighted sum is explained, in one window of a fixed target."""
    if isinstance(target, SentimentTarget):
        return tuple(
            Term(0, 0, loaded.labels.index(label), label, weight)
            for label, weight in ((target.label, 1.0), (target.against, -1.0))
            if label is not None
        )
    if isinstance(target, MultipleChoiceTarget):
        return tuple(
            Term(_row_of(reading, choice), 0, 0, f"choice {choice + 1}", weight)
            for choice, weight in ((target.choice, 1.0), (target.against, -1.0))
            if choice is not None
        )
    if isinstance(target, FillMaskTarget):
        return _word_terms(reading, loaded, target)
    if isinstance(target, NerTarget):
        assert isinstance(head_input, NerInput)
        return _tag_terms(reading, head_input.text, loaded, target)
    return _span_terms(reading, target)


def _row_of(reading: Reading, choice: int) -> int:
    """The row that shows a choice."""
    part = f"choice {choice + 1}"
    shown = [{reading.pieces[i].part for i in row} for row in reading.layout]
    return next(number for number, parts in enumerate(shown) if part in parts)


def _word_terms(reading: Reading, loaded: Loaded, target: FillMaskTarget) -> tuple[Term, ...]:
    masks = [i for i, piece in enumerate(reading.pieces) if piece.is_special and piece.end]
    found = []
    for ids, weight in ((target.ids, 1.0), (target.against_ids, -1.0)):
        names = loaded.tokenizer.convert_ids_to_tokens(list(ids))
        found += [
            Term(0, mask, id_, name, weight)
            for mask, id_, name in zip(masks, ids, names, strict=False)  # the rival may be ()
        ]
    return tuple(found)


def _tag_terms(reading: Reading, text: str, loaded: Loaded, target: NerTarget) -> tuple[Term, ...]:
    """The tag logits at the first piece of every word; a word without pieces has none."""
    assert target.start is not None and target.end is not None
    words = [
        number
        for number, (start, end) in enumerate(ner.words_of(text))
        if start < target.end and end > target.start
    ]
    positions = first_pieces(reading.pieces, target.start, target.end)
    found = []
    for tags, weight in ((target.tags, 1.0), (target.against_tags, -1.0)):
        tag_of = dict(zip(words, tags, strict=False))  # the rival may be ()
        for position in positions:
            tag = tag_of.get(reading.pieces[position].word)
            if tag is not None:
                found.append(Term(0, position, loaded.labels.index(tag), tag, weight))
    return tuple(found)


def _span_terms(reading: Reading, target: QuestionAnsweringTarget) -> tuple[Term, ...]:
    context = [(i, piece) for i, piece in enumerate(reading.pieces) if piece.part == "context"]
    found = []
    spans = [(target.start, target.end, 1.0), (target.against_start, target.against_end, -1.0)]
    for start, end, weight in spans:
        if start is None or end is None:
            continue
        inside = [i for i, piece in context if piece.start < end and piece.end > start]
        for output, (part, position) in enumerate((("start", inside[0]), ("end", inside[-1]))):
            if target.part in (part, "span"):
                found.append(Term(0, position, output, part, weight))
    return tuple(found)


def describe(target: Target, head_input: HeadInput, terms: tuple[Term, ...]) -> str:
    """The explained number of a fixed target, in words."""
    named, rival = _names(target, head_input)
    several = sum(term.weight > 0 for term in terms) > 1
    what = "sum of the logits" if several else "logit"
    return f"{what} of {named}" + (f" less that of {rival}" if rival else "")


def _names(target: Target, head_input: HeadInput) -> tuple[str, str | None]:
    """What is explained and its rival, as a visitor would call them."""
    if isinstance(target, SentimentTarget):
        return f"“{target.label}”", target.against and f"“{target.against}”"
    if isinstance(target, FillMaskTarget):
        return f"“{target.word}”", target.against and f"“{target.against}”"
    if isinstance(target, MultipleChoiceTarget):
        assert target.choice is not None
        rival = None if target.against is None else f"choice {target.against + 1}"
        return f"choice {target.choice + 1}", rival
    if isinstance(target, NerTarget):
        assert isinstance(head_input, NerInput)
        text = head_input.text[target.start : target.end]
        return f"{' '.join(target.tags)} at “{text}”", " ".join(target.against_tags) or None
    assert isinstance(head_input, QuestionAnsweringInput)
    what = {"start": "the start of ", "end": "the end of ", "span": ""}[target.part]
    rival = None
    if target.against_start is not None:
        rival = f"{what}“{head_input.context[target.against_start : target.against_end]}”"
    return f"{what}“{head_input.context[target.start : target.end]}”", rival
