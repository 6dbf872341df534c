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
    special: bool  # put there by the tokenizer; False for a [MASK] that was typed


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


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """What the vocabulary head makes of one layer's hidden state at [MASK]."""

    layer: int  # 0 for the embeddings, then counted from 1
    words: tuple[str, ...]  # entries of the vocabulary, best first
    probabilities: tuple[float, ...]  # parallel to words, 0..1
    rank: int  # of the final answer; 1 is the best of the vocabulary
    probability: float  # of the final answer


@dataclass(frozen=True, slots=True)
class ReadOut:
    """What one model would answer if it stopped after each of its layers."""

    model: str
    text: str  # with one [MASK]
    masked: str  # the word that was masked here; "" where the visitor wrote [MASK]
    answer: str  # of the last layer: the model's own
    layers: tuple[LayerAnswer, ...]  # the embeddings first

    @property
    def settled(self) -> int:
        """The first layer from which on the final answer is the best."""
        later = [row.layer for row in self.layers if row.rank > 1]
        return later[-1] + 1 if later else 0


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike the hidden states of every student layer and every teacher layer are.

    Rows are student layers, columns teacher layers, the embeddings first in both.
    """

    texts: int
    pieces: int  # of all texts, [CLS] and [SEP] left out
    cka: tuple[tuple[float, ...], ...]  # linear CKA, 0..1
    cosine: tuple[tuple[float, ...], ...]  # mean over the pieces, -1..1
    shuffled_cka: float  # mean of all cells, the student's pieces in another order
    shuffled_cosine: float
    copied: tuple[int, ...]  # teacher layer that each student layer started from, from 1


@dataclass(frozen=True, slots=True)
class Weight:
    """One parameter tensor of a block."""

    module: str  # that holds it, as in the state dict, below the block; "" for the block itself
    name: str  # weight or bias; of a pooler with the head that it belongs to
    shape: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What leaves one module of a block for the visitor's text."""

    module: str  # as in the state dict, below the block; "" for the block itself
    kind: str  # its class
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a model as it is drawn."""

    title: str
    weights: tuple[Weight, ...]
    flows: tuple[Flow, ...]  # in the order in which they are computed

    @property
    def count(self) -> int:
        """Its parameters."""
        return sum(weight.count for weight in self.weights)


@dataclass(frozen=True, slots=True)
class Rung:
    """A block of the teacher and the block of the student that stands in its place."""

    name: str  # "layer 3", "pooler"
    teacher: Block | None
    student: Block | None  # None: distillation removed it


@dataclass(frozen=True, slots=True)
class Architecture:
    """Both models from the input to the heads."""

    teacher: str  # names of the models
    student: str
    pieces: int  # of the visitor's text
    rungs: tuple[Rung, ...]

    def total(self, role: str) -> int:
        """Every parameter of one model once."""
        return sum(block.count for rung in self.rungs if (block := getattr(rung, role)))


@dataclass(frozen=True, slots=True)
class AttentionHead:
    """How one head mixes the hidden states of the pieces. It is not an explanation."""

    layer: int  # from 1
    head: int  # from 1
    weights: tuple[tuple[float, ...], ...]  # (from, to) the pieces shown, 0..1
    pattern: str  # where most of its attention goes: "the next piece", "[SEP]", ...
    share: float  # of all its attention, 0..1


@dataclass(frozen=True, slots=True)
class AttentionGrid:
    """Every head of one model on one text."""

    model: str
    pieces: tuple[str, ...]  # those shown, from the start
    left_out: int  # pieces after them
    sinks: bool  # False: [CLS] and [SEP] left out, every row scaled to 100 % again
    heads: tuple[tuple[AttentionHead, ...], ...]  # by layer

    def find(self, layer: int, head: int) -> AttentionHead | None:
        """One head by its numbers, from 1; None where there is no such head."""
        if 1 <= layer <= len(self.heads) and 1 <= head <= len(self.heads[layer - 1]):
            return self.heads[layer - 1][head - 1]
        return None


@dataclass(frozen=True, slots=True)
class LossTerm:
    """One number of a loss: -log of the probability that a model gives to one label."""

    place: str  # the piece, choice or end of a span that is labelled
    label: str  # what is expected there
    teacher: float  # nats
    student: float  # nats


@dataclass(frozen=True, slots=True)
class LossCase:
    """One set of labels for one input, and the loss of both models' own classes for it."""

    code: str  # the labels, as one would write them
    remark: str  # what these labels ask for
    terms: tuple[LossTerm, ...]  # their mean is the loss
    teacher: float  # nats, `outputs.loss`
    student: float


@dataclass(frozen=True, slots=True)
class ArticleLoss:
    """One section of the article that computes a loss: its labels, and better ones if need be."""

    section: str  # "D"
    title: str
    text: str  # the input
    cases: tuple[LossCase, ...]  # the article's first


@dataclass(frozen=True, slots=True)
class Plane:
    """The pieces after every layer of both models, projected onto one plane."""

    pieces: tuple[str, ...]  # those shown, from the start
    left_out: int  # pieces after them
    teacher: tuple[tuple[tuple[float, float], ...], ...]  # (layers + 1, pieces), embeddings first
    student: tuple[tuple[tuple[float, float], ...], ...]
    explained: float  # share of the variance of all these states that the plane keeps, 0..1
    copied: tuple[int, ...]  # teacher layer that each student layer started from, from 1
