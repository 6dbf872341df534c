"""The text that a student is distilled on, and what the teacher says of it, computed once.

Sentences written for this project, or pasted by a visitor. Once each has been seen as it is, copies
follow in which some words are replaced by what the teacher itself proposes in their place. The
teacher's last hidden states are kept for every batch, so its encoder runs over each only once.
Held-out rows are none of these: they come from `explain.evaluation.sets`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from distill.batches import Batch, Example, pad
from distill.heads import of as training_head
from distill.live import heads
from distill.losses import task_logits
from distill.precision import autocast
from explain.encoding import require_text
from explain.evaluation.sets import ours, sample
from explain.models import Loaded
from explain.models.layers import trunk, vocabulary_logits
from explain.records import InputError

ASSETS = Path(__file__).resolve().parents[2] / "assets"
FILES = {
    "general": ASSETS / "text" / "inside-sentences.txt",
    "opinions": ASSETS / "transfer" / "opinions.txt",
    "names": ASSETS / "transfer" / "names.txt",
}
FEWEST, MOST = 50, 500  # sentences that a visitor may paste
MOST_CHARACTERS = 50_000  # of all of them together
LONGEST = 300  # characters of one sentence that is used
ROWS = 16  # sentences per batch
BATCHES = 96  # kept with the teacher's hidden states: at 24 pieces of 384 float16 values, 28 MB
REPLACED = 0.3  # share of a sentence's whole words that the teacher replaces in a copy
PROPOSALS = 8  # of the teacher for one place, drawn by their probability
_CPU = torch.device("cpu")


def sentences(head: str) -> tuple[str, ...]:
    """The sentences written for this project that suit a head."""
    names = heads.of(head).FILES
    return tuple(line for name in names for line in FILES[name].read_text("utf-8").splitlines())


def pasted(text: str) -> tuple[str, ...]:
    """A visitor's text as sentences; raises `InputError` where there are too few."""
    if len(require_text(text)) > MOST_CHARACTERS:
        raise InputError(
            f"The text has {len(text):,} characters: shorten it to {MOST_CHARACTERS:,} or fewer."
        )
    parts = [part.strip() for part in re.split(r"(?<=[.!?])[\"'”’)]?\s+|\n+", text)]
    found = tuple(dict.fromkeys(part[:LONGEST] for part in parts if len(part.split()) > 2))
    if len(found) < FEWEST:
        raise InputError(
            f"A student needs at least {FEWEST} different sentences of three words or more to "
            f"learn from; found {len(found)}."
        )
    return found[:MOST]


@dataclass(frozen=True, slots=True)
class Target:
    """One batch, and the teacher's last hidden states for it."""

    batch: Batch  # where the text has no labels, they are the teacher's decisions
    hidden: torch.Tensor  # (rows, tokens, width)


class TransferSet:
    """Batches for ever: at first new ones, then those again in another order."""

    def __init__(self, texts: Sequence[str], teacher: Loaded, filler: Loaded, seed: int) -> None:
        """`filler` is the teacher's fill-mask head; the same `seed` gives the same batches."""
        self.teacher, self.filler = teacher, filler
        self.draw = random.Random(seed)
        head = heads.of(teacher.head)
        self.originals: list[Example] = [head.example(text, teacher) for text in texts]
        self.kept: list[Target] = []

    def __iter__(self) -> Iterator[Target]:
        """Give batches with the teacher's answers."""
        waiting = list(self.originals)
        self.draw.shuffle(waiting)
        while len(self.kept) < BATCHES:
            rows, waiting = waiting[:ROWS], waiting[ROWS:]
            if len(rows) < ROWS:
                rows = self._varied(self.draw.choices(self.originals, k=ROWS))
            self.kept.append(self._target(rows))
            yield self.kept[-1]
        while True:
            order = list(self.kept)
            self.draw.shuffle(order)
            yield from order

    def _target(self, rows: list[Example]) -> Target:
        prepare = heads.of(self.teacher.head).prepared
        batch = collated([prepare(row, self.teacher, self.draw) for row in rows], self.teacher)
        with torch.no_grad(), autocast(_CPU):
            logits, hidden = task_logits(self.teacher.model, batch)
        labels = logits.argmax(-1) if self.teacher.labels else batch.labels
        return Target(Batch(batch.head, batch.inputs, labels, batch.where), hidden.half())

    def _varied(self, rows: list[Example]) -> list[Example]:
        """Copies in which some whole words are replaced by the teacher's proposals."""
        masked = [self._masked(row) for row in rows]
        places = [(i, place) for i, (_, chosen) in enumerate(masked) for place in chosen]
        if not places:
            return rows
        examples = [{**row, "ids": [ids]} for row, (ids, _) in zip(rows, masked, strict=True)]
        with torch.no_grad(), autocast(_CPU):
            hidden = trunk(self.filler.model)(**pad(examples)).last_hidden_state
            scores = vocabulary_logits(self.filler.model, hidden[tuple(zip(*places, strict=True))])
        best = scores.float().topk(PROPOSALS)
        weights, ids = best.values.softmax(-1).tolist(), best.indices.tolist()
        for (i, place), shares, proposals in zip(places, weights, ids, strict=True):
            examples[i]["ids"][0][place] = self.draw.choices(proposals, shares)[0]
        return examples

    def _masked(self, row: Example) -> tuple[list[int], list[int]]:
        """Ids of a sentence with [MASK] in the place of some whole words, and these places."""
        ids = list(row["ids"][0])
        tokens = self.teacher.tokenizer.convert_ids_to_tokens(ids)
        whole = [
            place
            for place in range(1, len(ids) - 1)
            if tokens[place].isalpha() and not tokens[place + 1].startswith("##")
        ]
        chosen = self.draw.sample(whole, round(REPLACED * len(whole)))
        for place in chosen:
            ids[place] = self.teacher.tokenizer.mask_token_id
        return ids, chosen


def collated(examples: list[Example], loaded: Loaded) -> Batch:
    """One padded batch of examples of the model's head."""
    batch: Batch = training_head(loaded.head).collate(examples)
    return batch


def held_out(teacher: Loaded, count: int) -> list[Example]:
    """At most `count` of our own labelled rows, drawn with a fixed seed; 0 for all."""
    rows = [item.row for item in sample(ours(teacher.head), count).items]
    return [heads.of(teacher.head).held_out(row, teacher) for row in rows]
