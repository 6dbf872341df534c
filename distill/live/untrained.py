"""A student before it has learned anything, beside its teacher; and both models' soft targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from distill.live import heads
from distill.live.learner import HeldOut
from distill.live.settings import OWN, require_layers
from distill.live.start import new_student
from distill.live.transfer import held_out
from explain import encoding
from explain.distillation.records import Marks, Outcomes
from explain.heads import steps
from explain.heads.registry import module
from explain.models import Loaded, load
from explain.records import InputError

if TYPE_CHECKING:
    from torch import Tensor

EXAMINED_ROWS = 48  # held-out rows of one examination


@dataclass(frozen=True, slots=True)
class Untrained:
    """What a start is worth by itself."""

    teacher: Outcomes  # answers to one sentence
    student: Outcomes
    marks: Marks
    teacher_score: float
    metric: str


def untrained(head: str, layers: Sequence[int], sentence: str, seed: int) -> Untrained:
    """A student of these teacher layers, () for a random start, as it is before training."""
    require_layers(layers)
    teacher, answer = load(head, "teacher"), heads.of(head).answer
    expected = answer(sentence, teacher)
    model = new_student(teacher, layers, seed)
    held = examination(head)
    student = replace(load(head, "student"), model=model, name=OWN)
    return Untrained(
        expected,
        answer(sentence, student),
        held.marks(model),
        held.marks(teacher.model).score,
        heads.of(head).SCORE,
    )


@cache
def examination(head: str) -> HeldOut:
    """The held-out rows of an examination, answered by the teacher once."""
    teacher = load(head, "teacher")
    return HeldOut.of(teacher, held_out(teacher, EXAMINED_ROWS))


def outcome_logits(text: str, loaded: Loaded) -> Tensor:
    """Logits (outcomes,) of a text: of words for its [MASK], or of its labels.

    Raises `InputError` for a text that the model cannot read as a whole.
    """
    head = module("explain.heads", loaded.head)
    encoded = head.encode(text, loaded)
    require_whole(encoded.unread)
    logits, _ = steps.run(loaded, encoded.rows[:1], head.forward)
    return logits[0][0]


def require_whole(unread: int) -> None:
    """Refuse a text of which so many word pieces could not be read."""
    if unread:
        longer = f"{unread:,} word pieces longer than what is read here"
        raise InputError(f"The text is {longer}: shorten it.")


def word_ids(words: str, loaded: Loaded) -> tuple[int, ...]:
    """Ids of the words that are asked about, separated by commas; each is one piece."""
    ids = []
    for word in filter(None, map(str.strip, words.split(","))):
        pieces = encoding.pieces(loaded, word, "word").ids
        if len(pieces) != 1 or pieces[0] == loaded.tokenizer.unk_token_id:
            raise InputError(f"{word[:40]!r} is not one word of the vocabulary: try another.")
        ids.append(pieces[0])
    if len(ids) > 8:
        raise InputError(f"Name 8 words at most, not {len(ids)}.")
    return tuple(ids)
