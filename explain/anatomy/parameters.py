"""Parameters of both models by part, counted in the loaded modules.

The full-size architectures are built without weights (on torch's meta device), which costs neither
memory nor time. The model classes are imported on first use: they are many and slow to read.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import torch
from torch import nn

from explain.anatomy.inputs import TRUNK_HEAD
from explain.anatomy.records import ParameterTable, Part
from explain.heads.registry import HEADS
from explain.models import ROLES, Loaded, building, load
from explain.records import Comparison

_PLACES = (  # the first that occurs in a parameter's name says where it belongs
    ("word_embeddings", "word embeddings", "embeddings"),
    ("position_embeddings", "position embeddings", "embeddings"),
    ("token_type_embeddings", "segment embeddings", "embeddings"),
    ("embeddings.LayerNorm", "embedding normalisation", "embeddings"),
    ("LayerNorm", "layer normalisation", "layers"),
    ("_layer_norm", "layer normalisation", "layers"),
    (".attention.", "attention", "layers"),
    ("", "feed-forward", "layers"),
)


def tables(pair: str) -> tuple[ParameterTable, ParameterTable]:
    """Parameters of teacher and student, counted from the loaded modules.

    All five heads of the pocket pair; of the base pair, whose heads are checkpoints of their own,
    the fill-mask checkpoint.
    """
    heads = tuple(HEADS) if pair == "pocket" else (TRUNK_HEAD,)
    teacher, student = (_table([load(head, role, pair) for head in heads]) for role in ROLES)
    return teacher, student


def compare(
    teacher: ParameterTable, student: ParameterTable, key: str = "name"
) -> tuple[Comparison, ...]:
    """The two tables side by side, by part, or by group with `key="group"`; 0 where none is."""
    labels = dict.fromkeys(getattr(part, key) for part in (*teacher.parts, *student.parts))
    return tuple(
        Comparison(label, _count(teacher, key, label), _count(student, key, label), "parameters")
        for label in labels
    )


def _count(table: ParameterTable, key: str, label: str) -> int:
    return sum(part.count for part in table.parts if getattr(part, key) == label)


@functools.cache
def architectures() -> tuple[ParameterTable, ParameterTable]:
    """Parameters of BERT-base and DistilBERT, counted without weights."""
    with building, torch.device("meta"):
        from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

        models = BertModel(BertConfig()), DistilBertModel(DistilBertConfig())
    names = "BERT-base", "DistilBERT"
    teacher, student = (
        ParameterTable(name, _parts(_placed(model, "pooler")))
        for name, model in zip(names, models, strict=True)
    )
    return teacher, student


def sizes(pair: str) -> tuple[int, int]:
    """Parameters of the two encoders (embeddings and layers), heads left out.

    The base pair's are those of the published architectures with BERT's pooler: nothing is
    downloaded to count.
    """
    if pair == "base":
        teacher, student = architectures()
        return teacher.total(), student.total()
    teacher, student = tables(pair)
    return teacher.total("embeddings", "layers"), student.total("embeddings", "layers")


def _table(heads: Sequence[Loaded]) -> ParameterTable:
    """Shared and tied parameters count once, where they come first."""
    seen: set[int] = set()
    placed: list[Part] = []
    for loaded in heads:
        for part, parameter in _placed(loaded.model, f"{HEADS[loaded.head].title} head"):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                placed.append(part)
    return ParameterTable(heads[0].name, _parts((part, None) for part in placed))


def _placed(model: nn.Module, head: str) -> Iterable[tuple[Part, nn.Parameter]]:
    """Each parameter with its part; what is neither embedding nor layer belongs to `head`."""
    group = "pooler" if head == "pooler" else "heads"
    for name, parameter in model.named_parameters():
        part, part_group = head, group
        if "embeddings." in name or ".layer." in name:
            part, part_group = next((part, group) for mark, part, group in _PLACES if mark in name)
        yield Part(part, part_group, parameter.numel()), parameter


def _parts(placed: Iterable[tuple[Part, object]]) -> tuple[Part, ...]:
    totals: dict[tuple[str, str], int] = {}
    for part, _ in placed:
        key = part.name, part.group
        totals[key] = totals.get(key, 0) + part.count
    return tuple(Part(name, group, count) for (name, group), count in totals.items())
