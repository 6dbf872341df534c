"""What is inside a model: frozen records of plain Python values.

Characters are counted as Python counts them in the text as typed; every `end` is exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the two configurations."""

    meaning: str
    teacher_name: str  # "" where BERT has no such setting
    teacher: str
    student_name: str  # "" where DistilBERT has no such setting
    student: str
    article: str  # of DistilBertConfig(), as in the article
    differs: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one checkpoint's answers come from."""

    role: str
    name: str
    training: str
    licence: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One position of a model's input."""

    text: str  # as in the vocabulary; a continuation starts with ##
    token_id: int
    typed: str  # what the visitor typed there; "" for a special token
    start: int | None  # characters of its part; None for a special token
    end: int | None
    part: int  # 0 for the first text, 1 for the second
    attention: int  # 1 for a piece that is attended to
    segment: int | None  # None: the model has no segments
    special: bool


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One or two texts as the input of one model."""

    model: str
    pieces: tuple[Piece, ...]
    unread: int  # word pieces that the model has no position for

    @property
    def ids(self) -> tuple[int, ...]:
        """The `input_ids`."""
        return tuple(piece.token_id for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class HiddenState:
    """`last_hidden_state` of one text in one model."""

    model: str
    pieces: tuple[str, ...]
    shape: tuple[int, int, int]  # texts, pieces, width
    values: tuple[tuple[float, ...], ...]  # (pieces, width)


@dataclass(frozen=True, slots=True)
class Inspection:
    """Both models' input and hidden states for the same text."""

    teacher: ModelInput
    student: ModelInput
    teacher_state: HiddenState
    student_state: HiddenState
    cosines: tuple[float, ...]  # parallel to pieces; () where the two cannot be compared


@dataclass(frozen=True, slots=True)
class Part:
    """The parameters of one part of a model."""

    name: str
    group: str  # embeddings, layers, pooler or heads
    count: int


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """Every parameter of a model once, by part."""

    model: str
    parts: tuple[Part, ...]

    def total(self, *groups: str) -> int:
        """Parameters of some groups; of all when none is named."""
        return sum(part.count for part in self.parts if not groups or part.group in groups)
