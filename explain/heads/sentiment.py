"""Is a text positive or negative? Sequence classification on the first piece's hidden state.

BERT reads it through its pooler (dense, tanh); DistilBERT has no pooler and uses its own
`pre_classifier` (dense, ReLU). No neutral label: the models were trained on two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import overload

import torch

from explain import encoding
from explain.encoding import require_text
from explain.models import Loaded
from explain.records import InputError, SentimentResult, Timing

LABELS = ("negative", "positive")


@overload
def classify(text: str, loaded: Loaded, label: str | None = None) -> SentimentResult: ...
@overload
def classify(
    text: Sequence[str], loaded: Loaded, label: Sequence[str | None] | None = None
) -> tuple[SentimentResult, ...]: ...
def classify(text, loaded, label=None):  # type: ignore[no-untyped-def]
    """Probability of each label for an English text, and the loss for `label` when it is given."""
    if encoding.several(text):
        return _classify(list(text), loaded, list(label or [None] * len(text)))
    return _classify([text], loaded, [label])[0]


def _classify(
    texts: list[str], loaded: Loaded, answers: list[str | None]
) -> tuple[SentimentResult, ...]:
    began = encoding.now()
    for label in answers:
        if label is not None and label not in LABELS:
            raise InputError(f"The label is negative or positive, not {str(label)[:40]!r}.")
    encoded = [encoding.pieces(loaded, require_text(text)).ids for text in texts]
    rows = [encoding.row(loaded, ids[: loaded.window - 2]) for ids in encoded]
    tokenise = encoding.since(began)

    def logits(inputs: dict[str, torch.Tensor], indices: list[int]) -> list[torch.Tensor]:
        return list(loaded.model(**inputs).logits)

    found, forward = encoding.run(loaded, rows, logits)
    order = [loaded.labels.index(name) for name in LABELS]
    results = []
    for text, ids, row, scored, label in zip(texts, encoded, rows, found, answers, strict=True):
        given = scored.tolist()
        raw = [given[index] for index in order]
        logs = encoding.log_softmax(raw)
        results.append(
            SentimentResult(
                text=text,
                labels=LABELS,
                logits=tuple(raw),
                probabilities=tuple(map(math.exp, logs)),
                label=LABELS[raw.index(max(raw))],
                loss=None if label is None else -logs[LABELS.index(label)],
                unread=max(0, len(ids) - (loaded.window - 2)),
                timing=Timing(tokenise / len(texts), forward / len(texts), len(row.ids)),
            )
        )
    return tuple(results)
