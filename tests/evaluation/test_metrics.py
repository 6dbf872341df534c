"""Every metric against cases worked out by hand."""

import math
import random

import numpy as np
import pytest

from explain.evaluation.heads.question_answering import answer_f1, exact_match, normalise
from explain.evaluation.metrics import (
    calibration_error,
    estimates,
    kept,
)
from explain.statistics import wilson
from explain.words import entity_spans


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ("O O", set()),
        ("B-PER I-PER O", {("PER", 0, 1)}),
        ("O B-LOC", {("LOC", 1, 1)}),
        ("B-PER B-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("I-ORG I-ORG O", {("ORG", 0, 1)}),  # I- without B- starts one
        ("B-PER I-LOC I-LOC", {("PER", 0, 0), ("LOC", 1, 2)}),  # so does I- of another kind
        ("B-PER O I-PER", {("PER", 0, 0), ("PER", 2, 2)}),
        ("I-LOC B-LOC I-LOC", {("LOC", 0, 0), ("LOC", 1, 2)}),
    ],
)
def test_entities_are_read_from_tags(tags, wanted):
    assert set(entity_spans(tags.split())) == wanted


def ner_tallies(pairs):
    rows = []
    for predicted, named in pairs:
        found, wanted = (set(entity_spans(tags.split())) for tags in (predicted, named))
        rows.append((len(found & wanted), len(found), len(wanted), len(named.split()), 0.0))
    return np.array(rows, float)


def test_entity_f1_counts_exact_spans_with_their_type():
    # The worked example in seqeval's documentation: one of two entities right on either side.
    table = ner_tallies(
        [
            ("O O B-MISC I-MISC I-MISC I-MISC O", "O O O B-MISC I-MISC I-MISC O"),
            ("B-PER I-PER O", "B-PER I-PER O"),
        ]
    )
    scores = estimates("ner", table)
    assert scores["f1"].value == pytest.approx(0.5)


def test_precision_recall_and_f1_over_all_rows():
    table = ner_tallies(
        [
            ("B-PER O B-LOC", "B-PER O B-ORG"),  # found 1 of 2, predicted 2
            ("B-LOC I-LOC O", "B-LOC O O"),  # another span: found 0 of 1, predicted 1
            ("O O O", "B-PER I-PER O"),  # missed: 0 of 1
            ("B-MISC O", "B-MISC O"),  # 1 of 1
        ]
    )
    scores = estimates("ner", table)
    assert scores["precision"].value == pytest.approx(2 / 4)
    assert scores["recall"].value == pytest.approx(2 / 5)
    assert scores["f1"].value == pytest.approx(2 * 2 / (4 + 5))


def test_an_entity_that_is_not_found_scores_zero():
    scores = estimates("ner", ner_tallies([("O O", "O B-PER")]))
    assert scores["f1"].value == 0.0
    assert len({"precision", "recall"} & scores.keys()) == 1  # the other one is a share of nothing


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_wilson_interval(hits, trials, low, high):
    assert wilson(hits, trials) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_accuracy_has_wilsons_interval_and_loss_its_mean():
    table = np.array([(1, right, 0.25 + right) for right in [1] * 8 + [0] * 2], float)
    scores = estimates("sentiment", table)
    assert scores["accuracy"].value == pytest.approx(0.8)
    assert (scores["accuracy"].low, scores["accuracy"].high) == wilson(8, 10)
    assert scores["loss"].value == pytest.approx(0.25 + 0.8)
    assert scores["loss"].low < 1.05 < scores["loss"].high


def test_points_above_chance_take_each_question_by_its_choices():
    # Two of three right; chance is 1/2, 1/4 and 1/4.
    table = np.array([(1, 1, 0.5, 0.1), (1, 1, 0.25, 0.1), (1, 0, 0.25, 0.1)])
    scores = estimates("multiple_choice", table)
    assert scores["points_above_chance"].value == pytest.approx(100 * (2 / 3 - 1 / 3))
    assert scores["accuracy"].value == pytest.approx(2 / 3)


def test_masks_count_one_by_one_whatever_the_paragraph():
    table = np.array([(10, 5, 8, 20.0), (2, 0, 0, 10.0)])
    scores = estimates("fill_mask", table)
    assert scores["top1"].value == pytest.approx(5 / 12)
    assert scores["top5"].value == pytest.approx(8 / 12)
    assert scores["loss"].value == pytest.approx(30 / 12)
    assert (scores["top1"].low, scores["top1"].high) != wilson(5, 12)  # they are not independent


def test_the_bootstrap_is_seeded_and_as_wide_as_theory_says():
    draw = random.Random(3)
    rows = np.array([(1, 0, draw.random()) for _ in range(400)])
    first, second = (estimates("question_answering", rows)["f1"] for _ in range(2))
    assert first == second
    wanted = 2 * 1.96 * rows[:, 2].std() / math.sqrt(400)
    assert first.high - first.low == pytest.approx(wanted, rel=0.1)
    assert first.low < first.value < first.high


def test_kept_is_the_students_share_of_the_teachers_score():
    teacher = np.array([(1, 1, 0.1)] * 90 + [(1, 0, 2.0)] * 10)
    student = np.array([(1, 1, 0.1)] * 72 + [(1, 0, 2.0)] * 28)
    shares = kept("sentiment", teacher, student)
    assert list(shares) == ["accuracy"]  # of a loss there is no share
    assert shares["accuracy"].value == pytest.approx(72 / 90)
    assert shares["accuracy"].low < 0.8 < shares["accuracy"].high


def test_what_both_models_share_does_not_widen_the_share_kept():
    """The same rows are drawn for both: equal models keep exactly everything."""
    rows = np.array([(1, n % 3 == 0, 0.5) for n in range(60)], float)
    share = kept("sentiment", rows, rows)["accuracy"]
    assert (share.value, share.low, share.high) == (1.0, None, None)


def test_no_interval_has_no_width():
    """Six of six right: Wilson's interval for shares, none for what is the same in every row."""
    rows = np.array([(1, 1, 1.0)] * 6)
    scores = estimates("question_answering", rows)
    assert (scores["exact_match"].low, scores["exact_match"].high) == wilson(6, 6)
    assert (scores["f1"].low, scores["f1"].high) == wilson(6, 6)
    wrong = estimates("question_answering", np.array([(1, 0, 0.0)] * 3))["f1"]
    assert (wrong.low, wrong.high) == wilson(0, 3)
    loss = estimates("sentiment", np.array([(1, 1, 0.25)]))["loss"]
    assert (loss.value, loss.low, loss.high) == (0.25, None, None)


def test_f1_is_undefined_where_there_is_nothing_to_find():
    assert set(estimates("ner", ner_tallies([("O O", "O O")] * 3))) == {"loss"}


def test_resamples_without_an_entity_are_left_out():
    """40 rows with one name in all, found: not 0 to 100, and not 100 to 100."""
    rows = ner_tallies([("B-PER O", "B-PER O"), *[("O O", "O O")] * 39])
    f1 = estimates("ner", rows)["f1"]
    assert (f1.value, f1.low, f1.high) == (1.0, *wilson(1, 1))
    two = ner_tallies([("B-PER O", "B-PER O"), ("O O", "B-PER O"), *[("O O", "O O")] * 38])
    f1 = estimates("ner", two)["f1"]
    assert f1.low == 0.0 and f1.high == 1.0 and f1.value == pytest.approx(2 / 3)


def test_nothing_is_kept_of_nothing():
    wrong, right = np.array([(1, 0.0, 0.0)] * 4), np.array([(1, 1.0, 1.0)] * 4)
    assert kept("question_answering", wrong, right) == {}


def test_nothing_is_kept_of_what_is_chance_itself():
    teacher = np.array([(1, n % 2, 0.49, 0.7) for n in range(60)])  # rows, right, chance, loss
    shares = kept("multiple_choice", teacher, teacher)
    assert "accuracy" in shares and "points_above_chance" not in shares


def test_calibration_error_by_hand():
    confidences, right = [0.95, 0.95, 0.55, 0.55], [True, True, True, False]
    # Bin of .95: accuracy 1, gap .05. Bin of .55: accuracy .5, gap .05.
    assert calibration_error(confidences, right) == pytest.approx(0.05)
    assert calibration_error([1.0, 1.0], [False, False]) == pytest.approx(1.0)
    assert calibration_error([0.5] * 4, [True, False, True, False]) == pytest.approx(0.0)


def test_calibration_bins_are_fifteen_and_closed_above():
    # .20 and .21 lie on either side of the edge 3/15, .21 and .26 in one bin.
    assert calibration_error([0.20, 0.21], [True, False]) == pytest.approx((0.80 + 0.21) / 2)
    assert calibration_error([0.21, 0.26], [True, False]) == pytest.approx((0.79 - 0.26) / 2)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("The  Cat's hat!", "cats hat"),
        ("An apple, a day", "apple day"),
        ("theatre", "theatre"),
        ("1,234", "1234"),
        (" the ", ""),
    ],
)
def test_answers_are_normalised_as_for_squad(answer, wanted):
    assert normalise(answer) == wanted


def test_exact_match_takes_any_wanted_answer():
    assert exact_match("the Broncos", ["Denver Broncos", "Broncos."]) == 1.0
    assert exact_match("Denver", ["Denver Broncos"]) == 0.0


@pytest.mark.parametrize(
    ("answer", "wanted", "score"),
    [
        ("the cat sat", ["cat"], 2 / 3),  # 1 of 2 words, 1 of 1
        ("cat", ["dog", "black cat"], 2 / 3),  # the best of the two
        ("yes yes", ["yes"], 2 / 3),  # a repeated word counts once
        ("dog", ["cat"], 0.0),
        ("the", ["a"], 1.0),  # nothing is left of either
        ("the", ["cat"], 0.0),
    ],
)
def test_answer_f1(answer, wanted, score):
    assert answer_f1(answer, wanted) == pytest.approx(score)
