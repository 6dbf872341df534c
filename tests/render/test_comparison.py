"""The sentences that compare two answers, against answers made by hand."""

import dataclasses

import pytest

from explain.records import Entity, NerResult, SentimentResult, TaggedWord, Timing
from explain.render import comparison, formats, notices
from explain.render.heads import ner as entities
from explain.render.heads import sentiment as labels

TIMING = Timing(tokenise=0.0, forward=8.0, pieces=6)
FAST = Timing(tokenise=0.0, forward=4.0, pieces=6)


def sentiment(positive: float, timing: Timing = TIMING) -> SentimentResult:
    label = "positive" if positive > 0.5 else "negative"
    both = (1 - positive, positive)
    return SentimentResult("x", ("negative", "positive"), both, both, label, None, 0, timing)


def ner(*names: tuple[str, str, int, int]) -> NerResult:
    words = (TaggedWord("x", 0, 1, "O", 1.0, (0.0,)),)
    found = tuple(Entity(text, kind, a, b, 0.9, 0, 0) for text, kind, a, b in names)
    return NerResult("x", ("O",), words, found, None, 1, TIMING)


def test_agreement_says_how_much_surer_and_leaves_speed_to_the_race():
    said = labels.compare(sentiment(0.991), sentiment(0.974, FAST))
    assert said == (
        "Both say positive; the student is 1.7 points less sure. "
        "Time of this one run: teacher 8.00 ms, student 4.00 ms; the Race tab measures which "
        "model is faster."
    )


def test_disagreement_names_both_answers():
    said = labels.compare(sentiment(0.9), sentiment(0.2))
    assert "the teacher says positive (90.0 %), the student negative (80.0 %)" in said


def test_one_run_is_no_measurement_of_speed():
    for answers in ((sentiment(0.9, FAST), sentiment(0.9)), (sentiment(0.9), sentiment(0.9, FAST))):
        assert " times as " not in comparison.times_of_one_run(*answers)


def test_minus_is_one_sign_everywhere():
    shown = (formats.signed(-2.314), formats.score(-0.5), formats.fixed(-1.25, 2))
    assert formats.fixed(-1e-9, 2) == "0.00"  # also of positions in a style
    assert shown == ("−2.31", "−0.50", "−1.25")
    assert [formats.significant(n, 2) for n in (0, 0.2149, 2.3, 240, 8.4e-6, -3e-5)] == [
        "0", "0.21", "2.3", "240", "8.4 · 10⁻⁶", "−3 · 10⁻⁵",
    ]  # fmt: skip
    assert formats.signed_all((-2.31, 2.44)) == "−2.31 / +2.44"


def test_nearly_equal_probabilities_count_as_equal():
    assert comparison.confidence(0.900, 0.904) == "they are equally sure"


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0, "0.0 %"), (1e-9, "<0.1 %"), (0.5, "50.0 %"), (0.99999, ">99.9 %"), (1.0, "100.0 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability, said):
    assert formats.percent(probability) == said


def test_names_are_told_apart_by_place_and_by_kind():
    teacher = ner(("Ada", "PER", 0, 3), ("Rome", "LOC", 5, 9), ("Oslo", "LOC", 11, 15))
    student = ner(("Ada", "ORG", 0, 3), ("Rome", "LOC", 5, 9), ("Bergen", "LOC", 20, 26))
    mine, yours, retyped = entities.differences(teacher, student)
    assert [one.text for one in mine] == ["Oslo"]
    assert [one.text for one in yours] == ["Bergen"]
    assert [(a.kind, b.kind) for a, b in retyped] == [("PER", "ORG")]
    said = entities.compare(teacher, student)
    assert "They agree on 1 name; only the teacher finds “Oslo” (LOC)" in said
    assert "“Ada” is PER to the teacher, ORG to the student" in said


def test_no_names_at_all_is_said_plainly():
    assert entities.compare(ner(), ner()).startswith("Neither finds a name.")


def test_equal_names_are_said_to_be_the_same():
    same = ner(("Ada", "PER", 0, 3))
    assert entities.compare(same, dataclasses.replace(same, timing=FAST)).startswith(
        "Both find the same 1 name."
    )


def test_a_sentence_names_only_a_few_of_many_differences():
    def named(kind):
        entities = tuple(Entity("Kim", kind, n, n + 3, 0.5, n, n) for n in range(0, 900, 9))
        return NerResult("", (), (), entities, None, 1, Timing(1.0, 2.0, 4))

    sentence = entities.compare(named("PER"), named("LOC"))
    assert sentence.count("“Kim” is PER to the teacher") == entities.MOST_NAMED
    assert "96 more names of different kinds" in sentence


def test_what_is_quoted_keeps_its_own_direction():
    shown = notices.verdict("The teacher says “שלום\u202e” (97.4 %), the student “<b>”.")
    assert "“<bdi>שלום\u202e</bdi>” (97.4 %)" in shown
    assert "“<bdi>&lt;b&gt;</bdi>”" in shown
