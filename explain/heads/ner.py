"""Which words are names of persons, organisations, places or others? Token classification.

Words are those of `explain.words`; the first word piece of each carries its tag. Tags are those of
the most probable sequence in which I- only goes on with an entity of its type (Viterbi), so a name
that occurs twice is found twice. Long text is read in overlapping
windows, and each word is taken from the window that shows the most of its surroundings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import overload

from torch import Tensor

from explain import encoding
from explain.encoding import Inputs, Part, Row, Stretch, require_text
from explain.encoding import windows_of as windows_of
from explain.heads import steps
from explain.heads.steps import UNTIMED
from explain.models import Loaded
from explain.records import Entity, InputError, NerResult, TaggedWord, Timing
from explain.words import bio, entity_spans
from explain.words import words_of as words_of

UNSURE, SURE = 0.9, 0.5
"""A capitalised word behind one of an entity of more than `SURE` goes on with it if its O has less
than `UNSURE`. On at most 400 validation sentences of each of eight sets, F1 of the teacher and of
the student of the pocket pair: each word's best tag 67.6 and 64.5, Viterbi 69.6 and 66.5, with this
rule 69.9 and 66.9."""


@dataclass(frozen=True, slots=True)
class EncodedWords:
    """One text cut into words and word pieces."""

    text: str
    words: tuple[tuple[int, int], ...]  # characters, end exclusive
    first: tuple[int, ...]  # index of each word's first piece; -1 where it has none
    windows: tuple[tuple[int, int], ...]  # pieces, end exclusive
    rows: tuple[Row, ...]  # parallel to windows
    tags: Sequence[str] | None  # parallel to words, to be scored


@overload
def tag(text: str, loaded: Loaded, tags: Sequence[str] | None = None) -> NerResult: ...
@overload
def tag(
    text: Sequence[str], loaded: Loaded, tags: Sequence[Sequence[str] | None] | None = None
) -> tuple[NerResult, ...]: ...
def tag(text, loaded, tags=None):  # type: ignore[no-untyped-def]
    """The named entities of an English text, with exact character offsets.

    `tags` (one per word) adds the loss in nats per word.
    """
    if encoding.several(text):
        words = [words_of(require_text(each)) for each in text]
        return _tag(list(text), words, loaded, list(tags or [None] * len(words)))
    return _tag([text], [words_of(require_text(text))], loaded, [tags])[0]


def tag_words(
    rows: Sequence[Sequence[str]],
    loaded: Loaded,
    tags: Sequence[Sequence[str] | None] | None = None,
) -> tuple[NerResult, ...]:
    """Like `tag`, for text that comes as words already, as labelled data does."""
    joined = [join(row) for row in rows]
    texts, words = [text for text, _ in joined], [spans for _, spans in joined]
    return _tag(texts, words, loaded, list(tags or [None] * len(texts)))


def join(words: Sequence[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Words with a blank between them, and where each stands."""
    spans, start = [], 0
    for word in words:
        spans.append((start, start + len(word)))
        start += len(word) + 1
    return " ".join(words), tuple(spans)


def _tag(
    texts: list[str],
    words: list[tuple[tuple[int, int], ...]],
    loaded: Loaded,
    tags: list[Sequence[str] | None],
) -> tuple[NerResult, ...]:
    if not texts:
        return ()
    inputs = list(zip(texts, words, tags, strict=True))
    return steps.answers(
        loaded,
        lambda: [encode(text, loaded, given, spans) for text, spans, given in inputs],
        forward,
        lambda encoded, logits, timing: decode(encoded, logits, loaded, timing),
    )


def encode(
    text: str,
    loaded: Loaded,
    tags: Sequence[str] | None = None,
    words: tuple[tuple[int, int], ...] | None = None,
) -> EncodedWords:
    """One row per window. Each word is cut by itself, as in training: no piece reaches over two.

    `words` (characters) are those of `explain.words` unless given; `tags`, one per word, are to be
    scored, in BIO or IOB1.
    """
    spans = words_of(require_text(text)) if words is None else words
    cut = encoding.splitter(loaded).encode(
        [text[start:end] for start, end in spans], is_pretokenized=True, add_special_tokens=False
    )
    encoding.require_pieces(len(cut.ids))
    encoding.require_known(loaded, cut.ids)
    _require_tags(tags, len(spans), loaded)
    first = [-1] * len(spans)
    for position, word in enumerate(cut.word_ids):
        if word is not None and first[word] < 0:
            first[word] = position
    part = Part("text", text, tuple(cut.ids), cut, words=spans)
    windows = encoding.windows_of(len(part.ids), loaded.window - 2)
    rows = tuple(encoding.row_of(loaded, Stretch(part, start, end)) for start, end in windows)
    given = None if tags is None else bio(tags)
    return EncodedWords(text, spans, tuple(first), windows, rows, given)


def _require_tags(tags: Sequence[str] | None, words: int, loaded: Loaded) -> None:
    if tags is None:
        return
    if len(tags) != words:
        raise InputError(
            f"Give one tag per word: the text has {words} words, found {len(tags)} tags."
        )
    for name in tags:
        if name not in loaded.labels:
            raise InputError(f"{str(name)[:40]!r} is no tag; use {', '.join(loaded.labels)}.")


def forward(loaded: Loaded, inputs: Inputs, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """(pieces, labels) per row; what stands at padding means nothing."""
    return loaded.model(**inputs).logits.unbind()


def read_out(loaded: Loaded, hidden: Tensor, rows: Sequence[Row]) -> tuple[Tensor, ...]:
    """The same from the trunk's hidden states (rows, pieces, width)."""
    return loaded.model.classifier(hidden).unbind()


def decode(
    encoded: EncodedWords, logits: Sequence[Tensor], loaded: Loaded, timing: Timing = UNTIMED
) -> NerResult:
    """The most probable tags that are BIO, and the names they spell."""
    scores = _word_logits(encoded, logits, loaded.labels)
    words = _tagged(encoded, scores, loaded.labels)
    return NerResult(
        text=encoded.text,
        labels=loaded.labels,
        words=words,
        entities=merge(encoded.text, words),
        loss=_loss(scores, encoded.tags, loaded.labels),
        windows=len(encoded.windows),
        timing=timing,
    )


def _word_logits(
    encoded: EncodedWords, windows: Sequence[Tensor], labels: Sequence[str]
) -> list[list[float]]:
    """(words, labels), each word's from the window that shows the most on either side of it."""
    tables = [window.tolist() for window in windows]
    scores = []
    for position in encoded.first:
        window = encoding.widest_window(encoded.windows, position, position) or 0
        scores.append(tables[window][1 + position - encoded.windows[window][0]])
    return _filled(encoded, scores, labels) if -1 in encoded.first else scores


def _filled(
    encoded: EncodedWords, scores: list[list[float]], labels: Sequence[str]
) -> list[list[float]]:
    """The scores, where a word without pieces (an invisible mark) has those of what goes on.

    The model has not seen it: it is inside a name that goes on behind it, else it is no name.
    """
    after, follows = "O", []
    for position, logits in zip(reversed(encoded.first), reversed(scores), strict=True):
        after = after if position < 0 else _tag_of(logits, labels)
        follows.append(after)
    filled: list[list[float]] = []
    before = "O"
    for position, logits, after in zip(encoded.first, scores, reversed(follows), strict=True):
        if position < 0:
            goes_on = after.startswith("I-") and after[2:] == before[2:]
            before = after if goes_on else "O"
            filled.append([0.0 if name == before else -100.0 for name in labels])
        else:
            before = _tag_of(logits, labels)
            filled.append(logits)
    return filled


def _tag_of(scores: Sequence[float], labels: Sequence[str]) -> str:
    return labels[scores.index(max(scores))]


def _tagged(
    encoded: EncodedWords, scores: list[list[float]], labels: Sequence[str]
) -> tuple[TaggedWord, ...]:
    """The words with their tags; `scores` (words, labels).

    In plain Python: after a forward pass, for some dozens of words, each operation on a tensor
    costs more than all of it.
    """
    words: list[TaggedWord] = []
    outside = labels.index("O")
    for (start, end), logits, best in zip(
        encoded.words, scores, best_tags(scores, tuple(labels)), strict=True
    ):
        text, chosen = encoded.text[start:end], best
        total = sum([math.exp(score - logits[outside]) for score in logits])
        if best == outside and words and 1 / total < UNSURE and text[:1].isupper():
            before = words[-1]
            if before.tag != "O" and before.probability > SURE and before.text[:1].isupper():
                chosen = labels.index(f"I-{before.tag[2:]}")
        probability = math.exp(logits[chosen] - logits[outside]) / total
        words.append(TaggedWord(text, start, end, labels[chosen], probability, tuple(logits)))
    return tuple(words)


def best_tags(scores: Sequence[Sequence[float]], labels: tuple[str, ...]) -> list[int]:
    """The indices of the tags of the highest sum in which I- follows B- or I- of its type."""
    greedy = [logits.index(max(logits)) for logits in scores]
    before = _predecessors(labels)
    follows = zip([labels.index("O"), *greedy], greedy, strict=False)
    if all(first in before[second] for first, second in follows):
        return greedy
    sums = [0.0 if name == "O" else -math.inf for name in labels]  # of the best path to each tag
    steps_back: list[list[int]] = []
    for logits in scores:
        back = [max(allowed, key=sums.__getitem__) for allowed in before]
        sums = [sums[first] + score for first, score in zip(back, logits, strict=True)]
        steps_back.append(back)
    path = [sums.index(max(sums))]
    for back in reversed(steps_back[1:]):
        path.append(back[path[-1]])
    return path[::-1]


@cache
def _predecessors(labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Indices of the tags that may stand before each."""
    everything = tuple(range(len(labels)))
    return tuple(
        tuple(labels.index(f"{prefix}-{name[2:]}") for prefix in "BI")
        if name.startswith("I-")
        else everything
        for name in labels
    )


def _loss(
    scores: list[list[float]], tags: Sequence[str] | None, labels: Sequence[str]
) -> float | None:
    """Nats per word for the tags that were given."""
    if tags is None:
        return None
    pairs = zip(scores, tags, strict=True)
    return -fmean(encoding.log_softmax(logits)[labels.index(name)] for logits, name in pairs)


def merge(text: str, words: Sequence[TaggedWord]) -> tuple[Entity, ...]:
    """The entities of tagged words, each with the product of its words' probabilities."""
    entities = []
    for kind, first, last in entity_spans([word.tag for word in words]):
        start, end = words[first].start, words[last].end
        probability = math.prod(word.probability for word in words[first : last + 1])
        entities.append(Entity(text[start:end], kind, start, end, probability, first, last))
    return tuple(entities)
