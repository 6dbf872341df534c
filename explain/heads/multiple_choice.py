"""Which choice fits the prompt best? One score a (prompt, choice) pair, softmax over the choices.

As BERT was applied to SWAG (Devlin et al., 1810.04805, section 4.4). The prompt is the first
segment, the choice the second. A choice's score does not depend on the other choices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import overload

import torch

from explain import encoding
from explain.encoding import Row, require_text
from explain.models import Loaded
from explain.records import InputError, MultipleChoiceResult, Timing


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
        sets = [_listed(one) for one in choices]
        return _choose(list(prompt), sets, loaded, list(right or [None] * len(sets)))
    return _choose([prompt], [_listed(choices)], loaded, [right])[0]


def _choose(
    prompts: list[str],
    sets: list[tuple[str, ...]],
    loaded: Loaded,
    answers: list[int | None],
) -> tuple[MultipleChoiceResult, ...]:
    began = encoding.now()
    rows: list[Row] = []
    for prompt, choices, right in zip(prompts, sets, answers, strict=True):
        rows += _rows(prompt, choices, right, loaded)
    tokenise = encoding.since(began)

    def logits(inputs: dict[str, torch.Tensor], indices: list[int]) -> list[torch.Tensor]:
        grouped = {name: tensor[None] for name, tensor in inputs.items()}  # (1, rows, pieces)
        return list(loaded.model(**grouped).logits[0])

    found, forward = encoding.run(loaded, rows, logits)
    scores = [float(score) for score in found]
    results, first = [], 0
    for prompt, choices, right in zip(prompts, sets, answers, strict=True):
        mine = scores[first : first + len(choices)]
        read = sum(len(row.ids) for row in rows[first : first + len(choices)])
        first += len(choices)
        logs = encoding.log_softmax(mine)
        results.append(
            MultipleChoiceResult(
                prompt=prompt,
                choices=choices,
                logits=tuple(mine),
                probabilities=tuple(map(math.exp, logs)),
                best=mine.index(max(mine)),
                loss=None if right is None else -logs[right],
                timing=Timing(tokenise / len(sets), forward / len(sets), read),
            )
        )
    return tuple(results)


def _listed(choices: object) -> tuple[str, ...]:
    """The choices; one text alone counts as one choice."""
    return tuple(choices) if isinstance(choices, list | tuple) else (choices,)  # type: ignore


def _rows(prompt: str, choices: tuple[str, ...], right: int | None, loaded: Loaded) -> list[Row]:
    if not 2 <= len(choices) <= 8:
        raise InputError(f"Give 2 to 8 choices, one a line; found {len(choices)}.")
    if right is not None and right not in range(len(choices)):
        named = right + 1 if isinstance(right, int) else str(right)[:40]
        raise InputError(f"The right choice must be one of 1 to {len(choices)}, not {named}.")
    first = encoding.pieces(loaded, require_text(prompt, "prompt"), "prompt").ids
    rows = []
    for number, choice in enumerate(choices, start=1):
        what = f"choice {number}"
        second = encoding.pieces(loaded, require_text(choice, what), what).ids
        rows.append(encoding.row(loaded, first, second))
        if len(rows[-1].ids) > loaded.window:
            raise InputError(
                f"The prompt and choice {number} are {len(rows[-1].ids)} word pieces together: "
                f"shorten them to {loaded.window}."
            )
    return rows
