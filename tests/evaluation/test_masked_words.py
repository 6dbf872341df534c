"""Masked words by kind: a hand-made paragraph, and the counts of a report."""

from __future__ import annotations

import pytest

from explain import encoding
from explain.evaluation.heads.fill_mask import RANKS, by_kind, masked_paragraph, score_paragraphs
from explain.evaluation.items import ScoredAnswer
from explain.evaluation.masked_words import (
    ELSEWHERE,
    FUNCTION,
    NAMES,
    NEW,
    NUMBERS,
    OTHERS,
    kind_of,
    visible_words,
    whole_words,
)
from tests.tiny import tiny

TEXT = "The river rose in 1953. Rivers near Paris rose again, and the old bridge of Paris broke."


def kinds(masked: set[str]) -> dict[str, str]:
    """The kind of every whole word, when these words are masked wherever they stand."""
    words = whole_words(encoding.pieces(tiny("fill_mask", "student"), TEXT))
    places = {index for index, (word, _) in words.items() if word in masked}
    visible = visible_words(words, places, len(TEXT))
    return {word[0]: kind_of(word, TEXT, visible) for word in words.values()}


def test_function_words_are_told_from_content_words() -> None:
    found = kinds(set())
    assert {word for word, kind in found.items() if kind == FUNCTION} == {
        "the", "in", "near", "again", "and", "of",
    }  # fmt: skip
    assert "." not in found and "," not in found


def test_a_content_word_is_new_when_no_other_place_shows_it() -> None:
    assert kinds(set())["bridge"] == ELSEWHERE  # in the text itself
    found = kinds({"bridge", "1953", "paris", "rose", "river"})
    assert found["bridge"] == found["rose"] == found["river"] == OTHERS
    assert found["1953"] == NUMBERS
    assert found["paris"] == NAMES


def test_the_first_word_of_a_sentence_is_no_name() -> None:
    assert kinds({"rivers"})["rivers"] == OTHERS


def test_a_word_of_several_pieces_is_not_classified() -> None:
    loaded = tiny("fill_mask", "student")
    text = "An unconstitutionality appeared."
    words = {word for word, _ in whole_words(encoding.pieces(loaded, text)).values()}
    assert words == {"an", "appeared"}


def test_only_masked_whole_words_count_and_no_more_than_the_masks() -> None:
    loaded = tiny("fill_mask", "student")
    (answer,) = score_paragraphs([TEXT], loaded)
    _, pieces = masked_paragraph(TEXT, loaded)
    whole = whole_words(encoding.pieces(loaded, TEXT)).keys() & pieces.keys()
    assert len(answer.cells) == len(whole) <= answer.tally[0] == len(pieces)
    assert {column for _, column in answer.cells} <= set(RANKS)


def test_rates_by_kind_are_counted_for_both_models() -> None:
    def answer(*cells: tuple[str, str]) -> list[ScoredAnswer]:
        return [ScoredAnswer("", False, None, 1.0, (4, 0, 0, 4.0), cells)]

    first, second, _, last = RANKS
    teacher = answer((NAMES, first), (NUMBERS, second), (OTHERS, last), (FUNCTION, first))
    student = answer((NAMES, last), (NUMBERS, last), (OTHERS, last), (FUNCTION, second))
    report = by_kind({"teacher": teacher, "student": student})["kinds"]
    assert {kind: own["n"] for kind, own in report.items()} == {
        FUNCTION: 1, ELSEWHERE: 0, NEW: 3, NAMES: 1, NUMBERS: 1, OTHERS: 1,
    }  # fmt: skip
    assert report[NEW]["teacher"]["top1"]["value"] == pytest.approx(1 / 3, abs=1e-5)
    assert report[NEW]["teacher"]["top5"]["value"] == pytest.approx(2 / 3, abs=1e-5)
    assert report[NEW]["student"]["top5"]["value"] == 0
    assert report[FUNCTION]["student"]["top1"]["value"] == 0
    assert report[ELSEWHERE]["teacher"]["top1"] == {"value": 0.0, "low": 0.0, "high": 1.0}
    assert by_kind({"teacher": answer()}) == {}
