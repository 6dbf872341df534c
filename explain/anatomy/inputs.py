"""The input of each model in word pieces, and the hidden states of its last layer.

Attention is shown elsewhere (`explain.attribution.attention`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from explain import encoding
from explain.anatomy.records import HiddenState, Inspection, ModelInput, Piece
from explain.models import ROLES, Loaded, load

TRUNK_HEAD = "fill_mask"  # the head whose trunk and tokenizer are shown


def model_input(text: str, loaded: Loaded, second: str = "") -> ModelInput:
    """One text, or two as one input, in word pieces; `second` may be blank."""
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
    return ModelInput(loaded.name, tuple(pieces), unread)


def model_inputs(text: str, pair: str, second: str = "") -> tuple[ModelInput, ModelInput]:
    """The same text as the input of teacher and student."""
    teacher, student = (model_input(text, load(TRUNK_HEAD, role, pair), second) for role in ROLES)
    return teacher, student


def _room(window: int, lengths: Sequence[int]) -> list[int]:
    """How many pieces of each part are read; two long parts share the window evenly."""
    if len(lengths) == 1:
        return [min(lengths[0], window - 2)]
    room = window - 3
    second = min(lengths[1], max(room - lengths[0], room // 2))
    return [min(lengths[0], room - second), second]


def hidden_state(tokenised: ModelInput, loaded: Loaded) -> HiddenState:
    """The last layer's hidden state of each piece."""
    from explain.models.layers import trunk

    rows = [encoding.Row(tokenised.ids, sum(piece.part == 0 for piece in tokenised.pieces))]
    with torch.inference_mode():
        state = trunk(loaded.model)(**encoding.tensors(loaded, rows)).last_hidden_state
    texts, pieces, width = state.shape
    names = tuple(piece.text for piece in tokenised.pieces)
    values = tuple(tuple(row) for row in state[0].tolist())
    return HiddenState(loaded.name, names, (texts, pieces, width), values)


def inspect(text: str, pair: str, second: str = "") -> Inspection:
    """Both models on the same text; cosines where pieces and width are the same."""
    teacher, student = model_inputs(text, pair, second)
    teacher_state = hidden_state(teacher, load(TRUNK_HEAD, "teacher", pair))
    student_state = hidden_state(student, load(TRUNK_HEAD, "student", pair))
    cosines: tuple[float, ...] = ()
    if teacher.ids == student.ids and teacher_state.shape == student_state.shape:
        pairs = torch.tensor(teacher_state.values), torch.tensor(student_state.values)
        cosines = tuple(functional.cosine_similarity(*pairs, dim=-1).tolist())
    return Inspection(teacher, student, teacher_state, student_state, cosines)
