"""Which words are names of persons, organisations, places or others? Token classification.

Words are those of `explain.words`; the first word piece of each carries its tag. Tags are decoded
one by one (BIO), so a name that occurs twice is found twice. Long text is read in overlapping
windows, and each word is taken from the window that shows the most of its surroundings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import overload

import torch

from explain import encoding
from explain.encoding import Row, require_text
from explain.models import Loaded
from explain.models.multitask import trunk
from explain.records import Entity, InputError, NerResult, TaggedWord, Timing
from explain.words import words_of as words_of


@dataclass(frozen=True, slots=True)
class _Text:
    """One text cut into words and word pieces."""

    text: str
    words: tuple[tuple[int, int], ...]  # characters, end exclusive
    ids: tuple[int, ...]
    first: tuple[int, ...]  # index of each word's first piece; -1 where it has none
    windows: tuple[tuple[int, int], ...]  # pieces, end exclusive


@overload
def tag(text: str, loaded: Loaded, tags: Sequence[str] | None = None) -> NerResult: ...
@overload
def tag(
    text: Sequence[str], loaded: Loaded, tags: Sequence[Sequence[str] | None] | None = None
) -> tuple[NerResult, ...]: ...
def tag(text, loaded, tags=None):  # type: ignore[no-untyped-def]
    """The named entities of an English text, with exact character offsets.

    `tags` (one a word) adds the loss in nats a word.
    """
    if encoding.several(text):
        words = [words_of(require_text(one)) for one in text]
        return _tag(list(text), words, loaded, list(tags or [None] * len(words)))
    return _tag([text], [words_of(require_text(text))], loaded, [tags])[0]


def tag_words(
    rows: Sequence[Sequence[str]],
    loaded: Loaded,
    tags: Sequence[Sequence[str] | None] | None = None,
) -> tuple[NerResult, ...]:
    """Like `tag`, for text that comes as words already, as labelled data does."""
    texts, words = [], []
    for row in rows:
        ends = 0
        spans = []
        for word in row:
            spans.append((ends, ends + len(word)))
            ends += len(word) + 1
        texts.append(" ".join(row))
        words.append(tuple(spans))
    return _tag(texts, words, loaded, list(tags or [None] * len(texts)))


def _tag(
    texts: list[str],
    words: list[tuple[tuple[int, int], ...]],
    loaded: Loaded,
    tags: list[Sequence[str] | None],
) -> tuple[NerResult, ...]:
    if not texts:
        return ()
    began = encoding.now()
    parts = [_cut(*pair, loaded) for pair in zip(texts, words, strict=True)]
    for part, given in zip(parts, tags, strict=True):
        _require_tags(part, given, loaded)
    rows: list[Row] = [
        encoding.row(loaded, part.ids[start:end]) for part in parts for start, end in part.windows
    ]
    tokenise = encoding.since(began)

    def logits(inputs: dict[str, torch.Tensor], indices: list[int]) -> list[torch.Tensor]:
        hidden = trunk(loaded.model)(**inputs).last_hidden_state
        return list(loaded.model.classifier(hidden))

    found, forward = encoding.run(loaded, rows, logits)
    results, first = [], 0
    share = tokenise / len(texts), forward / len(texts)
    for part, given in zip(parts, tags, strict=True):
        last = first + len(part.windows)
        scores = _word_logits(part, found[first:last], loaded)
        tagged = _tagged(part, scores, loaded.labels)
        results.append(
            NerResult(
                part.text, loaded.labels, tagged, merge(part.text, tagged),
                _loss(scores, given, loaded.labels), len(part.windows),
                Timing(*share, sum(len(row.ids) for row in rows[first:last])),
            )
        )  # fmt: skip
        first = last
    return tuple(results)


def _cut(text: str, words: tuple[tuple[int, int], ...], loaded: Loaded) -> _Text:
    """Word pieces of each word by itself, as in training: no piece reaches over two words."""
    cut = encoding.splitter(loaded).encode(
        [text[start:end] for start, end in words], is_pretokenized=True, add_special_tokens=False
    )
    encoding.require_pieces(len(cut.ids))
    first = [-1] * len(words)
    for position, word in enumerate(cut.word_ids):
        if word is not None and first[word] < 0:
            first[word] = position
    windows = windows_of(len(cut.ids), loaded.window - 2)
    return _Text(text, words, tuple(cut.ids), tuple(first), windows)


def windows_of(count: int, size: int) -> tuple[tuple[int, int], ...]:
    """Overlapping windows (start, end) over `count` pieces, half a window apart."""
    if count <= size:
        return ((0, count),)
    stride = size // 2
    starts = [*range(0, count - size, stride), count - size]
    return tuple((start, start + size) for start in starts)


def _word_logits(part: _Text, windows: list[torch.Tensor], loaded: Loaded) -> list[list[float]]:
    """(words, labels), each word's from the window in which it stands farthest from an edge."""
    if len(windows) == 1:
        table = windows[0].tolist()
        scores = [table[position + 1] for position in part.first]
    else:
        positions = torch.tensor(part.first)
        starts, ends = torch.tensor(part.windows).unbind(1)  # (windows,) of one size
        left = (positions[:, None] - starts).masked_fill(starts == 0, len(part.ids))
        right = (ends - 1 - positions[:, None]).masked_fill(ends == len(part.ids), len(part.ids))
        outside = (positions[:, None] < starts) | (positions[:, None] >= ends)
        best = torch.minimum(left, right).masked_fill(outside, -1).argmax(1)
        scores = torch.stack(windows)[best, positions - starts[best] + 1].tolist()
    return _filled(part, scores, loaded.labels) if -1 in part.first else scores


def _filled(part: _Text, scores: list[list[float]], labels: Sequence[str]) -> list[list[float]]:
    """The scores, where a word without pieces (an invisible mark) has those of what goes on.

    The model has not seen it: it is inside a name that goes on behind it, else it is no name.
    """
    after, follows = "O", []
    for position, mine in zip(reversed(part.first), reversed(scores), strict=True):
        after = after if position < 0 else _tag_of(mine, labels)
        follows.append(after)
    filled: list[list[float]] = []
    before = "O"
    for position, mine, after in zip(part.first, scores, reversed(follows), strict=True):
        if position < 0:
            goes_on = after.startswith("I-") and after[2:] == before[2:]
            before = after if goes_on else "O"
            filled.append([0.0 if name == before else -100.0 for name in labels])
        else:
            before = _tag_of(mine, labels)
            filled.append(mine)
    return filled


def _tag_of(scores: Sequence[float], labels: Sequence[str]) -> str:
    return labels[scores.index(max(scores))]


def _tagged(
    part: _Text, scores: list[list[float]], labels: Sequence[str]
) -> tuple[TaggedWord, ...]:
    """The words with their tags; `scores` (words, labels).

    In plain Python: after a forward pass, for some dozens of words, each operation on a tensor
    costs more than all of it.
    """
    words = []
    for (start, end), mine in zip(part.words, scores, strict=True):
        highest = max(mine)
        probability = 1 / sum([math.exp(score - highest) for score in mine])
        tag = labels[mine.index(highest)]
        words.append(TaggedWord(part.text[start:end], start, end, tag, probability, tuple(mine)))
    return tuple(words)


def _loss(
    scores: list[list[float]], tags: Sequence[str] | None, labels: Sequence[str]
) -> float | None:
    """Nats a word for the tags that were given."""
    if tags is None:
        return None
    pairs = zip(scores, tags, strict=True)
    return -fmean(encoding.log_softmax(mine)[labels.index(name)] for mine, name in pairs)


def merge(text: str, words: Sequence[TaggedWord]) -> tuple[Entity, ...]:
    """BIO tags to entities: B- starts one; I- goes on with one of its kind, or else starts one."""
    groups: list[tuple[str, list[int]]] = []
    open_kind = None
    for number, word in enumerate(words):
        prefix, _, kind = word.tag.partition("-")
        if prefix == "O":
            open_kind = None
            continue
        if prefix == "I" and kind == open_kind:
            groups[-1][1].append(number)
        else:
            groups.append((kind, [number]))
        open_kind = kind
    entities = []
    for kind, numbers in groups:
        start, end = words[numbers[0]].start, words[numbers[-1]].end
        probability = 1.0
        for number in numbers:
            probability *= words[number].probability
        entities.append(
            Entity(text[start:end], kind, start, end, probability, numbers[0], numbers[-1])
        )
    return tuple(entities)


def _require_tags(part: _Text, tags: Sequence[str] | None, loaded: Loaded) -> None:
    if tags is None:
        return
    if len(tags) != len(part.words):
        raise InputError(
            f"Give one tag a word: the text has {len(part.words)} words, found {len(tags)} tags."
        )
    for name in tags:
        if name not in loaded.labels:
            raise InputError(f"{str(name)[:40]!r} is no tag; use {', '.join(loaded.labels)}.")
