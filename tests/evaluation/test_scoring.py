"""Items through both models: batches change nothing, progress grows, and bad rows are named."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explain import encoding
from explain.evaluation import heads, sets
from explain.evaluation.export import evaluation_csv
from explain.evaluation.items import EvaluationProgress, EvaluationSet, Item, ScoredAnswer
from explain.evaluation.schemas import fault
from explain.evaluation.scoring import (
    ITEMS_AT_ONCE,
    PADDING,
    batches,
    evaluate,
    prepared,
    score,
)
from explain.heads import steps
from explain.models import HEADS, load
from explain.records import InputError
from explain.render import accuracy as render_accuracy
from tests.tiny import tiny

HUB_ROWS = {
    "fill_mask": ({"text": " = A heading = "}, {"text": "The sun rose over the sea. " * 10}),
    "sentiment": ({"sentence": "a gripping film ", "label": 1}, {"sentence": " ", "label": 0}),
    "ner": ({"tokens": ["Jim", "of", "Rome"], "ner_tags": [1, 0, 5]},),
    "multiple_choice": (
        {"sent1": "He sat.", "sent2": "He", "label": 2, "ending0": "ate 0.", "ending1": "ate 1.",
         "ending2": "ate 2.", "ending3": "ate 3."},
    ),
    "question_answering": (
        {"id": "7", "context": "It is.", "question": "Is it?",
         "answers": {"text": ["It"], "answer_start": [0]}},
    ),
}  # fmt: skip


def pair(head: str):
    return tiny(head, "teacher"), tiny(head, "student")


def some(head: str, count: int = 10) -> tuple[Item, ...]:
    """Items of our own set, spread over all its slices."""
    items = sets.ours(head).items
    return items[:: len(items) // count]


@pytest.mark.parametrize("head", HEADS)
def test_a_batch_answers_as_one_item_at_a_time_does(head):
    items, models = some(head), pair(head)
    *_, last = evaluate(items, *models)
    for one in last.scored:
        for role, model in zip(("teacher", "student"), models, strict=True):
            (alone,) = score([one.item], model)
            together = getattr(one, role)
            assert together.answer == alone.answer and together.cells == alone.cells
            assert together.tally == pytest.approx(alone.tally, abs=1e-4)
            assert together.probability == (
                alone.probability and pytest.approx(alone.probability, abs=1e-4)
            )


def test_progress_grows_and_ends_with_every_item_in_the_order_of_the_set():
    items = sets.ours("sentiment").items[:80]
    steps = list(evaluate(items, *pair("sentiment")))
    counts = [len(step.scored) for step in steps]
    assert counts[0] == 0 and counts[-1] == 80 and len(counts) >= 4
    assert all(before < after for before, after in pairwise(counts))
    for step in steps:
        numbers = [one.item.number for one in step.scored]
        assert step.total == 80 and numbers == sorted(numbers)


@pytest.mark.parametrize("head", HEADS)
def test_every_item_is_in_one_batch_with_others_of_its_length(head):
    items, model = sets.ours(head).items, load(head, "student")
    groups = batches(items, model)
    assert sorted(index for group in groups for index in group) == list(range(len(items)))
    assert max(map(len, groups)) <= ITEMS_AT_ONCE and len(groups) < len(items) / 4
    split = encoding.splitter(model)
    lengths = [
        len(split.encode(heads.of(head).text(item.row), add_special_tokens=False).ids)
        for item in items
    ]
    ranges = []
    for group in groups:
        own = [lengths[index] for index in group]
        assert sum(max(own) - one for one in own) <= PADDING
        assert len(own) * max(own) <= steps.PADDED_BUDGET
        ranges.append((min(own), max(own)))
    assert all(end <= start for (_, end), (start, _) in pairwise(sorted(ranges)))
    assert ranges != sorted(ranges)  # not the shortest first


def test_what_a_model_cannot_read_is_left_out_and_named_by_its_row():
    items = [*some("question_answering", 3)]
    long = {**items[0].row, "question": "why " * 70}
    *_, last = evaluate([*items, Item(31, long)], *pair("question_answering"))
    assert len(last.scored) == len(items)
    (reason,) = last.left_out
    assert reason.startswith("Row 31: The question has 70 word pieces")
    with pytest.raises(InputError, match=r"^No row can be read\. Row 31: The question has 70"):
        list(evaluate([Item(31, long)], *pair("question_answering")))


@pytest.mark.parametrize(
    ("head", "row"),
    [("sentiment", {"text": "good " * 600, "label": 1}),
     ("fill_mask", {"text": "good " * 600 + "[MASK].", "answer": "day"})],
)  # fmt: skip
def test_a_text_too_long_to_be_read_whole_is_said_on_the_page_and_in_the_files(head, row):
    *_, last = evaluate([*some(head, 3), Item(99, row)], *pair(head))
    (long,) = (one for one in last.scored if one.item.number == 99)
    assert long.teacher.unread > 80 and long.student.unread > 80
    data = EvaluationSet(head, "mine", "Four rows.", ())
    assert "1 too long for the models were read in part." in render_accuracy.score(last, data)
    short = EvaluationProgress(3, tuple(one for one in last.scored if one is not long))
    assert "read in part" not in render_accuracy.score(short, data)
    (line,) = (one for one in evaluation_csv(last.scored).splitlines() if one.startswith("99,"))
    assert f",{long.student.unread}," in line


def test_of_a_text_without_a_mask_one_common_word_is_masked_and_always_the_same():
    text, model = "Zxqvwk purrs: the little cat sleeps.", tiny("fill_mask", "student")
    (first,), (again,) = (prepared([Item(1, {"text": text})], model)[0] for _ in range(2))
    first, again = first.row, again.row
    assert first == again
    assert first["text"].count("[MASK]") == 1 and "Zxqvwk" in first["text"]
    assert first["text"].replace("[MASK]", first["answer"]) == text
    with pytest.raises(
        InputError, match=r"^No row can be read\. Row 4: .*he text has no common word"
    ):
        prepared([Item(4, {"text": "12 + 30 = 42"})], model)


@pytest.mark.parametrize("head", HEADS)
def test_rows_of_the_official_splits_keep_to_the_schema_of_their_head(head):
    (row,) = sets.from_hub(head, HUB_ROWS[head])  # headings and blanks are left out
    assert fault(row, head) is None
    if head == "ner":
        assert row["tags"] == ["B-PER", "O", "B-LOC"]
    if head == "multiple_choice":
        assert row["choices"][2] == "He ate 2." and row["label"] == 2


def test_without_the_hub_an_official_split_says_what_to_do():
    with pytest.raises(InputError, match=r"SST-2 could not be read .* choose our own set"):
        sets.official("sentiment", 10)


def test_a_sample_is_drawn_from_the_whole_set_and_always_the_same():
    whole = sets.ours("ner")
    part = sets.sample(whole, 30)
    assert part.items == sets.sample(whole, 30).items and len(part.items) == 30
    assert part.items[-1].number > 100 and "30 of its 184" in part.origin
    assert sets.sample(whole, 0) is whole


def test_models_that_find_the_same_word_at_two_places_do_not_agree():
    first, same, other = (
        ScoredAnswer("Paris", False, None, 0.1, (1.0, 1.0, 2.0, 3.0, 0.3), (), places=places)
        for places in ((("PER", 0, 0),), (("PER", 0, 0),), (("PER", 2, 2),))
    )
    agree = heads.of("ner").agree
    assert agree(first, same) and not agree(first, other)
