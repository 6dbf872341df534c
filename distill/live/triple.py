"""L_ce, L_mlm and L_cos of a pair on one text, piece by piece, by `distill.losses`."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch

from distill.live import heads
from distill.live.learner import divergences
from distill.live.transfer import collated
from distill.live.untrained import require_whole
from distill.losses import cosine_loss, hard_loss, soft_loss, task_logits
from explain import encoding
from explain.distillation.records import Losses, PieceLosses, TripleLoss
from explain.heads.fill_mask import MASK
from explain.models import Loaded
from explain.records import InputError

NAMED = 3  # words that rise, and that fall
SMALLEST = 0.001  # change of probability that is worth a word


@dataclass(frozen=True, slots=True)
class _Masked:
    """What both models say at the masked pieces."""

    labels: torch.Tensor  # (masks,)
    teacher: torch.Tensor  # (masks, vocabulary), logits
    student: torch.Tensor
    temperature: float


def triple_loss(text: str, teacher: Loaded, student: Loaded, temperature: float) -> TripleLoss:
    """The losses of two fill-mask models on a text, of which some pieces are masked here."""
    if MASK.search(text):
        raise InputError("Give the text whole, without [MASK]: pieces of it are masked here.")
    head = heads.of(teacher.head)
    read = head.example(text, teacher)
    require_whole(len(encoding.pieces(teacher, text).ids) - (len(read["ids"][0]) - 2))
    example = head.prepared(read, teacher, random.Random(text))
    batch = collated([example], teacher)
    with torch.no_grad():
        logits, hidden = task_logits(student.model, batch)
        given, given_hidden = task_logits(teacher.model, batch)
    _require_alike(hidden, given_hidden)
    cosines = torch.nn.functional.cosine_similarity(hidden[0], given_hidden[0], dim=-1)
    masked = _Masked(batch.labels, given, logits, temperature)
    numbers = {place: number for number, place in enumerate(example["where"])}
    tokens = teacher.tokenizer.convert_ids_to_tokens(read["ids"][0])
    pieces = tuple(
        _masked_piece(token, 1 - float(cosine), masked, numbers[place], teacher)
        if place in numbers
        else PieceLosses(token, False, 1 - float(cosine))
        for place, (token, cosine) in enumerate(zip(tokens, cosines, strict=True))
    )
    losses = Losses(
        soft_loss(logits, given, temperature).item(),
        hard_loss(logits, batch.labels).item(),
        cosine_loss(hidden, given_hidden, batch.inputs["attention_mask"]).item(),
    )
    return TripleLoss(pieces, losses, temperature)


def _masked_piece(
    token: str, cosine: float, masked: _Masked, number: int, loaded: Loaded
) -> PieceLosses:
    names = loaded.tokenizer.convert_ids_to_tokens
    label, heat = int(masked.labels[number]), masked.temperature
    teacher, student = masked.teacher[number].float(), masked.student[number].float()
    p, q = teacher.softmax(-1), student.softmax(-1)
    change = (teacher / heat).softmax(-1) - (student / heat).softmax(-1)

    def moved(values: torch.Tensor) -> tuple[str, ...]:
        best = values.topk(NAMED)
        kept = [i for i, v in zip(best.indices.tolist(), best.values.tolist(), strict=True)
                if v > SMALLEST]  # fmt: skip
        return tuple(names(kept))

    def best(values: torch.Tensor) -> tuple[str, float]:
        return str(names(int(values.argmax()))), float(values.max())

    return PieceLosses(
        token,
        True,
        cosine,
        soft=heat**2 * float(divergences(student[None] / heat, teacher[None] / heat)),
        hard=float(-student.log_softmax(-1)[label]),
        teacher_best=best(p),
        student_best=best(q),
        student_right=float(q[label]),
        rise=moved(change),
        fall=moved(-change),
    )


def _require_alike(hidden: torch.Tensor, given: torch.Tensor) -> None:
    if hidden.shape != given.shape:
        raise InputError(
            "These two models have hidden states of different sizes: L_cos needs the same."
        )
