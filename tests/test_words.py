"""Words, graphemes and the finder of named words, in text as it really comes."""

from __future__ import annotations

import pytest

from explain.words import bio, find, grapheme_end, words_of

ACUTE, CIRCUMFLEX, DIAERESIS = "\u0301", "\u0302", "\u0308"


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in words_of(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("we flew to rome.then we rested", "rome"),
        ("she met bob.they talked", "bob"),
        ("in Chicago.however it rained", "Chicago"),
        ("london,paris and rome.nobody cared", "rome"),
        ("he lives in lima.it is warm", "lima"),
        ("bought by amazon.com last year", "amazon.com"),
        ("written in node.js and hosted by Microsoft.com", "Microsoft.com"),
        ("see en.wikipedia.org for more", "en.wikipedia.org"),
        ("shipped by amazon.co.uk", "amazon.co.uk"),
        ("the U.S. and Mr. Bell", "U.S."),
        ("a price of 1,234.50 euros", "1,234.50"),
    ],
)
def test_a_full_stop_without_a_blank_ends_a_word_but_not_a_domain(text: str, found: str) -> None:
    assert found in words(text)


@pytest.mark.parametrize(
    "word",
    [f"Dali{ACUTE}", f"Beyonce{ACUTE}", f"Hue{CIRCUMFLEX}{ACUTE}", f"Malmo{DIAERESIS}", "क\u0947श"],
)
def test_a_word_keeps_its_combining_marks(word: str) -> None:
    assert word in words(f"Near {word} it rained.")


@pytest.mark.parametrize(
    ("text", "wanted", "span"),
    [
        (f"It was Dali{ACUTE} in 1931.", "Dalí", (7, 12)),
        ("It was Dalí in 1931.", f"Dali{ACUTE}", (7, 11)),
        (f"In Hue{CIRCUMFLEX}{ACUTE} it rained.", "Huế", (3, 8)),
        (f"In Huê{ACUTE} it rained.", f"Hue{CIRCUMFLEX}{ACUTE}", (3, 7)),
        (f"malmo{DIAERESIS} is big", "Malmö", (0, 6)),
        ("in \u1112\u1161\u11ab now", "한", (3, 6)),
        (f"Dali{ACUTE} and Dali", "Dali", (10, 14)),
        ("Marie\nCurie won.", "Marie Curie", (0, 11)),
        ("Marie \u00a0 Curie won.", "Marie Curie", (0, 13)),
    ],
)
def test_words_are_found_in_either_form_and_spacing(
    text: str, wanted: str, span: tuple[int, int]
) -> None:
    assert find(text, wanted) == span


def test_a_whole_word_is_not_found_inside_another() -> None:
    assert find("Romeo is big.", "Rome") == (0, 4)
    assert find("Romeo is big.", "Rome", whole=True) is None
    assert find(f"Dali{ACUTE} is here", "Dali", whole=True) is None
    assert find("In New-York it rains", "York", whole=True) == (7, 11)
    assert find("It cost $5!", "$5", whole=True) == (8, 10)


def test_an_end_moves_behind_the_marks_of_its_sign() -> None:
    assert grapheme_end(f"Dali{ACUTE} in", 4) == 5
    assert grapheme_end("👩\u200d🚀 flies", 1) == 3
    assert grapheme_end("👍🏽 yes", 1) == 2
    assert grapheme_end("plain", 3) == 3


@pytest.mark.parametrize(
    ("tags", "plain"),
    [
        ("I-PER I-PER O I-LOC O", "B-PER I-PER O B-LOC O"),
        ("I-PER B-PER O", "B-PER B-PER O"),
        ("B-PER I-LOC", "B-PER B-LOC"),
        ("B-ORG I-ORG O", "B-ORG I-ORG O"),
        ("O O", "O O"),
    ],
)
def test_tags_of_either_kind_become_bio(tags: str, plain: str) -> None:
    assert bio(tags.split()) == tuple(plain.split())
