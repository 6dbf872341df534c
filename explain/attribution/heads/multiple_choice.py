"""Explaining multiple choice: the score of one choice, which depends on no other choice."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explain.attribution.heads import OWN, AttributionHead, ReadAnswer, Result, most_probable
from explain.attribution.parsing import fields
from explain.attribution.piece_rows import PieceRows, piece_rows
from explain.attribution.records import HeadInput, Target, Term
from explain.attribution.request import AttributionRequest
from explain.encoding import require_text
from explain.heads import multiple_choice
from explain.models import Loaded
from explain.records import InputError


@dataclass(frozen=True, slots=True)
class MultipleChoiceInput(HeadInput):
    """A prompt and 2 to 8 choices."""

    prompt: str
    choices: tuple[str, ...]

    def text_of(self, part: str) -> str:
        """The prompt, or one choice: "choice 1" is the first."""
        number = part.removeprefix("choice ")
        return self.prompt if part == "prompt" else self.choices[int(number) - 1]


@dataclass(frozen=True, slots=True)
class MultipleChoiceTarget(Target):
    """One choice, counted from 0."""

    choice: int | None = None  # the model's own when None
    against: int | None = None


def _read(values: Mapping[str, object]) -> MultipleChoiceInput:
    (prompt,) = fields(values, "prompt")
    choices = values.get("choices", ())
    if isinstance(choices, str):
        choices = [line.strip() for line in choices.splitlines() if line.strip()]
    if not isinstance(choices, list | tuple):
        raise InputError("Give the choices as a list of texts.")
    texts = [require_text(text, f"choice {n}") for n, text in enumerate(choices, start=1)]
    return MultipleChoiceInput(prompt, tuple(texts))


def _parse(head_input: MultipleChoiceInput, written: str, against: str) -> MultipleChoiceTarget:
    count = len(head_input.choices)
    return MultipleChoiceTarget(_index(written, count), _index(against, count))


def _index(written: str, count: int) -> int | None:
    """The choice that is named by its number, maybe with its text: "2. It flew."."""
    if not written:
        return None
    numbers = [str(number + 1) for number in range(count)]
    if (number := written.partition(".")[0]) not in numbers:
        raise InputError(f"Name a choice by its number, 1 to {count}, not {written[:40]!r}.")
    return numbers.index(number)


def _fix(
    head_input: MultipleChoiceInput, loaded: Loaded, target: MultipleChoiceTarget, result: Result
) -> MultipleChoiceTarget:
    multiple_choice.encode(head_input.prompt, head_input.choices, loaded, target.choice)
    choice: int = result().best if target.choice is None else target.choice
    if target.against is not None and (
        target.against == choice or not 0 <= target.against < len(head_input.choices)
    ):
        raise InputError(f"Choose one of the other choices to compare choice {choice + 1} with.")
    return MultipleChoiceTarget(choice, target.against)


def _windows(
    head_input: MultipleChoiceInput, loaded: Loaded, target: MultipleChoiceTarget
) -> tuple[PieceRows, ...]:
    shown = [choice for choice in (target.choice, target.against) if choice is not None]
    return (_rows_of(head_input, loaded, shown),)


def _rows_of(head_input: MultipleChoiceInput, loaded: Loaded, shown: Sequence[int]) -> PieceRows:
    """A row for each choice shown, on one prompt."""
    rows = multiple_choice.encode(head_input.prompt, head_input.choices, loaded).rows
    return piece_rows(loaded, [rows[choice] for choice in shown])


def _with_all_choices(request: AttributionRequest, loaded: Loaded) -> AttributionRequest:
    """The request with all choices in its rows: a choice wins against every other."""
    head_input, (target,) = request.head_input, request.targets
    assert isinstance(head_input, MultipleChoiceInput)
    assert isinstance(target, MultipleChoiceTarget)
    rows = _rows_of(head_input, loaded, range(len(head_input.choices)))
    terms = _terms(rows, head_input, loaded, target)
    return replace(request, piece_rows=rows, terms=(terms,))


def _terms(
    window: PieceRows,
    head_input: MultipleChoiceInput,
    loaded: Loaded,
    target: MultipleChoiceTarget,
) -> tuple[Term, ...]:
    return tuple(
        Term(_row_of(window, choice), 0, 0, f"choice {choice + 1}", weight)
        for choice, weight in ((target.choice, 1.0), (target.against, -1.0))
        if choice is not None
    )


def _row_of(window: PieceRows, choice: int) -> int:
    """The row that shows a choice."""
    shown = [{window.pieces[i].part for i in row} for row in window.layout]
    return next(row for row, parts in enumerate(shown) if f"choice {choice + 1}" in parts)


def _names(head_input: MultipleChoiceInput, target: MultipleChoiceTarget) -> tuple[str, str | None]:
    assert target.choice is not None
    rival = None if target.against is None else f"choice {target.against + 1}"
    return f"choice {target.choice + 1}", rival


def _answer(
    logits: Sequence[Tensor], request: AttributionRequest, loaded: Loaded, original: Hashable
) -> ReadAnswer:
    assert isinstance(request.head_input, MultipleChoiceInput)
    scores = torch.stack(list(logits)).flatten()
    return most_probable(scores, request.head_input.choices, original)


HEAD = AttributionHead(
    input_type=MultipleChoiceInput,
    target_type=MultipleChoiceTarget,
    read=_read,
    predict=lambda head_input, loaded: multiple_choice.choose(
        head_input.prompt, head_input.choices, loaded
    ),
    options=(("each model’s own choice", OWN),),
    candidates=lambda head_input, result: [
        f"{number}. {choice}" for number, choice in enumerate(head_input.choices, start=1)
    ],
    parse=_parse,
    fix=_fix,
    windows=_windows,
    terms=_terms,
    names=_names,
    answer=_answer,
    whole=_with_all_choices,
)
