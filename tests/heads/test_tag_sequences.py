"""Tags are the most probable sequence in which I- goes on with an entity of its own type."""

from __future__ import annotations

import itertools
import random

import pytest

from explain.heads.ner import best_tags

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def allowed(tags: tuple[int, ...]) -> bool:
    """Whether no I- stands behind another type, or behind nothing."""
    names = ["O", *(LABELS[tag] for tag in tags)]
    return all(
        second[0] != "I" or (first != "O" and first[2:] == second[2:])
        for first, second in itertools.pairwise(names)
    )


def best_of_all(scores: list[list[float]]) -> tuple[int, ...]:
    """By trying every sequence."""
    sequences = itertools.product(range(len(LABELS)), repeat=len(scores))
    return max(
        (tags for tags in sequences if allowed(tags)),
        key=lambda tags: sum(row[tag] for row, tag in zip(scores, tags, strict=True)),
    )


@pytest.mark.parametrize("words", [1, 2, 3, 5])
def test_the_sequence_is_the_best_of_all_that_are_allowed(words: int) -> None:
    draw = random.Random(words)
    for _ in range(100):
        scores = [[draw.gauss(0, 2) for _ in LABELS] for _ in range(words)]
        assert tuple(best_tags(scores, LABELS)) == best_of_all(scores)


def test_each_word_keeps_its_best_tag_where_these_are_a_sequence() -> None:
    scores = [[0.0, 5, 1, 1, 1], [0.0, 1, 5, 1, 1], [5.0, 1, 1, 1, 1]]
    assert best_tags(scores, LABELS) == [1, 2, 0]


def test_an_inside_tag_of_another_type_goes_on_with_the_entity_or_gives_way() -> None:
    scores = [[0.0, 5, 0, 4, 0], [0.0, 0, 1, 0, 5]]  # B-PER I-LOC, each the best of its word
    assert best_tags(scores, LABELS) == [3, 4]


def test_no_words_have_no_tags() -> None:
    assert best_tags([], LABELS) == []
