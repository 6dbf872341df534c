"""The input of each model in word pieces, and the hidden states of its last layer.

Attention is shown elsewhere (`explain.attribution.attention`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from explain import encoding
from explain.anatomy.records import HiddenState, Inspection, ModelInput, Piece
from explain.heads.fill_mask import MASK
from explain.models import ROLES, Loaded, load

TRUNK_HEAD = "fill_mask"  # the head whose trunk and tokenizer are shown


def model_input(text: str, loaded: Loaded, second: str = "") -> ModelInput:
    """One text, or two as one input, in word pieces; `second` may be blank.

    A [MASK] is read as one piece, as in Fill-mask, however many there are.
    """
    parts = [_read(loaded, encoding.require_text(text), "text")]
    what = "second text"
    if encoding.optional_text(second, what):
        parts.append(_read(loaded, second, what))
    kept = _room(loaded.window, [len(part) for part in parts])
    shown = [part[:keep] for part, keep in zip(parts, kept, strict=True)]
    row = encoding.row(loaded, *([token for token, _, _ in part] for part in shown))
    inputs = encoding.tensors(loaded, [row])
    segments = inputs["token_type_ids"][0].tolist() if "token_type_ids" in inputs else None
    where: list[tuple[int, tuple[int, int] | None]] = [(0, None)]
    for number, part in enumerate(shown):
        where += [*((number, (start, end)) for _, start, end in part), (number, None)]
    names = loaded.tokenizer.convert_ids_to_tokens(list(row.ids))
    pieces = []
    for position, (number, span) in enumerate(where):
        start, end = span or (None, None)
        pieces.append(
            Piece(
                text=names[position],
                token_id=row.ids[position],
                typed=(text, second)[number][start:end] if span else "",
                start=start,
                end=end,
                part=number,
                attention=int(inputs["attention_mask"][0, position]),
                segment=segments[position] if segments else None,
                special=span is None,
            )
        )
    return ModelInput(loaded.name, tuple(pieces), sum(map(len, parts)) - sum(kept))


def _read(loaded: Loaded, text: str, what: str) -> list[tuple[int, int, int]]:
    """Each piece of a text: its id, and its first and last character, end exclusive."""
    pieces: list[tuple[int, int, int]] = []
    begin = 0
    for start, end in [*(mask.span() for mask in MASK.finditer(text)), (len(text), len(text))]:
        part = encoding.part(loaded, text, what, begin, start)
        pieces += ((token, *span) for token, span in zip(part.ids, part.offsets, strict=True))
        if start < end:
            pieces.append((loaded.tokenizer.mask_token_id, start, end))
        begin = end
    encoding.require_pieces(len(pieces), what)
    return pieces


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


def row_of(tokenised: ModelInput) -> encoding.Row:
    """The pieces as a row of a batch."""
    return encoding.Row(tokenised.ids, sum(piece.part == 0 for piece in tokenised.pieces))


def hidden_state(tokenised: ModelInput, loaded: Loaded) -> HiddenState:
    """The last layer's hidden state of each piece."""
    from explain.models.layers import trunk

    inputs = encoding.tensors(loaded, [row_of(tokenised)])
    with torch.inference_mode():
        state = trunk(loaded.model)(**inputs).last_hidden_state
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
