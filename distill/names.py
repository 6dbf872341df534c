"""Names exchanged between tagged sentences, so that a tagger learns from context, not by heart."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

Name = tuple[str, ...]  # its words
Sentence = tuple[Sequence[str], Sequence[str]]  # words, BIO tags


def names_by_type(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> dict[str, list[Name]]:
    """Every name of some sentences, in order, with its repetitions."""
    names: dict[str, list[Name]] = {}
    for words, tags in sentences:
        for start, end, kind in _spans(tags):
            if kind:
                names.setdefault(kind, []).append(tuple(words[start:end]))
    return names


def exchange(
    words: Sequence[str],
    tags: Sequence[str],
    names: Mapping[str, Sequence[Name]],
    share: float,
    draw: random.Random,
) -> tuple[list[str], list[str]]:
    """The sentence with a share of its names replaced by others of the same type."""
    new_words: list[str] = []
    new_tags: list[str] = []
    for start, end, kind in _spans(tags):
        if kind and draw.random() < share:
            name = draw.choice(names[kind])
            new_words += name
            new_tags += [f"B-{kind}", *[f"I-{kind}"] * (len(name) - 1)]
        else:
            new_words += words[start:end]
            new_tags += tags[start:end]
    return new_words, new_tags


def _spans(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first word, end, type) of every name and, with type "", of every word outside."""
    start = 0
    while start < len(tags):
        end, kind = start + 1, tags[start][2:]
        while kind and end < len(tags) and tags[end] == f"I-{kind}":
            end += 1
        yield start, end, kind
        start = end
