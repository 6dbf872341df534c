"""Rows to tensors: one `Batch` a step, of one task, padded to its longest row.

Every task is put in the same form: the model gives `logits (N, K)` and the batch holds
`labels (N,)`. N counts masked pieces, sentences, words, questions, or starts and ends. One
cross-entropy and one distillation loss then serve all five heads.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from distill.names import Name, exchange, names_by_type
from distill.sources import SHARES, Row
from explain.heads.registry import HEADS
from explain.records import InputError

Example = dict[str, Any]  # one row as ids (rows, pieces), labels and where its logits are read

NER_IDS = {name: number for number, name in enumerate(HEADS["ner"].labels)}


@dataclass(frozen=True, slots=True)
class Batch:
    """One padded batch of one task."""

    head: str
    inputs: dict[str, torch.Tensor]  # input_ids, attention_mask, token_type_ids: (rows, tokens)
    labels: torch.Tensor  # (N,)
    where: torch.Tensor  # what the logits are read from: see `distill.losses.task_logits`

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        inputs = {name: tensor.to(device) for name, tensor in self.inputs.items()}
        return Batch(self.head, inputs, self.labels.to(device), self.where.to(device))


@dataclass(frozen=True, slots=True)
class Limits:
    """Longest row of each task in word pieces, and the share of pieces masked."""

    fill_mask: int = 96
    sentiment: int = 96
    ner: int = 96
    multiple_choice: int = 112
    question_answering: int = 208
    masked: float = 0.22
    unseen: float = 0.0  # share of an NER row's words masked, 1.5 times as many of names
    swapped: float = 0.0  # share of an NER row's names replaced by others of their type


class Stream:
    """Endless batches of one task, a deterministic function of (rows, seed, position).

    Rows are drawn set by set with the shares of `sources.SHARES`, in pools that are sorted by
    length and cut into batches of at most `budget` padded word pieces.
    """

    def __init__(
        self,
        head: str,
        rows: dict[str, list[Row]],
        tokenizer: PreTrainedTokenizerBase,
        budget: int,
        seed: int,
        limits: Limits,
    ) -> None:
        """Draw from `rows` (by set name); `budget` is in padded word pieces a batch."""
        self.head, self.rows, self.tokenizer = head, rows, tokenizer
        self.budget, self.seed, self.limits = budget, seed, limits
        self.pool = 0  # pools used up
        self.used = 0  # batches of the present pool already given
        self._batches: list[list[Example]] = []

    @functools.cached_property
    def names(self) -> dict[str, list[Name]]:
        """Every name of the tagged rows, by type."""
        sentences = [(row["tokens"], row["tags"]) for rows in self.rows.values() for row in rows]
        return names_by_type(sentences)

    def state(self) -> tuple[int, int]:
        """Where the stream stands, for a checkpoint."""
        return self.pool, self.used

    def restore(self, state: tuple[int, int]) -> None:
        """Go on from a state that `state()` gave."""
        self.pool, self.used = state
        self._batches = []

    def weights(self) -> dict[str, float]:
        """How often each set is drawn, in proportion: by `SHARES`, or else by size."""
        shares = {name: SHARES[self.head].get(name, 0.0) for name in self.rows}
        if any(shares.values()):
            return shares
        return {name: float(len(rows)) for name, rows in self.rows.items()}

    def __iter__(self) -> Iterator[Batch]:
        """Give batches for ever."""
        while True:
            if not self._batches:
                self._batches = self._fill(random.Random(f"{self.seed}/{self.head}/{self.pool}"))
            batch = self._batches[self.used]
            self.used += 1
            if self.used == len(self._batches):
                self.pool, self.used, self._batches = self.pool + 1, 0, []
            yield COLLATE[self.head](batch)

    def _fill(self, draw: random.Random) -> list[list[Example]]:
        names, weights = zip(*self.weights().items(), strict=True)
        sets = draw.choices(names, weights, k=_POOL[self.head])
        rows = [draw.choice(self.rows[name]) for name in sets]
        encoded = [e for row in rows for e in ENCODE[self.head](row, self, draw)]
        encoded.sort(key=lambda example: len(example["ids"][0]))
        batches: list[list[Example]] = []
        size = 0
        for example in reversed(encoded):
            longest = max(len(example["ids"][0]), len(batches[-1][0]["ids"][0]) if batches else 0)
            size += len(example["ids"])
            if not batches or size * longest > self.budget:
                batches.append([])
                size = len(example["ids"])
            batches[-1].append(example)
        if not batches:
            raise InputError(f"No row of {', '.join(names)} is long enough to train on.")
        draw.shuffle(batches)
        return batches


_POOL = {
    "fill_mask": 400, "sentiment": 800, "ner": 600, "multiple_choice": 300,
    "question_answering": 200,
}  # fmt: skip


def encode_text(row: Row, stream: Stream, draw: random.Random) -> list[Example]:
    """Mask word pieces at random: every chosen piece becomes [MASK]."""
    tokenizer, limit = stream.tokenizer, stream.limits.fill_mask
    ids = tokenizer(row["text"], add_special_tokens=False)["input_ids"]
    if len(ids) < 8:
        return []
    start = draw.randrange(max(1, len(ids) - limit + 3))
    ids = ids[start : start + limit - 2]
    chosen = sorted(draw.sample(range(len(ids)), max(1, round(stream.limits.masked * len(ids)))))
    labels = [ids[position] for position in chosen]
    for position in chosen:
        ids[position] = tokenizer.mask_token_id
    ids = [tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]
    return [{"ids": [ids], "where": [position + 1 for position in chosen], "labels": labels}]


def encode_sentence(row: Row, stream: Stream, draw: random.Random) -> list[Example]:
    """One text and its label; a long review is cut to its end, where the verdict stands."""
    ids = stream.tokenizer(row["text"], add_special_tokens=False)["input_ids"]
    ids = ids[-(stream.limits.sentiment - 2) :]
    ids = [stream.tokenizer.cls_token_id, *ids, stream.tokenizer.sep_token_id]
    return [{"ids": [ids], "labels": [row["label"]]}]


def encode_tags(row: Row, stream: Stream, draw: random.Random) -> list[Example]:
    """Words and BIO tags; the first piece of each word carries its tag."""
    tokens, tags = row["tokens"], row["tags"]
    if share := stream.limits.swapped:
        tokens, tags = exchange(tokens, tags, stream.names, share, draw)
    encoded = stream.tokenizer(
        tokens, is_split_into_words=True, truncation=True, max_length=stream.limits.ner
    )
    ids, words = encoded["input_ids"], encoded.word_ids()
    if share := stream.limits.unseen:
        unseen = {
            word for word, tag in enumerate(tags)
            if draw.random() < (share if tag == "O" else 1.5 * share)
        }  # fmt: skip
        ids = [
            stream.tokenizer.mask_token_id if word in unseen else piece
            for piece, word in zip(ids, words, strict=True)
        ]
    first = [i for i, word in enumerate(words) if word is not None and word != words[i - 1]]
    labels = [NER_IDS[tags[words[i]]] for i in first]
    return [{"ids": [ids], "where": first, "labels": labels}] if first else []


def encode_choices(row: Row, stream: Stream, draw: random.Random) -> list[Example]:
    """One (prompt, choice) pair a choice, padded to one length."""
    prompt = " ".join(part for part in (row["context"], row["question"]) if part)
    encoded = stream.tokenizer(
        [prompt] * len(row["choices"]), row["choices"], truncation="longest_first",
        max_length=stream.limits.multiple_choice, padding=True,
    )  # fmt: skip
    example = {"ids": encoded["input_ids"], "segments": encoded["token_type_ids"]}
    return [example | {"mask": encoded["attention_mask"], "labels": [row["label"]]}]


def encode_question(row: Row, stream: Stream, draw: random.Random) -> list[Example]:
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


ENCODE: dict[str, Callable[[Row, Stream, random.Random], list[Example]]] = {
    "fill_mask": encode_text,
    "sentiment": encode_sentence,
    "ner": encode_tags,
    "multiple_choice": encode_choices,
    "question_answering": encode_question,
}


def _pad(examples: list[Example]) -> dict[str, torch.Tensor]:
    rows = [ids for example in examples for ids in example["ids"]]
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.long)  # [PAD] is piece 0 of the vocabulary
    segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    i = 0
    for example in examples:
        for j, row in enumerate(example["ids"]):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = torch.tensor(example["mask"][j]) if "mask" in example else 1
            if "segments" in example:
                segments[i, : len(row)] = torch.tensor(example["segments"][j])
            i += 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}


def _labels(examples: list[Example]) -> torch.Tensor:
    return torch.tensor([label for example in examples for label in example["labels"]])


def _collate_positions(head: str) -> Callable[[list[Example]], Batch]:
    def collate(examples: list[Example]) -> Batch:
        where = [(i, p) for i, example in enumerate(examples) for p in example["where"]]
        return Batch(head, _pad(examples), _labels(examples), torch.tensor(where))

    return collate


def _collate_sentences(examples: list[Example]) -> Batch:
    return Batch("sentiment", _pad(examples), _labels(examples), torch.empty(0))


def _collate_choices(examples: list[Example]) -> Batch:
    counts = [len(example["ids"]) for example in examples]
    where = torch.full((len(counts), max(counts)), -1)
    first = 0
    for i, count in enumerate(counts):
        where[i, :count] = torch.arange(first, first + count)
        first += count
    return Batch("multiple_choice", _pad(examples), _labels(examples), where)


def _collate_questions(examples: list[Example]) -> Batch:
    inputs = _pad(examples)
    inside = torch.zeros(inputs["input_ids"].shape, dtype=torch.bool)
    for i, example in enumerate(examples):
        inside[i, : len(example["where"])] = torch.tensor(example["where"])
    labels = torch.tensor([example["labels"] for example in examples]).T.reshape(-1)
    return Batch("question_answering", inputs, labels, inside)


COLLATE: dict[str, Callable[[list[Example]], Batch]] = {
    "fill_mask": _collate_positions("fill_mask"),
    "sentiment": _collate_sentences,
    "ner": _collate_positions("ner"),
    "multiple_choice": _collate_choices,
    "question_answering": _collate_questions,
}
