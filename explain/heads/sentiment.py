"""Is a text positive or negative? Sequence classification on the first piece's hidden state.

BERT reads it through its pooler (dense, tanh); DistilBERT has no pooler and uses its own
`pre_classifier` (dense, ReLU). No neutral label: the models were trained on two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from torch import Tensor

from explain import encoding
from explain.encoding import Inputs, Row, Stretch
from explain.heads import steps
from explain.heads.registry import HEADS
from explain.heads.steps import UNTIMED
from explain.models import Loaded
from explain.models.layers import sequence_logits
from explain.records import InputError, SentimentResult, Timing

LABELS = ("negative", "positive")


@dataclass(frozen=True, slots=True)
class EncodedText:
    """One text, cut after what the model can read."""

    text: str
    rows: tuple[Row, ...]  # one
    unread: int  # word pieces after the last one that is read
    label: str | None  # the one to be scored


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
    texts: list[str], loaded: Loaded, labels: list[str | None]
) -> tuple[SentimentResult, ...]:
    return steps.answers(
        loaded,
        lambda: [encode(text, loaded, label) for text, label in zip(texts, labels, strict=True)],
        forward,
        lambda encoded, logits, timing: decode(encoded, logits, loaded, timing),
    )


def encode(text: str, loaded: Loaded, label: str | None = None) -> EncodedText:
    """One row; raises `InputError` for what is no text, and for a label that is none."""
    named = None if label is None else label_of(label)
    if label is not None and named is None:
        raise InputError(f"The label is negative or positive, not {str(label)[:40]!r}.")
    part = encoding.require_part(loaded, text)
    read = min(len(part.ids), loaded.window - 2)
    row = encoding.row_of(loaded, Stretch(part, 0, read))
    return EncodedText(text, (row,), len(part.ids) - read, named)


def label_of(written: object) -> str | None:
    """The label of a spelling (" POSITIVE", "1"); None for what is none."""
    name = str(written).strip().lower()
    name = HEADS["sentiment"].label_aliases.get(name, name)
    return name if name in LABELS else None


def forward(loaded: Loaded, inputs: Inputs, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """(1, labels) per row, in the order of `loaded.labels`."""
    return loaded.model(**inputs).logits[:, None].unbind()


def read_out(loaded: Loaded, hidden: Tensor, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """The same from the trunk's hidden states (rows, pieces, width)."""
    return sequence_logits(loaded.model, hidden)[:, None].unbind()


def decode(
    encoded: EncodedText, logits: Sequence[Tensor], loaded: Loaded, timing: Timing = UNTIMED
) -> SentimentResult:
    """Probabilities in the order of `LABELS`."""
    given = logits[0][0].tolist()
    scores = [given[loaded.labels.index(name)] for name in LABELS]
    logs = encoding.log_softmax(scores)
    return SentimentResult(
        text=encoded.text,
        labels=LABELS,
        logits=tuple(scores),
        probabilities=tuple(map(math.exp, logs)),
        label=LABELS[scores.index(max(scores))],
        loss=None if encoded.label is None else -logs[LABELS.index(encoded.label)],
        unread=encoded.unread,
        timing=timing,
    )
