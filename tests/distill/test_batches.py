"""Rows to tensors: what is masked, cut, labelled and padded."""

import random
from itertools import pairwise

import pytest
import torch

from distill.batches import Limits, Stream
from distill.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from distill.names import exchange, names_by_type
from explain.heads.registry import HEADS
from explain.records import InputError

from .conftest import rows_of


@pytest.fixture
def stream_of(tokenizer):
    def make(head="fill_mask", rows=None, budget=256, seed=0, **limits):
        own = rows or rows_of(head, 30)
        return Stream(head, {"own": own}, tokenizer, budget, seed, Limits(**limits))

    return make


def contains(whole, part):
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def test_masking_hides_the_share_of_pieces_and_labels_them(stream_of, tokenizer):
    stream = stream_of(masked=0.25, fill_mask=40)
    text = " ".join(f"word {number} is here." for number in range(60))
    whole = tokenizer(text, add_special_tokens=False)["input_ids"]
    starts = set()
    for seed in range(20):
        (example,) = fill_mask.encode({"text": text}, stream, random.Random(seed))
        (ids,) = example["ids"]
        assert len(ids) == 40
        assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
        masked = [i for i, piece in enumerate(ids) if piece == tokenizer.mask_token_id]
        assert masked == example["where"]
        assert len(masked) == round(0.25 * 38)
        restored = list(ids)
        for position, label in zip(example["where"], example["labels"], strict=True):
            restored[position] = label
        assert contains(whole, restored[1:-1])
        starts.add(tuple(restored[1:9]))
    assert len(starts) > 5  # another part of a long text each time


def test_short_text_is_left_out(stream_of):
    assert fill_mask.encode({"text": "Too short."}, stream_of(), random.Random(0)) == []


def test_whole_words_of_an_entities_row_are_masked_and_keep_their_tags(stream_of, tokenizer):
    words = ["Karlovačko", "and", "Ožujsko", "come", "from", "Croatia"] * 8
    row = {"tokens": words, "tags": ["B-MISC", "O", "B-MISC", "O", "O", "B-LOC"] * 8}
    (plain,) = ner.encode(row, stream_of("ner"), random.Random(0))
    (example,) = ner.encode(row, stream_of("ner", unseen=0.3), random.Random(0))
    assert (example["where"], example["labels"]) == (plain["where"], plain["labels"])
    masked = [piece == tokenizer.mask_token_id for piece in example["ids"][0]]
    assert 0.1 < sum(masked) / len(masked) < 0.5
    for start, end in pairwise([*plain["where"], len(masked) - 1]):
        assert len(set(masked[start:end])) == 1  # all pieces of a word, or none
    assert not masked[0] and not masked[-1]


def test_a_long_review_keeps_its_end(stream_of, tokenizer):
    text = "It began well. " * 50 + "In the end it was awful."
    (example,) = sentiment.encode({"text": text, "label": 0}, stream_of(), random.Random(0))
    (ids,) = example["ids"]
    assert len(ids) == Limits().sentiment
    assert tokenizer.decode(ids).endswith("in the end it was awful. [SEP]")
    assert example["labels"] == [0]


def test_the_first_piece_of_each_word_carries_its_tag(stream_of, tokenizer):
    row = {
        "tokens": ["Wilmslow", "is", "near", "Macclesfield"],
        "tags": ["B-LOC", "O", "O", "B-LOC"],
    }
    (example,) = ner.encode(row, stream_of(), random.Random(0))
    pieces = tokenizer.convert_ids_to_tokens(example["ids"][0])
    assert [pieces[i] for i in example["where"]] == ["wil", "is", "near", "mac"]
    assert example["labels"] == [HEADS["ner"].labels.index(tag) for tag in row["tags"]]


def test_words_behind_the_limit_have_no_label(stream_of):
    row = {"tokens": ["word"] * 50, "tags": ["O"] * 50}
    (example,) = ner.encode(row, stream_of(ner=12), random.Random(0))
    assert len(example["ids"][0]) == 12
    assert len(example["where"]) == len(example["labels"]) == 10


def test_choices_stand_behind_the_prompt_as_second_segment(stream_of, tokenizer):
    row = {
        "context": "It rained.",
        "question": "Why?",
        "choices": ["Clouds came.", "Sun"],
        "label": 1,
    }
    (example,) = multiple_choice.encode(row, stream_of(), random.Random(0))
    texts = [tokenizer.decode(ids) for ids in example["ids"]]
    assert texts[0] == "[CLS] it rained. why? [SEP] clouds came. [SEP]"
    assert texts[1].startswith("[CLS] it rained. why? [SEP] sun [SEP]")
    for ids, segments, mask in zip(
        example["ids"], example["segments"], example["mask"], strict=True
    ):
        first = ids.index(tokenizer.sep_token_id) + 1
        length = sum(mask)
        assert segments[:length] == [0] * first + [1] * (length - first)
        assert ids[length:] == [0] * (len(ids) - length)
    assert example["labels"] == [1]


@pytest.mark.parametrize("limit", [208, 96])
def test_the_labelled_pieces_of_a_question_spell_the_answer(limit, stream_of, tokenizer):
    stream = stream_of("question_answering", question_answering=limit)
    filler = "Nothing of note happened in those years, or so the tale goes. "
    for seed in range(60):
        draw = random.Random(seed)
        answer = draw.choice(["Wilmslow", "the Saint-Étienne works", "1,234 machines", "x"])
        context = filler * draw.randrange(12) + f"It was {answer} after all. "
        start = context.index(answer, len(context) - len(answer) - 13)
        context += filler * draw.randrange(12)
        row = {
            "context": context,
            "question": "What was it?",
            "answers": {"text": [answer], "answer_start": [start]},
        }
        (example,) = question_answering.encode(row, stream, draw)
        (ids,), (first, last) = example["ids"], example["labels"]
        assert len(ids) <= limit
        wanted = tokenizer(answer, add_special_tokens=False)["input_ids"]
        assert ids[first : last + 1] == wanted
        inside = [i for i, flag in enumerate(example["where"]) if flag]
        assert inside == list(range(ids.index(tokenizer.sep_token_id) + 1, len(ids) - 1))
        assert example["segments"][0] == [int(i > inside[0] - 1) for i in range(len(ids))]


def test_padding_is_masked_and_empty():
    examples = [
        {"ids": [[101, 7, 8, 102]], "labels": [1]},
        {"ids": [[101, 9, 102]], "labels": [0]},
    ]
    batch = sentiment.collate(examples)
    assert batch.inputs["input_ids"].tolist() == [[101, 7, 8, 102], [101, 9, 102, 0]]
    assert batch.inputs["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert batch.inputs["token_type_ids"].tolist() == [[0] * 4, [0] * 4]
    assert batch.labels.tolist() == [1, 0]


def test_questions_with_fewer_choices_are_filled_up(stream_of):
    examples = [{"ids": [[101, n, 102] for n in range(count)], "labels": [0]} for count in (2, 3)]
    batch = multiple_choice.collate(examples)
    assert batch.where.tolist() == [[0, 1, -1], [2, 3, 4]]
    assert batch.inputs["input_ids"].shape == (5, 3)


@pytest.mark.parametrize("head", HEADS)
def test_batches_stay_within_the_budget(head, stream_of):
    stream = stream_of(head, budget=300)
    found = iter(stream)
    sizes = [next(found).inputs["input_ids"].shape for _ in range(60)]
    assert all(rows * pieces <= 300 for rows, pieces in sizes)
    assert max(rows * pieces for rows, pieces in sizes) > 150


@pytest.mark.parametrize("head", HEADS)
def test_a_stream_is_the_same_every_time_and_goes_on_where_it_stood(head, stream_of):
    stream = stream_of(head, budget=2000)
    batches = iter(stream)
    first = [next(batches)]
    state = stream.state()
    while stream.pool == 0 or len(first) < 3:
        first.append(next(batches))
    later = stream_of(head, budget=2000)
    later.restore(state)
    for wanted, found in zip(first[1:], iter(later), strict=False):
        assert same(found, wanted)
    assert later.state() == stream.state()
    assert not same(first[0], next(iter(stream_of(head, budget=2000, seed=1))))


def same(one, other):
    return all(torch.equal(one.inputs[k], other.inputs[k]) for k in one.inputs) and torch.equal(
        one.labels, other.labels
    )


def test_sets_are_drawn_by_share_or_by_size_where_none_is_named(tokenizer):
    rows = rows_of("sentiment", 3)
    named = {"sentiment_sst2": rows, "sentiment_cr": rows, "of_my_own": rows}
    weights = Stream("sentiment", named, tokenizer, 99, 0, Limits()).weights()
    assert weights == {"sentiment_sst2": 0.42, "sentiment_cr": 0.05, "of_my_own": 0.0}
    own = {"a": rows, "b": rows * 2}
    assert Stream("sentiment", own, tokenizer, 99, 0, Limits()).weights() == {"a": 3, "b": 6}


def test_rows_that_are_all_too_short_are_named(stream_of):
    with pytest.raises(InputError, match="own"):
        next(iter(stream_of(rows=[{"text": "Short."}])))


def test_exchanged_names_keep_their_type_and_the_rest_of_the_sentence():
    sentences = [
        (["Ada", "Lovelace", "met", "Hart", "in", "Rome"],
         ["B-PER", "I-PER", "O", "B-PER", "O", "B-LOC"]),
        (["New", "York", "and", "Oslo"], ["B-LOC", "I-LOC", "O", "I-LOC"]),
    ]  # fmt: skip
    names = names_by_type(sentences)
    assert names == {
        "PER": [("Ada", "Lovelace"), ("Hart",)], "LOC": [("Rome",), ("New", "York"), ("Oslo",)]
    }  # fmt: skip
    assert exchange(*sentences[0], names, 0.0, random.Random(0)) == sentences[0]
    seen = set()
    for seed in range(60):
        words, tags = exchange(*sentences[0], names, 1.0, random.Random(seed))
        assert len(words) == len(tags)
        assert [word for word, tag in zip(words, tags, strict=True) if tag == "O"] == ["met", "in"]
        found = names_by_type([(words, tags)])
        assert [len(found[kind]) for kind in ("PER", "LOC")] == [2, 1]
        assert set(found["PER"]) <= set(names["PER"]) and found["LOC"][0] in names["LOC"]
        seen |= {*found["PER"], *found["LOC"]}
    assert seen == {*names["PER"], *names["LOC"]}
