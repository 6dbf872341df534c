"""Explaining entities: the sum of the logits of the tags of an entity's words."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explain.attribution.heads import EVERY, OWN, AttributionHead, ReadAnswer, Result
from explain.attribution.parsing import fields, pieces_between, place, write_place
from explain.attribution.piece_rows import PieceRows, piece_rows
from explain.attribution.records import Piece, Target, Term, TextInput, Word
from explain.attribution.request import AttributionRequest
from explain.encoding import widest_window
from explain.heads import ner
from explain.models import Loaded
from explain.records import InputError, NerResult
from explain.words import words_of


@dataclass(frozen=True, slots=True)
class NerInput(TextInput):
    """A text with names."""


@dataclass(frozen=True, slots=True)
class NerTarget(Target):
    """The tags of the words between two characters: the sum of their logits."""

    start: int | None = None  # the entity with the highest probability when None
    end: int | None = None  # exclusive
    kind: str | None = None  # PER, ORG, LOC, MISC or O; the model's own when None
    against: str | None = None  # a kind
    tags: tuple[str, ...] = ()  # one per word; fixed: the likelier of B- and I-
    against_tags: tuple[str, ...] = ()  # parallel to tags, or () without a rival

    def covers(self, word: Word) -> bool:
        """The words of the entity."""
        assert self.start is not None and self.end is not None
        return word.start < self.end and word.end > self.start

    def as_asked(self) -> NerTarget:
        """Without tags: which of B- and I- is likelier may differ between two models."""
        return replace(self, tags=(), against_tags=())


def _parse(head_input: NerInput, written: str, against: str) -> NerTarget:
    """A name as it stands in the text, maybe with its kind: "Paris as LOC"."""
    if not written:
        return NerTarget(against=against or None)
    named = re.fullmatch(r"(.*?)(?: as (PER|ORG|LOC|MISC|O))?", written, re.DOTALL)
    assert named is not None
    start, end = place(head_input.text, named[1], "text")
    return NerTarget(start, end, named[2], against or None)


def every_entity(
    head_input: NerInput, results: Sequence[NerResult], against: str = OWN
) -> list[Target]:
    """A target for every entity that is in any of the results, in reading order."""
    entities = {
        (entity.start, entity.end, entity.kind) for result in results for entity in result.entities
    }
    if not entities:
        raise InputError(
            "Neither model finds a name. Write a word of the text and a kind, such as "
            "“Paris as LOC”, to see what speaks for it."
        )
    return [  # a name of the rival's own kind is explained without a rival
        NerTarget(start, end, kind, None if kind == against else against or None)
        for start, end, kind in sorted(entities)
    ]


def _fix(head_input: NerInput, loaded: Loaded, target: NerTarget, result: Result) -> NerTarget:
    if target.tags:
        return target
    tagged: NerResult = result()
    start, end, kind = target.start, target.end, target.kind
    if start is None or end is None:
        if not tagged.entities:
            raise InputError("The model finds no entity: choose a word and a kind to ask about.")
        surest = max(tagged.entities, key=lambda entity: entity.probability)
        start, end, kind = surest.start, surest.end, kind or surest.kind
    words = [word for word in tagged.words if word.start < end and word.end > start]
    if not words:
        raise InputError(f"There is no word between the characters {start} and {end}.")
    _require_kinds((kind, target.against), tagged.labels)
    if kind is None:
        kind = _likeliest(words[0].logits, tagged.labels, None).rpartition("-")[2]
    if target.against == kind:
        raise InputError(f"Choose a kind other than {kind} to compare it with.")
    tags, against_tags = (
        tuple(_likeliest(word.logits, tagged.labels, named) for word in words) if named else ()
        for named in (kind, target.against)
    )  # a tag is of a whole word
    return NerTarget(words[0].start, words[-1].end, kind, target.against, tags, against_tags)


def _require_kinds(named: Sequence[str | None], labels: Sequence[str]) -> None:
    kinds = dict.fromkeys(label.rpartition("-")[2] for label in labels)
    for kind in named:
        if kind is not None and kind not in kinds:
            raise InputError(f"{kind[:40]!r} is no kind of entity; use {', '.join(kinds)}.")


def _likeliest(logits: Sequence[float], labels: Sequence[str], kind: str | None) -> str:
    """The tag with the highest logit, of one kind or of any."""
    allowed = [i for i, label in enumerate(labels) if kind in (None, label.rpartition("-")[2])]
    return labels[max(allowed, key=lambda i: logits[i])]


def _windows(head_input: NerInput, loaded: Loaded, target: NerTarget) -> tuple[PieceRows, ...]:
    """The window that shows the most on either side of the entity."""
    assert target.start is not None and target.end is not None
    encoded = ner.encode(head_input.text, loaded)
    first = [
        piece
        for piece, (start, end) in zip(encoded.first, encoded.words, strict=True)
        if piece >= 0 and start < target.end and end > target.start
    ]
    if not first:
        pieces_between((), target.start, target.end, "The entity")
    index = widest_window(encoded.windows, first[0], first[-1])
    if index is None:
        raise InputError("The entity is longer than a window: choose fewer words.")
    return (piece_rows(loaded, [encoded.rows[index]]),)


def _terms(
    window: PieceRows, head_input: NerInput, loaded: Loaded, target: NerTarget
) -> tuple[Term, ...]:
    """The tag logits at the first piece of every word; a word without pieces has none."""
    assert target.start is not None and target.end is not None
    words = [
        number
        for number, (start, end) in enumerate(words_of(head_input.text))
        if start < target.end and end > target.start
    ]
    terms = []
    for tags, weight in ((target.tags, 1.0), (target.against_tags, -1.0)):
        tag_of = dict(zip(words, tags, strict=False))  # the rival may be ()
        for position in _first_pieces(window.pieces, target.start, target.end):
            tag = tag_of.get(window.pieces[position].word)
            if tag is not None:
                terms.append(Term(0, position, loaded.labels.index(tag), tag, weight))
    return tuple(terms)


def _first_pieces(pieces: Sequence[Piece], start: int, end: int) -> list[int]:
    """Index of the first piece of every word between two characters: it carries the tag."""
    inside = pieces_between(pieces, start, end, "The entity")
    return [i for i in inside if i == 0 or pieces[i - 1].word != pieces[i].word]


def _names(head_input: NerInput, target: NerTarget) -> tuple[str, str | None]:
    text = head_input.text[target.start : target.end]
    return f"{' '.join(target.tags)} at “{text}”", " ".join(target.against_tags) or None


def _answer(
    logits: Sequence[Tensor], request: AttributionRequest, loaded: Loaded, original: Hashable
) -> ReadAnswer:
    """The tags of the entity's words."""
    probabilities = logits[0][list(request.positions)].softmax(-1)
    best = tuple(probabilities.argmax(-1).tolist())
    kept = best if original is None else original
    assert isinstance(kept, tuple)
    words = torch.arange(len(best))
    now, before = (float(probabilities[words, list(tags)].prod()) for tags in (best, kept))
    return ReadAnswer(best, " ".join(loaded.labels[tag] for tag in best), now, before)


HEAD = AttributionHead(
    input_type=NerInput,
    target_type=NerTarget,
    read=lambda values: NerInput(*fields(values, "text")),
    predict=lambda head_input, loaded: ner.tag(head_input.text, loaded),
    options=(("every name found", EVERY), ("each model’s surest name", OWN)),
    candidates=lambda head_input, result: [
        f"{write_place(head_input.text, entity.start, entity.end)} as {entity.kind}"
        for entity in result().entities
    ],
    parse=_parse,
    fix=_fix,
    windows=_windows,
    terms=_terms,
    names=_names,
    answer=_answer,
    title=lambda head_input, target: (
        f"{head_input.text[target.start : target.end]} ({target.kind})"
    ),
    rivals=(
        ("no name (O)", "O"), ("PER", "PER"), ("ORG", "ORG"), ("LOC", "LOC"), ("MISC", "MISC"),
    ),
    every=every_entity,
)  # fmt: skip
