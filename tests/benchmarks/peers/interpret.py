"""transformers-interpret 0.10 behind one face: run it, and see how far its scores miss its path.

Its reported delta is of other inputs than its path (its baseline has other segments and positions),
so it is not used. The path leads between two outputs of one embedding layer, everything else being
that of the text: both ends are put into its own forward function here, and compared with its
scores before it normalises them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from explain.attribution import NerInput, QuestionAnsweringInput, SentimentInput
from explain.attribution.records import HeadInput
from explain.models import Loaded

NO_DIFFERENCE = {"probability": 1e-3, "logit": 1e-2}  # a relative delta is taken of no less
STEPS = 50  # its default


class Interpret:
    """Its explainer for the head of one loaded model."""

    def __init__(self, loaded: Loaded) -> None:
        from transformers_interpret import (
            QuestionAnsweringExplainer,
            SequenceClassificationExplainer,
            TokenClassificationExplainer,
        )

        kind = {
            "sentiment": SequenceClassificationExplainer,
            "question_answering": QuestionAnsweringExplainer,
            "ner": TokenClassificationExplainer,
        }[loaded.head]
        self.head = loaded.head
        self.explainer = kind(loaded.model, loaded.tokenizer)

    def run(self, head_input: HeadInput, steps: int = STEPS, **settings: Any) -> None:
        """Explain one input at its own settings, but for the number of steps."""
        if isinstance(head_input, QuestionAnsweringInput):
            self.explainer(head_input.question, head_input.context, n_steps=steps, **settings)
        else:
            assert isinstance(head_input, SentimentInput | NerInput)
            self.explainer(head_input.text, n_steps=steps, **settings)

    def delta(self) -> float:
        """The largest relative delta of its last run, each on its true path."""
        return max((self._relative(*one) for one in self._runs()), default=0.0)

    def time_at(self, head_input: HeadInput, tolerance: float, choices: tuple[int, ...]) -> float:
        """Milliseconds with the fewest steps that reach `tolerance`; with the most if none does."""
        took = 0.0
        for steps in choices:
            began = time.perf_counter()
            self.run(head_input, steps)
            took = 1e3 * (time.perf_counter() - began)
            if self.delta() <= tolerance:
                break
        return took

    def _runs(self) -> Iterator[tuple[Any, tuple[Tensor, ...], tuple[Tensor, ...], int | None]]:
        """Its integrals: what it keeps of each, its inputs, its reference, and the output read."""
        own = self.explainer
        if self.head == "ner":
            for index, found in own.attributions.items():
                own.index = index
                yield found, _inputs(found, ""), _inputs(found, "ref_"), found.target
        elif self.head == "question_answering":
            for position, found in enumerate(own.attributions):
                own.position = position
                yield found, _inputs(found, ""), _inputs(found, "ref_"), None
        else:
            found = own.attributions
            yield found, _inputs(found, ""), _inputs(found, "ref_"), None

    def _relative(
        self,
        found: Any,
        inputs: tuple[Tensor, ...],
        reference: tuple[Tensor, ...],
        target: int | None,
    ) -> float:
        forward, mask = found.custom_forward, found.attention_mask
        start = _output(found.embeddings, lambda: forward(*reference, attention_mask=mask))
        values = []
        for replaced in (None, start):
            with torch.no_grad(), _instead(found.embeddings, replaced):
                value = forward(*inputs, attention_mask=mask)
            values.append(float(value[0] if target is None else value[0, target]))
        difference = values[0] - values[1]
        least = NO_DIFFERENCE["logit" if self.head == "question_answering" else "probability"]
        total = float(found._attributions.sum())
        return abs(total - difference) / max(abs(difference), least)


def _inputs(found: Any, prefix: str) -> tuple[Tensor, ...]:
    names = ("input_ids", "token_type_ids", "position_ids")
    given = [getattr(found, prefix + name) for name in names]
    return tuple(tensor for tensor in given if tensor is not None)


def _output(layer: nn.Module, run: Any) -> Tensor:
    kept: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _layer, _inputs, output: kept.append(output))
    with torch.no_grad():
        run()
    hook.remove()
    return kept[0]


class _instead:
    """While open, a layer gives this output whatever it is given."""

    def __init__(self, layer: nn.Module, output: Tensor | None) -> None:
        self.layer, self.output = layer, output

    def __enter__(self) -> None:
        def swap(_layer: nn.Module, _inputs: object, output: Tensor) -> Tensor:
            return output if self.output is None else self.output

        self.hook = self.layer.register_forward_hook(swap)

    def __exit__(self, *_error: object) -> None:
        self.hook.remove()
