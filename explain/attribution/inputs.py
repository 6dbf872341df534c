"""What is asked why, as a visitor or a program writes it: plain text in, input and targets out.

One row of `ASKING` a head. A target is written as the answer itself: a word for [MASK], a label, a
name in the text, the number of a choice, words of the context; "" leaves it to each model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from explain.attribution.engine import require
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
from explain.attribution.targets import every_entity
from explain.encoding import optional_text, require_text
from explain.heads import fill_mask, question_answering, sentiment
from explain.models import HEADS, Loaded
from explain.records import InputError
from explain.words import find

OWN = ""  # each model's own answer; as a rival: none
EVERY = "all"  # every entity that either model finds
MOST_ENTITIES = 8  # explained in one run

Option = tuple[str, str]  # as shown, as written


@dataclass(frozen=True, slots=True)
class Asking:
    """How one head is asked."""

    read: Callable[[Mapping[str, object]], HeadInput]
    options: tuple[Option, ...]  # targets there are for any input; the first is asked at first
    answers: Callable[[Any, Loaded], Sequence[str]]  # targets that one model offers, best first
    target: Callable[[Any, str, str], Target]
    rivals: tuple[Option, ...] | None = None  # None: answers are rivals, too


def read(head: str, values: Mapping[str, object]) -> HeadInput:
    """The input of a head from its fields by name; choices are a list, or lines of one text."""
    require(head, tuple(HEADS), "head")
    if not isinstance(values, Mapping):
        raise InputError("Give the inputs as an object of named fields.")
    return ASKING[head].read(values)


def targets_of(
    head_input: HeadInput, loaded: Sequence[Loaded], wanted: str = OWN, against: str = OWN
) -> tuple[tuple[Target, ...], int]:
    """What both models are to explain, and how many more entities there are than are explained."""
    wanted, against = (
        (optional_text(given, what) or OWN).strip()
        for given, what in ((wanted, "target"), (against, "rival"))
    )
    if not isinstance(head_input, NerInput) or wanted != EVERY:
        return (ASKING[loaded[0].head].target(head_input, wanted, against),), 0
    found = {
        (entity.start or 0, entity.end or 0, entity.kind or "")
        for one in loaded
        for entity in every_entity(head_input, one)
    }
    if not found:
        raise InputError(
            "Neither model finds a name. Write a word of the text and a kind, such as "
            "“Paris as LOC”, to see what speaks for it."
        )
    every = [  # a name of the rival's own kind is explained by itself
        NerTarget(start, end, kind, None if kind == against else against or None)
        for start, end, kind in sorted(found)
    ]
    return tuple(every[:MOST_ENTITIES]), max(0, len(every) - MOST_ENTITIES)


def offered(
    head_input: HeadInput, loaded: Sequence[Loaded], named: str = ""
) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
    """Targets and rivals to choose from: what the models answer, and what the visitor named."""
    asking = ASKING[loaded[0].head]
    found = [asking.answers(head_input, one) for one in loaded]
    words = dict.fromkeys(
        word for each in zip_longest(*found) for word in (*each, named.strip()) if word
    )
    answers = tuple((f"{word}{_whose(word, found, loaded)}", word) for word in words)
    return (*asking.options, *answers), rivals_of(loaded[0].head, answers)


def _whose(word: str, found: Sequence[Sequence[str]], loaded: Sequence[Loaded]) -> str:
    """Which model alone gives an answer; "" where it is both, or the visitor."""
    roles = [one.role for one, answers in zip(loaded, found, strict=True) if word in answers]
    return f" ({roles[0]} only)" if len(roles) == 1 < len(loaded) else ""


def rivals_of(head: str, answers: tuple[Option, ...] = ()) -> tuple[Option, ...]:
    """Rivals to choose from, none first."""
    rivals = ASKING[head].rivals
    return (("nothing else", OWN), *(answers if rivals is None else rivals))


def _fields(values: Mapping[str, object], *names: str) -> list[str]:
    missing = [name for name in names if name not in values]
    if missing:
        raise InputError(f"The inputs need {' and '.join(names)}; {missing[0]} is missing.")
    return [require_text(values[name], name) for name in names]


def _read_choices(values: Mapping[str, object]) -> MultipleChoiceInput:
    (prompt,) = _fields(values, "prompt")
    choices = values.get("choices", ())
    if isinstance(choices, str):
        choices = [line.strip() for line in choices.splitlines() if line.strip()]
    if not isinstance(choices, list | tuple):
        raise InputError("Give the choices as a list of texts.")
    texts = [require_text(text, f"choice {n}") for n, text in enumerate(choices, start=1)]
    return MultipleChoiceInput(prompt, tuple(texts))


def _best_words(asked: FillMaskInput, loaded: Loaded) -> list[str]:
    return [one.word for one in fill_mask.fill(asked.text, loaded, 5).candidates]


def _word(asked: FillMaskInput, wanted: str, against: str) -> FillMaskTarget:
    return FillMaskTarget(wanted or None, against or None)


def _label(asked: SentimentInput, wanted: str, against: str) -> SentimentTarget:
    return SentimentTarget(wanted or None, against or None)


def _entities(asked: NerInput, loaded: Loaded) -> list[str]:
    written = []
    for one in every_entity(asked, loaded):
        assert one.start is not None and one.end is not None
        written.append(f"{_placed(asked.text, one.start, one.end)} as {one.kind}")
    return written


def _placed(text: str, start: int, end: int) -> str:
    """Some words of a text, with their first character where they stand in it more than once."""
    words = text[start:end]
    alone = text.count(words) == 1 and find(text, words) == (start, end)
    return words if alone else f"{words}@{start}"


def _entity(asked: NerInput, wanted: str, against: str) -> NerTarget:
    if not wanted:
        return NerTarget(against=against or None)
    named = re.fullmatch(r"(.*?)(?: as (PER|ORG|LOC|MISC|O))?", wanted, re.DOTALL)
    assert named is not None
    start, end = _place(asked.text, named[1], "text")
    return NerTarget(start, end, named[2], against or None)


def _numbers(asked: MultipleChoiceInput, loaded: Loaded) -> list[str]:
    return [f"{number}. {choice}" for number, choice in enumerate(asked.choices, start=1)]


def _choice(asked: MultipleChoiceInput, wanted: str, against: str) -> MultipleChoiceTarget:
    def index(written: str) -> int | None:
        if not written:
            return None
        numbers = [str(number + 1) for number in range(len(asked.choices))]
        if (number := written.partition(".")[0]) not in numbers:
            raise InputError(
                f"Name a choice by its number, 1 to {len(numbers)}, not {written[:40]!r}."
            )
        return numbers.index(number)

    return MultipleChoiceTarget(index(wanted), index(against))


def _spans(asked: QuestionAnsweringInput, loaded: Loaded) -> list[str]:
    spans = question_answering.answer(asked.question, asked.context, loaded, 3).spans
    return [_placed(asked.context, one.start, one.end) for one in spans]


def _span(asked: QuestionAnsweringInput, wanted: str, against: str) -> QuestionAnsweringTarget:
    """Words of the context, after "start of" or "end of" if that alone is asked."""
    part = "span"
    named = re.fullmatch(r"(start|end) of(?:\s+(.*))?", wanted, re.DOTALL)
    if named and (named[2] is None or wanted not in asked.context):
        part, wanted = named[1], named[2] or OWN
    start, end = _place(asked.context, wanted, "context") if wanted else (None, None)
    rival = _place(asked.context, against, "context") if against else (None, None)
    return QuestionAnsweringTarget(part, start, end, *rival)


def _place(text: str, written: str, what: str) -> tuple[int, int]:
    """Where some words first stand; "words@26": from character 26 on."""
    named = re.fullmatch(r"(.*)@(\d{1,6})", written, re.DOTALL)
    at = 0
    if named and written not in text:
        written, at = named[1], int(named[2])
        if text.startswith(written, at):
            return at, at + len(written)
    found = find(text, written, at)
    if found is None:
        raise InputError(f"{written[:40]!r} is not in the {what}: copy it from there.")
    return found


_KINDS = (("no name (O)", "O"), ("PER", "PER"), ("ORG", "ORG"), ("LOC", "LOC"), ("MISC", "MISC"))
_LABELS = tuple((label, label) for label in sentiment.LABELS)

ASKING: dict[str, Asking] = {
    "fill_mask": Asking(
        lambda values: FillMaskInput(*_fields(values, "text")),
        (("each model’s own word", OWN),), _best_words, _word,
    ),
    "sentiment": Asking(
        lambda values: SentimentInput(*_fields(values, "text")),
        (("each model’s own label", OWN), *_LABELS), lambda asked, loaded: (), _label, _LABELS,
    ),
    "ner": Asking(
        lambda values: NerInput(*_fields(values, "text")),
        (("every name found", EVERY), ("each model’s surest name", OWN)), _entities, _entity,
        _KINDS,
    ),
    "multiple_choice": Asking(
        _read_choices, (("each model’s own choice", OWN),), _numbers, _choice,
    ),
    "question_answering": Asking(
        lambda values: QuestionAnsweringInput(*_fields(values, "question", "context")),
        (
            ("each model’s own answer", OWN), ("where its answer starts", "start of"),
            ("where its answer ends", "end of"),
        ),
        _spans, _span,
    ),
}  # fmt: skip
