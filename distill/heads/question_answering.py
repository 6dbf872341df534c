"""Questions on a window of their context, with the first and last piece of the answer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from distill.batches import OUTSIDE, Batch, Example, Stream, pad
from distill.packing import split_sentences
from explain.evaluation.items import LabelledRow
from explain.heads.question_answering import answer
from explain.models import Loaded
from explain.words import find

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PREFIX = "qa_"  # of the names of its sets
SHARES = {
    "qa_squad_dev": 0.30, "qa_squadshifts_wiki": 0.28, "qa_squadshifts_amazon": 0.10,
    "qa_qamr": 0.27, "qa_fairytale": 0.05,
}  # fmt: skip
HUB = ("qa_squad", "rajpurkar/squad", None)
POOL = 200  # rows that are drawn, sorted by length and cut into batches together
AS_TEXT = ("qa_squad_dev", "qa_squadshifts_wiki")
ANSWERED = "questions that their paragraph answers"
REMOVED = "questions whose paragraph lost every sentence with the answer"
EXCHANGED = "questions put to another paragraph"


def encode(row: LabelledRow, stream: Stream, draw: random.Random) -> list[Example]:
    """Question and context; a long context is cut to a random window around the answer."""
    which = draw.randrange(len(row["answers"]["text"]))
    start = row["answers"]["answer_start"][which]
    end = start + len(row["answers"]["text"][which])
    context, start, end = _window(row["context"], start, end, stream, draw)
    encoded = stream.tokenizer(
        row["question"], context, truncation="only_second",
        max_length=stream.limits.question_answering, return_offsets_mapping=True,
    )  # fmt: skip
    sides = encoded.sequence_ids()
    inside = [
        i
        for i, (a, b) in enumerate(encoded["offset_mapping"])
        if sides[i] == 1 and a < end and b > start
    ]
    if not inside:
        return []
    return [
        {
            "ids": [encoded["input_ids"]],
            "segments": [encoded["token_type_ids"]],
            "where": [side == 1 for side in sides],
            "labels": [inside[0], inside[-1]],
        }
    ]


def statement(row: LabelledRow) -> LabelledRow:
    """The question and its first answer as one text."""
    return {"text": f"{row['question']} {row['answers']['text'][0]}."}


def _window(
    context: str, start: int, end: int, stream: Stream, draw: random.Random
) -> tuple[str, int, int]:
    offsets = stream.tokenizer(context, add_special_tokens=False, return_offsets_mapping=True)[
        "offset_mapping"
    ]
    room = stream.limits.question_answering - 32
    if draw.random() < 0.5:
        room = min(room, draw.randrange(64, 128))
    if len(offsets) <= room:
        return context, start, end
    inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
    low, high = max(0, inside[-1] - room + 1), min(inside[0], len(offsets) - room)
    first = draw.randint(low, max(low, high))
    left, right = offsets[first][0], offsets[min(first + room, len(offsets)) - 1][1]
    return context[left:right], start - left, min(end, right) - left


def collate(examples: list[Example]) -> Batch:
    """`where` (rows, pieces) marks the context; all starts come first, then all ends."""
    inputs = pad(examples)
    inside = torch.zeros(inputs["input_ids"].shape, dtype=torch.bool)
    for i, example in enumerate(examples):
        inside[i, : len(example["where"])] = torch.tensor(example["where"])
    labels = torch.tensor([example["labels"] for example in examples]).T.reshape(-1)
    return Batch("question_answering", inputs, labels, inside)


def logits(model: PreTrainedModel, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(starts and ends, pieces)."""
    start, end = model.qa_outputs(hidden).unbind(-1)
    return torch.where(batch.where, torch.stack([start, end]), OUTSIDE).flatten(0, 1)


def doubtful(
    answered: Sequence[LabelledRow], data: Path, split: str, limit: int
) -> dict[str, list[LabelledRow]]:
    """The same questions of contexts without their answer: the rest of theirs, or another one."""
    others = (*answered[len(answered) // 2 :], *answered[: len(answered) // 2])
    exchanged = [
        row | {"context": other["context"]}
        for row, other in zip(answered, others, strict=True)
        if not _holds_answer(other["context"], row)
    ]
    rests = [row | {"context": _without_answer(row)} for row in answered]
    return {REMOVED: [row for row in rests if row["context"]], EXCHANGED: exchanged}


def _without_answer(row: LabelledRow) -> str:
    """The sentences of the context in which no accepted answer is; "" if it is in all of them."""
    sentences = split_sentences(row["context"])
    rest = " ".join(sentence for sentence in sentences if not _holds_answer(sentence, row))
    return "" if _holds_answer(rest, row) else rest


def _holds_answer(text: str, row: LabelledRow) -> bool:
    return any(find(text, accepted, whole=True) for accepted in row["answers"]["text"])


def surenesses(rows: Sequence[LabelledRow], loaded: Loaded) -> list[float]:
    """How sure the model is of its best span, parallel to `rows`."""
    questions, contexts = [row["question"] for row in rows], [row["context"] for row in rows]
    return [result.sureness for result in answer(questions, contexts, loaded, top=1)]
