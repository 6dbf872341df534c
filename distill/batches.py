"""Rows to tensors: one `Batch` per step, of one task, padded to its longest row.

Every task is put in the same form: the model gives `logits (N, K)` and the batch holds
`labels (N,)`. N counts masked pieces, sentences, words, questions, or starts and ends. One
cross-entropy and one distillation loss then serve all five heads.
"""

from __future__ import annotations

import functools
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from transformers import PreTrainedTokenizerBase

from distill import heads
from distill.names import Name, names_by_type
from explain.evaluation.items import LabelledRow
from explain.records import InputError

Example = dict[str, Any]  # one row as ids (rows, pieces), labels and where its logits are read
OUTSIDE = -1e4  # the logit of what cannot be chosen: padding, the question, a missing choice


@dataclass(frozen=True, slots=True)
class Batch:
    """One padded batch of one task."""

    head: str
    inputs: dict[str, torch.Tensor]  # input_ids, attention_mask, token_type_ids: (rows, tokens)
    labels: torch.Tensor  # (N,)
    where: torch.Tensor  # what the logits are read from: see `distill.losses.task_logits`
    shown: torch.Tensor | None = None  # (rows, n): ids not to be copied, each once; 0 for none

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        inputs = {name: tensor.to(device) for name, tensor in self.inputs.items()}
        shown = None if self.shown is None else self.shown.to(device)
        return Batch(self.head, inputs, self.labels.to(device), self.where.to(device), shown)


@dataclass(frozen=True, slots=True)
class Limits:
    """Longest row of each task in word pieces, and the share of pieces masked."""

    fill_mask: int = 96
    sentiment: int = 96
    ner: int = 96
    multiple_choice: int = 112
    question_answering: int = 208
    masked: float = 0.22
    unseen: float = 0.0  # share of an NER row's words masked, so that context counts
    unseen_names: float = 0.0  # the same for words of names; 0 for no difference
    swapped: float = 0.0  # share of an NER row's names replaced by others of their type


class Batches(Protocol):
    """Endless batches of one task that can be resumed: `Stream`, `MaskedText`."""

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches."""

    def state(self) -> tuple[int, int]:
        """The position, for a checkpoint."""

    def restore(self, state: tuple[int, int]) -> None:
        """Continue from a position that `state()` returned."""


class Pools(ABC):
    """Endless batches, pool after pool; a pool is a function of its number."""

    def __init__(self) -> None:
        """Begin with the first pool."""
        self.pool = 0  # pools used up
        self.used = 0  # batches of the present pool already given
        self._batches: list[Batch] = []

    @abstractmethod
    def pool_at(self, number: int) -> list[Batch]:
        """All batches of one pool."""

    def state(self) -> tuple[int, int]:
        """The position, for a checkpoint."""
        return self.pool, self.used

    def restore(self, state: tuple[int, int]) -> None:
        """Continue from a position that `state()` returned."""
        self.pool, self.used = state
        self._batches = []

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches without end."""
        while True:
            if not self._batches:
                self._batches = self.pool_at(self.pool)
            batch = self._batches[self.used]
            self.used += 1
            if self.used == len(self._batches):
                self.pool, self.used, self._batches = self.pool + 1, 0, []
            yield batch


class Stream(Pools):
    """Endless batches of one task, a deterministic function of (rows, seed, position).

    Rows are drawn set by set with the shares that `distill.heads` names, in pools that are sorted
    by length and cut into batches of at most `budget` padded word pieces.
    """

    def __init__(
        self,
        head: str,
        rows: dict[str, list[LabelledRow]],
        tokenizer: PreTrainedTokenizerBase,
        budget: int,
        seed: int,
        limits: Limits,
    ) -> None:
        """Draw from `rows` (by set name); `budget` is in padded word pieces per batch."""
        self.head, self.rows, self.tokenizer = head, rows, tokenizer
        self.budget, self.seed, self.limits = budget, seed, limits
        super().__init__()

    @functools.cached_property
    def names(self) -> dict[str, list[Name]]:
        """Every name of the tagged rows, by type."""
        sentences = [(row["tokens"], row["tags"]) for rows in self.rows.values() for row in rows]
        return names_by_type(sentences)

    def weights(self) -> dict[str, float]:
        """How often each set is drawn, in proportion: by its `SHARES`, or else by size."""
        shares = {name: heads.of(self.head).SHARES.get(name, 0.0) for name in self.rows}
        if any(shares.values()):
            return shares
        return {name: float(len(rows)) for name, rows in self.rows.items()}

    def pool_at(self, number: int) -> list[Batch]:
        """All batches of one pool."""
        return [heads.of(self.head).collate(batch) for batch in self._fill(number)]

    def _fill(self, pool: int) -> list[list[Example]]:
        draw = random.Random(f"{self.seed}/{self.head}/{pool}")
        names, weights = zip(*self.weights().items(), strict=True)
        sets = draw.choices(names, weights, k=heads.of(self.head).POOL)
        rows = [draw.choice(self.rows[name]) for name in sets]
        encoded = [e for row in rows for e in heads.of(self.head).encode(row, self, draw)]
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


def pad(examples: list[Example]) -> dict[str, torch.Tensor]:
    """Inputs of the model, (rows, pieces of the longest)."""
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


def labels_of(examples: list[Example]) -> torch.Tensor:
    """The labels of all examples in a row."""
    return torch.tensor([label for example in examples for label in example["labels"]])


def places_of(examples: list[Example]) -> torch.Tensor:
    """(N, 2): row and piece of everything that is predicted."""
    return torch.tensor([(i, p) for i, example in enumerate(examples) for p in example["where"]])
