"""Which choice fits the prompt best? One score per (prompt, choice) pair, softmax over the choices.

As BERT was applied to SWAG (Devlin et al., 1810.04805, section 4.4). The prompt is the first
segment, the choice the second. A choice's score does not depend on the other choices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from torch import Tensor

from explain import encoding
from explain.encoding import Inputs, Part, Row, Stretch
from explain.heads import steps
from explain.heads.steps import UNTIMED
from explain.models import Loaded
from explain.models.layers import sequence_logits
from explain.records import InputError, MultipleChoiceResult, Timing


@dataclass(frozen=True, slots=True)
class EncodedChoices:
    """One prompt with its choices."""

    prompt: str
    choices: tuple[str, ...]
    rows: tuple[Row, ...]  # parallel to choices
    right: int | None  # index of the choice to be scored


@overload
def choose(
    prompt: str, choices: Sequence[str], loaded: Loaded, right: int | None = None
) -> MultipleChoiceResult: ...
@overload
def choose(
    prompt: Sequence[str],
    choices: Sequence[Sequence[str]],
    loaded: Loaded,
    right: Sequence[int | None] | None = None,
) -> tuple[MultipleChoiceResult, ...]: ...
def choose(prompt, choices, loaded, right=None):  # type: ignore[no-untyped-def]
    """Probability of each of 2 to 8 choices; `right` (an index) adds the loss for that choice."""
    if encoding.several(prompt):
        sets = [_listed(each) for each in choices]
        return _choose(list(prompt), sets, loaded, list(right or [None] * len(sets)))
    return _choose([prompt], [_listed(choices)], loaded, [right])[0]


def _choose(
    prompts: list[str],
    sets: list[tuple[str, ...]],
    loaded: Loaded,
    answers: list[int | None],
) -> tuple[MultipleChoiceResult, ...]:
    inputs = list(zip(prompts, sets, answers, strict=True))
    return steps.answers(
        loaded,
        lambda: [encode(prompt, choices, loaded, right) for prompt, choices, right in inputs],
        forward,
        lambda encoded, logits, timing: decode(encoded, logits, loaded, timing),
    )


def _listed(choices: object) -> tuple[str, ...]:
    """The choices; one text alone counts as one choice."""
    return tuple(choices) if isinstance(choices, list | tuple) else (choices,)  # type: ignore


def encode(
    prompt: str, choices: tuple[str, ...], loaded: Loaded, right: int | None = None
) -> EncodedChoices:
    """One row per choice, on one prompt; nothing is cut, what does not fit is refused."""
    if not 2 <= len(choices) <= 8:
        raise InputError(f"Give 2 to 8 choices, one per line; found {len(choices)}.")
    if right is not None and right not in range(len(choices)):
        named = right + 1 if isinstance(right, int) else str(right)[:40]
        raise InputError(f"The right choice must be one of 1 to {len(choices)}, not {named}.")
    first = _whole(encoding.require_part(loaded, prompt, "prompt"))
    rows = []
    for number, choice in enumerate(choices, start=1):
        second = _whole(encoding.require_part(loaded, choice, f"choice {number}"))
        rows.append(encoding.row_of(loaded, first, second))
        if len(rows[-1].ids) > loaded.window:
            raise InputError(
                f"The prompt and choice {number} are {len(rows[-1].ids)} word pieces together: "
                f"shorten them to {loaded.window}."
            )
    return EncodedChoices(prompt, choices, tuple(rows), right)


def _whole(part: Part) -> Stretch:
    return Stretch(part, 0, len(part.ids))


def forward(loaded: Loaded, inputs: Inputs, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """(1, 1) per row: the score of one choice, which depends on no other."""
    grouped = {name: tensor[None] for name, tensor in inputs.items()}  # (1, rows, pieces)
    return loaded.model(**grouped).logits[0, :, None, None].unbind()


def read_out(loaded: Loaded, hidden: Tensor, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """The same from the trunk's hidden states (rows, pieces, width)."""
    return sequence_logits(loaded.model, hidden)[:, None].unbind()


def decode(
    encoded: EncodedChoices, logits: Sequence[Tensor], loaded: Loaded, timing: Timing = UNTIMED
) -> MultipleChoiceResult:
    """Softmax over the choices; of choices that read alike, the first is the best."""
    by_ids: dict[tuple[int, ...], float] = {}  # choices that read alike have one score
    scores = [
        by_ids.setdefault(row.ids, float(score))
        for row, score in zip(encoded.rows, logits, strict=True)
    ]
    logs = encoding.log_softmax(scores)
    return MultipleChoiceResult(
        prompt=encoded.prompt,
        choices=encoded.choices,
        logits=tuple(scores),
        probabilities=tuple(map(math.exp, logs)),
        best=scores.index(max(scores)),
        loss=None if encoded.right is None else -logs[encoded.right],
        timing=timing,
    )
