"""Names exchanged between tagged sentences, so that a tagger learns from context, not by heart."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from explain.words import entity_spans

Name = tuple[str, ...]  # its words
Sentence = tuple[Sequence[str], Sequence[str]]  # words, BIO tags


def names_by_type(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> dict[str, list[Name]]:
    """Every name of some sentences, in order, with its repetitions."""
    names: dict[str, list[Name]] = {}
    for words, tags in sentences:
        for kind, first, last in entity_spans(tags):
            names.setdefault(kind, []).append(tuple(words[first : last + 1]))
    return names


def exchange(
    words: Sequence[str],
    tags: Sequence[str],
    names: Mapping[str, Sequence[Name]],
    share: float,
    draw: random.Random,
) -> tuple[list[str], list[str]]:
    """The sentence with a share of its names replaced by others of the same type."""
    new_words, new_tags = list(words), list(tags)
    drawn = [
        (span, draw.choice(names[span[0]])) for span in entity_spans(tags) if draw.random() < share
    ]
    for (kind, first, last), name in reversed(drawn):  # from the end: earlier places stay
        new_words[first : last + 1] = name
        new_tags[first : last + 1] = [f"B-{kind}", *[f"I-{kind}"] * (len(name) - 1)]
    return new_words, new_tags
