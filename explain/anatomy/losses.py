"""The losses of the article's sections D to H, with its own inputs, number by number.

The article is "Python Guide to HuggingFace DistilBERT". Every loss is what the model class of
transformers returns for `labels=` (or `start_positions=`, `end_positions=`); every term is worked
out from the logits here, and their mean has to be that loss. Where the article's labels ask for
something else than the task, the right labels follow. The article's heads are untrained, so that
its numbers are random; these heads are trained.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from explain import encoding
from explain.anatomy.records import ArticleLoss, LossCase, LossTerm
from explain.heads.registry import HEADS
from explain.models import ROLES, Loaded, load

IGNORED = -100  # a label that counts for nothing, as torch has it
GAP, FILLED = "The capital of France is [MASK].", "The capital of France is Paris."
DOG = "Hello, my dog is cute"
PIZZA = "In Italy, pizza served in formal settings, such as at a restaurant, is presented unsliced."
CHOICES = ("It is eaten with a fork and a knife.", "It is eaten while held in the hand.")
QUESTION, CONTEXT = "Who was Jim Henson?", "Jim Henson was a nice puppet"
ANSWER = (10, 12)  # "a nice puppet"; the article labels 1 and 3, "who was jim"


class Computed(NamedTuple):
    """One model's numbers for one set of labels."""

    places: list[tuple[str, str]]  # of every term: what is labelled, and the label
    terms: list[float]  # nats
    loss: float  # as the model class returns it


@functools.cache
def article_losses(pair: str) -> tuple[ArticleLoss, ...]:
    """Sections D to H for both models; ten checkpoints of the base pair are needed."""

    def section(
        letter: str, head: str, text: str, *cases: tuple[str, str, Callable[[Loaded], Computed]]
    ) -> ArticleLoss:
        models = [load(head, role, pair) for role in ROLES]
        rows = tuple(_case(code, remark, map(compute, models)) for code, remark, compute in cases)
        return ArticleLoss(letter, HEADS[head].title, text, rows)

    return (
        section("D", "fill_mask", GAP, *_MASKED),
        section("E", "sentiment", DOG, *_CLASSIFIED),
        section("F", "multiple_choice", f"{PIZZA} ({CHOICES[0]} / {CHOICES[1]})", *_CHOSEN),
        section("G", "ner", DOG, *_TAGGED),
        section("H", "question_answering", f"{QUESTION} {CONTEXT}", *_ANSWERED),
    )


def _case(code: str, remark: str, both: map[Computed]) -> LossCase:
    teacher, student = both
    terms = tuple(
        LossTerm(place, label, first, second)
        for (place, label), first, second in zip(
            student.places, teacher.terms, student.terms, strict=True
        )
    )
    return LossCase(code, remark, terms, teacher.loss, student.loss)


def _inputs(loaded: Loaded, first: str, second: str = "") -> encoding.Inputs:
    """One row as the tokenizer of transformers gives it, [MASK] read as one piece."""
    parts = [_ids(loaded, first), *([_ids(loaded, second)] if second else [])]
    return encoding.tensors(loaded, [encoding.row(loaded, *parts)])


def _ids(loaded: Loaded, text: str) -> list[int]:
    before, mask, after = text.partition("[MASK]")
    middle = [loaded.tokenizer.mask_token_id] if mask else []
    return [*_plain(loaded, before), *middle, *_plain(loaded, after)]


def _plain(loaded: Loaded, text: str) -> list[int]:
    return list(encoding.splitter(loaded).encode(text, add_special_tokens=False).ids)


def _names(loaded: Loaded, ids: Tensor) -> list[str]:
    return list(loaded.tokenizer.convert_ids_to_tokens(ids.tolist()))


def _nats(logits: Tensor, labels: Sequence[int]) -> list[float]:
    """-log p of each label, from logits (places, classes); ignored places are left out."""
    logs = logits.log_softmax(-1)
    return [-float(row[label]) for row, label in zip(logs, labels, strict=True) if label >= 0]


def _run(loaded: Loaded, inputs: encoding.Inputs, **labels: Tensor) -> tuple[float, Any]:
    with torch.inference_mode():
        outputs = loaded.model(**inputs, **labels)
    return float(outputs.loss), outputs


def _per_piece(
    loaded: Loaded, inputs: encoding.Inputs, labels: list[int], names: list[str]
) -> Computed:
    loss, outputs = _run(loaded, inputs, labels=torch.tensor([labels]))
    pieces = _names(loaded, inputs["input_ids"][0])
    places = [
        (piece, name)
        for piece, name, label in zip(pieces, names, labels, strict=True)
        if label != IGNORED
    ]
    return Computed(places, _nats(outputs.logits[0], labels), loss)


def _masked(loaded: Loaded, everywhere: bool) -> Computed:
    inputs, filled = _inputs(loaded, GAP), _inputs(loaded, FILLED)["input_ids"][0]
    masks = inputs["input_ids"][0] == loaded.tokenizer.mask_token_id
    labels = filled if everywhere else torch.where(masks, filled, IGNORED)
    return _per_piece(loaded, inputs, labels.tolist(), _names(loaded, filled))


def _classified(loaded: Loaded) -> Computed:
    loss, outputs = _run(loaded, _inputs(loaded, DOG), labels=torch.tensor([[1]]))
    return Computed([("the text", loaded.labels[1])], _nats(outputs.logits, [1]), loss)


def _chosen(loaded: Loaded) -> Computed:
    rows = [encoding.row(loaded, _ids(loaded, PIZZA), _ids(loaded, choice)) for choice in CHOICES]
    grouped = {name: tensor[None] for name, tensor in encoding.tensors(loaded, rows).items()}
    loss, outputs = _run(loaded, grouped, labels=torch.tensor([0]))
    return Computed([("the two choices", CHOICES[0])], _nats(outputs.logits, [0]), loss)


def _tagged(loaded: Loaded, first_class: bool) -> Computed:
    inputs = _inputs(loaded, DOG)
    count = inputs["input_ids"].shape[1]
    outside = loaded.labels.index("O")
    labels = [1] * count if first_class else [IGNORED, *[outside] * (count - 2), IGNORED]
    return _per_piece(loaded, inputs, labels, [loaded.labels[max(0, label)] for label in labels])


def _answered(loaded: Loaded, span: tuple[int, int]) -> Computed:
    inputs = _inputs(loaded, QUESTION, CONTEXT)
    start, end = (torch.tensor([place]) for place in span)
    loss, outputs = _run(loaded, inputs, start_positions=start, end_positions=end)
    names = _names(loaded, inputs["input_ids"][0])
    both = torch.stack([outputs.start_logits[0], outputs.end_logits[0]])
    places = [("start", f"{span[0]}: {names[span[0]]}"), ("end", f"{span[1]}: {names[span[1]]}")]
    return Computed(places, _nats(both, span), loss)


_MASKED = (
    (
        'labels = tokenizer("The capital of France is Paris.")',
        "A mean over every piece, the visible ones too.",
        functools.partial(_masked, everywhere=True),
    ),
    (
        "labels[input_ids != mask_token_id] = -100",
        "The masked word alone, as in training and in Fill-mask here.",
        functools.partial(_masked, everywhere=False),
    ),
)
_CLASSIFIED = (("labels = [[1]]", "Class 1 of the text.", _classified),)
_CHOSEN = (("labels = [0]", "Choice 0 against choice 1.", _chosen),)
_TAGGED = (
    (
        "labels = [[1] * 8]",
        "Class 1 for every piece, [CLS] and [SEP] too.",
        functools.partial(_tagged, first_class=True),
    ),
    (
        "labels = [[-100] + [O] * 6 + [-100]]",
        "There is no name in the sentence: O for each word, nothing for [CLS] and [SEP].",
        functools.partial(_tagged, first_class=False),
    ),
)
_ANSWERED = (
    (
        "start_positions, end_positions = [1], [3]",
        "These pieces are “who was jim”, in the question.",
        functools.partial(_answered, span=(1, 3)),
    ),
    (
        "start_positions, end_positions = [10], [12]",
        "“a nice puppet”, the answer.",
        functools.partial(_answered, span=ANSWER),
    ),
)
