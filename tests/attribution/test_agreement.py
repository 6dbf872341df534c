"""Agreement of two models and of several methods, on scores written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explain.attribution import Attribution, NerTarget, SentimentInput, SentimentTarget, attribute
from explain.attribution.agreement import agreement, method_agreement
from tests.tiny import tiny

TEXT = SentimentInput("charming but far too long")


def scored(
    role: str, *scores: float, label: str = "positive", method: str = "occlusion"
) -> Attribution:
    """A real attribution of five words with other scores."""
    found = attribute(TEXT, tiny("sentiment", role), SentimentTarget(label), method)
    assert len(found.pieces) == 7
    return replace(found, scores=(0.0, *scores, 0.0))


def test_words_in_the_same_order_agree_wholly() -> None:
    found = agreement(scored("teacher", 2, 1, 0.5, 0.2, 0.1), scored("student", 4, 3, 2, 1, 0.5))
    assert found.spearman == pytest.approx(1.0)
    assert (found.top_shared, found.top, found.flips) == (3, 3, ())
    assert found.same_target


def test_the_sentence_names_what_both_and_what_one_relies_on() -> None:
    found = agreement(scored("teacher", 2, 1.5, 0, 0, 0), scored("student", 3, 0.1, 0, 0, 2))
    assert found.sentence == (
        "Both rely on “charming”; only the teacher relies on “but”; only the student relies on "
        "“long”."
    )
    assert [pair.difference for pair in found.words] == [-1, 1.4, 0, 0, -2]


def test_a_word_below_the_three_largest_of_one_model_may_still_be_one_it_relies_on() -> None:
    found = agreement(scored("teacher", 4, 3, 2, 1.5, 0), scored("student", 3, 2.5, 0.1, 2, 1))
    assert found.sentence == (
        "Both rely on “charming”, “but” and “too”; only the teacher relies on “far”."
    )


def test_a_flip_is_a_word_of_opposite_sign_that_matters_in_both() -> None:
    found = agreement(
        scored("teacher", 2, 1, 0.01, 0, -0.5), scored("student", 2, -1, -0.5, 0, -0.5)
    )
    assert [found.words[i].text for i in found.flips] == ["but"]
    assert "“but” counts for the answer in one and against it in the other" in found.sentence
    found = agreement(scored("teacher", 2, 1, 1, 0, 0), scored("student", 2, -1, -1, 0, 0))
    assert len(found.flips) == 2
    assert "count for the answer in one and against it in the other" in found.sentence


def test_different_answers_are_said_to_be_different() -> None:
    found = agreement(
        scored("teacher", 2, 1, 0, 0, 0), scored("student", 2, 1, 0, 0, 0, label="negative")
    )
    assert not found.same_target
    assert found.sentence.startswith("They answer differently")


def test_one_kind_asked_of_both_is_one_question_though_the_tags_differ() -> None:
    first, second = scored("teacher", 2, 1, 0, 0, 0), scored("student", 2, 1, 0, 0, 0)
    one, other = (NerTarget(0, 8, "PER", None, (tag,)) for tag in ("B-PER", "I-PER"))
    assert agreement(replace(first, target=one), replace(second, target=other)).same_target
    third = replace(other, kind="LOC")
    assert not agreement(replace(first, target=one), replace(second, target=third)).same_target


def test_no_word_may_speak_for_the_answer() -> None:
    found = agreement(scored("teacher", -1, -1, -1, -1, -1), scored("student", -1, -1, -1, -1, -1))
    assert found.sentence == "No word speaks for the answer in either model."


def test_methods_that_contradict_each_other_are_said_to() -> None:
    found = method_agreement(
        [
            scored("teacher", 5, 4, 3, 2, 1, method="occlusion"),
            scored("teacher", 5, 4, 3, 1, 2, method="gradient_x_input"),
            scored("teacher", 1, 2, 3, 4, 5, method="shapley"),
        ]
    )
    assert found.spearman[0][1] == pytest.approx(0.9)
    assert found.spearman[0][2] == pytest.approx(-1.0)
    assert all(found.spearman[i][i] == pytest.approx(1.0) for i in range(3))
    assert found.sentence.startswith("Occlusion and Shapley values rank the words")
