"""How alike are the layers of student and teacher, on one text or on a fixed list of sentences?

Linear CKA (Kornblith et al., 1905.00414) compares how pieces lie to each other; it does not change
when one model's states are rotated or scaled. The mean cosine compares the states themselves,
dimension by dimension, which makes sense because the student starts from the teacher's weights and
L_cos pulls it to the teacher's directions. With few pieces, CKA is high for any two models: the
same with the student's pieces shuffled is the value to compare with.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from explain.anatomy.inputs import TRUNK_HEAD, model_input, row_of
from explain.anatomy.records import Similarity
from explain.anatomy.states import layer_states
from explain.models import ROLES, Loaded, load
from explain.models.checkpoints import COPIED_LAYERS
from explain.records import InputError

SENTENCES = Path(__file__).resolve().parents[2] / "assets" / "text" / "inside-sentences.txt"
FEWEST_PIECES = 3


def linear_cka(first: Tensor, second: Tensor) -> Tensor:
    """(layers of first, layers of second), from states (layers, pieces, width) of the same pieces.

    Widths may differ. A layer that is the same for every piece is like no other: 0.
    """
    one, other = _similarities_of_pieces(first), _similarities_of_pieces(second)
    return (one @ other.T).clamp(0.0, 1.0)


def _similarities_of_pieces(states: Tensor) -> Tensor:
    """(layers, pieces * pieces): centred inner products, scaled to length 1."""
    centred = states.double() - states.double().mean(1, keepdim=True)
    return functional.normalize((centred @ centred.mT).flatten(1), dim=1)


def mean_cosine(first: Tensor, second: Tensor) -> Tensor:
    """(layers of first, layers of second): mean over the pieces, from states of the same width."""
    one, other = (functional.normalize(states, dim=-1) for states in (first, second))
    return torch.einsum("spw,tpw->st", one, other) / _pieces(first)


def similarity(text: str, pair: str, second: str = "") -> Similarity:
    """Student and teacher on the visitor's text, or on two texts as one input."""
    return _compare([(text, second)], pair)


@functools.cache
def on_fixed_sentences(pair: str) -> Similarity:
    """Student and teacher on the sentences of `assets/text/inside-sentences.txt`."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return _compare([(line, "") for line in lines], pair)


def _compare(texts: Sequence[tuple[str, str]], pair: str) -> Similarity:
    teacher, student = (_states(texts, load(TRUNK_HEAD, role, pair)) for role in ROLES)
    if teacher.shape[1:] != student.shape[1:]:
        raise InputError("These two models cannot be compared piece by piece.")
    if _pieces(student) < FEWEST_PIECES:
        raise InputError(f"Type at least {FEWEST_PIECES} word pieces to compare layers.")
    order = torch.randperm(_pieces(student), generator=torch.Generator().manual_seed(0))
    shuffled = student[:, order]
    return Similarity(
        texts=len(texts),
        pieces=_pieces(student),
        cka=tuple(map(tuple, linear_cka(student, teacher).tolist())),
        cosine=tuple(map(tuple, mean_cosine(student, teacher).tolist())),
        shuffled_cka=float(linear_cka(shuffled, teacher).mean()),
        shuffled_cosine=float(mean_cosine(shuffled, teacher).mean()),
        copied=tuple(layer + 1 for layer in COPIED_LAYERS[pair]),
    )


def _states(texts: Sequence[tuple[str, str]], loaded: Loaded) -> Tensor:
    """(layers + 1, pieces of all texts without [CLS] and [SEP], width)."""
    inputs = [model_input(text, loaded, second) for text, second in texts]
    states = layer_states(loaded, [row_of(tokenised) for tokenised in inputs])
    kept = [[not piece.special for piece in tokenised.pieces] for tokenised in inputs]
    return torch.cat([state[:, keep] for state, keep in zip(states, kept, strict=True)], dim=1)


def _pieces(states: Tensor) -> int:
    return states.shape[1]
