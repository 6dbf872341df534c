"""What is inside teacher and student: configuration, word pieces, hidden states, parameters.

Everything is read off the loaded models; the full-size architectures are built without weights
(on torch's meta device), which costs neither memory nor time. Attention is not shown here. The
model classes are imported on first use: they are many and slow to read.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import torch
from torch import nn
from torch.nn import functional

from explain import encoding
from explain.anatomy.records import HiddenState, Ledger, Look, Origin, Part, Piece, Reading, Setting
from explain.models import HEADS, PAIRS, ROLES, Loaded, building, load
from explain.records import Comparison

READER = "fill_mask"  # the head whose trunk and tokenizer are looked into
_SETTINGS = (  # meaning, name in BertConfig, name in DistilBertConfig
    ("layers", "num_hidden_layers", "n_layers"),
    ("width of a hidden state", "hidden_size", "dim"),
    ("attention heads a layer", "num_attention_heads", "n_heads"),
    ("width inside feed-forward", "intermediate_size", "hidden_dim"),
    ("word pieces in the vocabulary", "vocab_size", "vocab_size"),
    ("positions, the longest input", "max_position_embeddings", "max_position_embeddings"),
    ("kinds of segment", "type_vocab_size", ""),
    ("sine waves as positions", "", "sinusoidal_pos_embds"),
    ("activation", "hidden_act", "activation"),
    ("dropout", "hidden_dropout_prob", "dropout"),
    ("dropout on attention", "attention_probs_dropout_prob", "attention_dropout"),
    ("dropout before a classifier", "classifier_dropout", "seq_classif_dropout"),
    ("dropout before answer spans", "", "qa_dropout"),
    ("spread of new weights", "initializer_range", "initializer_range"),
    ("added in layer normalisation", "layer_norm_eps", ""),
    ("id of padding", "pad_token_id", "pad_token_id"),
    ("vocabulary head shares embeddings", "tie_word_embeddings", "tie_word_embeddings"),
)
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
_HEAD_NAMES = {
    "fill_mask": "fill-mask head, without the shared embeddings",
    "sentiment": "sentiment head",
    "ner": "entity head",
    "multiple_choice": "multiple-choice head",
    "question_answering": "question head",
}


def configuration(pair: str) -> tuple[Setting, ...]:
    """The two configurations line by line, and the article's `DistilBertConfig()`."""
    from transformers import DistilBertConfig

    first, second = (load(READER, role, pair).model.config for role in ROLES)
    default = DistilBertConfig()
    rows = []
    for meaning, name, student_name in _SETTINGS:
        left = str(getattr(first, name)) if name else ""
        right = str(getattr(second, student_name)) if student_name else ""
        article = str(getattr(default, student_name)) if student_name else ""
        row = Setting(meaning, name, left, student_name, right, article, left != right)
        rows.append(row)
    return tuple(rows)


def origins(pair: str) -> tuple[Origin, ...]:
    """Every checkpoint of a pair once, teacher before student."""
    found = [(role, PAIRS[pair][role][head]) for head in HEADS for role in ROLES]
    rows = [Origin(role, one.name, one.training, one.licence) for role, one in found]
    return tuple(dict.fromkeys(rows))


def read(text: str, loaded: Loaded, second: str = "") -> Reading:
    """One text, or two as one input, as the model's tokenizer cuts it; `second` may be blank."""
    parts = [encoding.pieces(loaded, encoding.require_text(text))]
    what = "second text"
    if encoding.optional_text(second, what):
        parts.append(encoding.pieces(loaded, second, what))
    kept = _room(loaded.window, [len(part.ids) for part in parts])
    row = encoding.row(loaded, *(part.ids[:keep] for part, keep in zip(parts, kept, strict=True)))
    inputs = encoding.tensors(loaded, [row])
    segments = inputs["token_type_ids"][0].tolist() if "token_type_ids" in inputs else None
    where = [(0, -1)]
    for number, keep in enumerate(kept):
        where += [*((number, index) for index in range(keep)), (number, -1)]
    names = loaded.tokenizer.convert_ids_to_tokens(list(row.ids))
    pieces = []
    for position, (part, index) in enumerate(where):
        start, end = parts[part].offsets[index] if index >= 0 else (None, None)
        pieces.append(
            Piece(
                text=names[position],
                token_id=row.ids[position],
                typed=(text, second)[part][start:end] if index >= 0 else "",
                start=start,
                end=end,
                part=part,
                attention=int(inputs["attention_mask"][0, position]),
                segment=segments[position] if segments else None,
                special=index < 0,
            )
        )
    unread = sum(len(part.ids) for part in parts) - sum(kept)
    return Reading(loaded.name, tuple(pieces), unread)


def readings(text: str, pair: str, second: str = "") -> tuple[Reading, Reading]:
    """The same text as teacher and student read it."""
    teacher, student = (read(text, load(READER, role, pair), second) for role in ROLES)
    return teacher, student


def _room(window: int, lengths: Sequence[int]) -> list[int]:
    """How many pieces of each part are read; two long parts share the window evenly."""
    if len(lengths) == 1:
        return [min(lengths[0], window - 2)]
    room = window - 3
    second = min(lengths[1], max(room - lengths[0], room // 2))
    return [min(lengths[0], room - second), second]


def hidden_state(reading: Reading, loaded: Loaded) -> HiddenState:
    """What the last layer says about each piece."""
    from explain.models.layers import trunk

    rows = [encoding.Row(reading.ids, sum(piece.part == 0 for piece in reading.pieces))]
    with torch.inference_mode():
        state = trunk(loaded.model)(**encoding.tensors(loaded, rows)).last_hidden_state
    texts, pieces, width = state.shape
    names = tuple(piece.text for piece in reading.pieces)
    values = tuple(tuple(row) for row in state[0].tolist())
    return HiddenState(loaded.name, names, (texts, pieces, width), values)


def look(text: str, pair: str, second: str = "") -> Look:
    """Both models on the same text; cosines where pieces and width are the same."""
    teacher, student = readings(text, pair, second)
    first = hidden_state(teacher, load(READER, "teacher", pair))
    other = hidden_state(student, load(READER, "student", pair))
    cosines: tuple[float, ...] = ()
    if teacher.ids == student.ids and first.shape == other.shape:
        pairs = torch.tensor(first.values), torch.tensor(other.values)
        cosines = tuple(functional.cosine_similarity(*pairs, dim=-1).tolist())
    return Look(teacher, student, first, other, cosines)


def ledgers(pair: str) -> tuple[Ledger, Ledger]:
    """Parameters of teacher and student, counted from the loaded modules.

    All five heads of the pocket pair; of the base pair, whose heads are checkpoints of their own,
    the fill-mask checkpoint.
    """
    heads = tuple(HEADS) if pair == "pocket" else (READER,)
    teacher, student = (_ledger([load(head, role, pair) for head in heads]) for role in ROLES)
    return teacher, student


def compared(teacher: Ledger, student: Ledger, key: str = "name") -> tuple[Comparison, ...]:
    """The two ledgers side by side, by part, or by group with `key="group"`; 0 where none is."""
    labels = dict.fromkeys(getattr(part, key) for part in (*teacher.parts, *student.parts))
    return tuple(
        Comparison(label, _count(teacher, key, label), _count(student, key, label), "parameters")
        for label in labels
    )


def _count(ledger: Ledger, key: str, label: str) -> int:
    return sum(part.count for part in ledger.parts if getattr(part, key) == label)


@functools.cache
def architectures() -> tuple[Ledger, Ledger]:
    """Parameters of BERT-base and DistilBERT, counted without weights."""
    with building, torch.device("meta"):
        from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

        models = BertModel(BertConfig()), DistilBertModel(DistilBertConfig())
    names = "BERT-base", "DistilBERT"
    teacher, student = (
        Ledger(name, _parts(_placed(model, "pooler")))
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
    teacher, student = ledgers(pair)
    return teacher.total("embeddings", "layers"), student.total("embeddings", "layers")


def _ledger(heads: Sequence[Loaded]) -> Ledger:
    """Shared and tied parameters count once, where they come first."""
    seen: set[int] = set()
    placed: list[Part] = []
    for loaded in heads:
        for part, parameter in _placed(loaded.model, _HEAD_NAMES[loaded.head]):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                placed.append(part)
    return Ledger(heads[0].name, _parts((part, None) for part in placed))


def _placed(model: nn.Module, head: str) -> Iterable[tuple[Part, nn.Parameter]]:
    """Each parameter with its part; what is neither embedding nor layer belongs to `head`."""
    group = "pooler" if head == "pooler" else "heads"
    for name, parameter in model.named_parameters():
        inside = "embeddings." in name or ".layer." in name
        part, own = head, group
        if inside:
            part, own = next((part, own) for mark, part, own in _PLACES if mark in name)
        yield Part(part, own, parameter.numel()), parameter


def _parts(placed: Iterable[tuple[Part, object]]) -> tuple[Part, ...]:
    totals: dict[tuple[str, str], int] = {}
    for part, _ in placed:
        key = part.name, part.group
        totals[key] = totals.get(key, 0) + part.count
    return tuple(Part(name, group, count) for (name, group), count in totals.items())
