"""The evaluation sets keep to their schemas, and their answers are not given away by position."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from explain.models import stored

ASSETS = Path(__file__).parents[2] / "assets"
FOLDER = ASSETS / "evaluation"
Item = dict[str, Any]

FEWEST_ITEMS = 155
FEWEST_OF_A_SLICE = 10
SLICES = {
    "sentiment": "plain negation sarcasm comparison contrast implicit mixed service long",
    "question_answering": "who when where number why distractor paraphrase long",
    "multiple_choice": "everyday cause physical social next science",
    "ner": "plain rare repeated long ambiguous case none list hyphen",
    "fill_mask": (
        "capitals opposites professions animals grammar "
        "prepositions pronouns arithmetic idioms calendar"
    ),
}
KEYS = {
    "sentiment": {"text", "label", "slice"},
    "question_answering": {"context", "question", "answers", "slice"},
    "multiple_choice": {"context", "question", "choices", "label", "slice"},
    "ner": {"tokens", "tags", "slice"},
    "fill_mask": {"text", "answer", "slice"},
}
HEADS = tuple(SLICES)


def read(head: str) -> list[Item]:
    lines = (FOLDER / f"{head}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def words(item: Item) -> str:
    """What an item says, its answers apart, in lower case without punctuation."""
    parts = (str(item[key]) for key in ("text", "tokens", "context", "question") if key in item)
    return " ".join(re.findall(r"\w+", " ".join(parts).lower()))


@pytest.mark.parametrize("head", HEADS)
def test_a_set_is_large_and_every_item_has_the_keys_of_its_schema(head: str) -> None:
    items = read(head)
    assert len(items) >= FEWEST_ITEMS
    assert [item for item in items if item.keys() != KEYS[head]] == []


@pytest.mark.parametrize("head", HEADS)
def test_every_slice_is_known_and_large_enough_to_be_scored(head: str) -> None:
    sizes = Counter(item["slice"] for item in read(head))
    assert sizes.keys() == set(SLICES[head].split())
    assert min(sizes.values()) >= FEWEST_OF_A_SLICE


@pytest.mark.parametrize("head", HEADS)
def test_no_item_is_given_twice(head: str) -> None:
    assert [said for said, times in Counter(map(words, read(head))).items() if times > 1] == []


@pytest.mark.parametrize("head", HEADS)
def test_the_readme_counts_every_slice_as_the_files_do(head: str) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for tag, size in Counter(item["slice"] for item in read(head)).items():
        assert re.search(rf"^\| {head} +\| {tag} +\| +{size} +\|", readme, re.MULTILINE), tag


def test_the_labels_of_sentiment_are_balanced_in_every_slice() -> None:
    counts = Counter((item["slice"], item["label"]) for item in read("sentiment"))
    for tag in SLICES["sentiment"].split():
        assert counts[tag, 0] == counts[tag, 1], tag


def test_every_answer_stands_in_its_context_as_whole_words() -> None:
    for item in read("question_answering"):
        context, answers = item["context"], item["answers"]
        texts, starts = answers["text"], answers["answer_start"]
        assert answers.keys() == {"text", "answer_start"}
        assert 1 <= len(texts) == len(starts) <= 3, item["question"]
        for text, start in zip(texts, starts, strict=True):
            end = start + len(text)
            assert context[start:end] == text, item["question"]
            around = context[max(0, start - 1) : start] + " " + context[end : end + 1]
            assert not re.search(r"\w", around), f"{text!r} is cut out of a word"


def test_the_answer_is_not_found_by_always_looking_at_the_same_place() -> None:
    """No third of the contexts holds more than half of the answers."""
    items = read("question_answering")
    places = (item["answers"]["answer_start"][0] / len(item["context"]) for item in items)
    thirds = Counter(int(3 * place) for place in places)
    assert max(thirds.values()) <= len(items) / 2, thirds


def test_choices_differ_and_the_label_names_one_of_them() -> None:
    for item in read("multiple_choice"):
        choices = [choice.strip().lower() for choice in item["choices"]]
        assert all(choices) and 2 <= len(set(choices)) == len(choices) <= 5, item
        assert type(item["label"]) is int and 0 <= item["label"] < len(choices), item
        assert item["question"].strip(), item


def test_the_right_choice_stands_in_every_position_equally_often() -> None:
    items = read("multiple_choice")
    for size in {len(item["choices"]) for item in items}:
        labels = [item["label"] for item in items if len(item["choices"]) == size]
        counts = [labels.count(position) for position in range(size)]
        assert max(counts) - min(counts) <= 1, counts


@pytest.mark.parametrize("wanted", [max, min])
def test_the_right_choice_is_not_given_away_by_its_length(wanted: Callable[..., int]) -> None:
    """Always taking the longest choice, or the shortest, is no more than 10 points above chance."""
    items = read("multiple_choice")
    hits = chance = 0.0
    for item in items:
        lengths = [len(choice) for choice in item["choices"]]
        extreme = wanted(lengths)
        hits += (lengths[item["label"]] == extreme) / lengths.count(extreme)
        chance += 1 / len(lengths)
    assert (hits - chance) / len(items) < 0.1


def test_every_token_has_a_tag_and_inside_follows_its_own_beginning() -> None:
    for item in read("ner"):
        tokens, tags = item["tokens"], item["tags"]
        assert len(tokens) == len(tags), tokens
        for before, tag in zip(["O", *tags], tags, strict=False):
            assert re.fullmatch(r"O|[BI]-(PER|ORG|LOC|MISC)", tag), tokens
            assert not tag.startswith("I-") or before[1:] == tag[1:], tokens


def test_tokens_stand_apart_from_punctuation_and_from_the_possessive() -> None:
    tokens = {token for item in read("ner") for token in item["tokens"]}
    glued = re.compile(r"\s|^$|\w[,;:!?]$|\w's$|^[(\"]\w|\w[)\"]$", re.IGNORECASE)
    assert [token for token in tokens if glued.search(token)] == []


def test_every_type_of_name_is_asked_often_and_the_slice_none_has_none() -> None:
    items = read("ner")
    names = Counter(tag[2:] for item in items for tag in item["tags"] if tag.startswith("B-"))
    assert names.keys() == {"PER", "ORG", "LOC", "MISC"}
    assert min(names.values()) >= 50, names
    assert {tag for item in items if item["slice"] == "none" for tag in item["tags"]} == {"O"}


def test_every_masked_word_is_one_piece_of_the_vocabulary_in_lower_case() -> None:
    tokenizer = Tokenizer.from_file(str(stored.vocabulary(ASSETS / "models" / "bert-pocket")))
    for item in read("fill_mask"):
        assert item["text"].count("[MASK]") == 1, item
        assert re.fullmatch(r"[a-z]+", item["answer"]), item
        assert tokenizer.encode(item["answer"], add_special_tokens=False).tokens == [item["answer"]]


def test_no_masked_word_stands_in_its_own_text_or_is_asked_more_than_twice() -> None:
    items = read("fill_mask")
    seen = [i for i in items if i["answer"] in re.findall(r"\w+", i["text"].lower())]
    assert seen == []
    assert max(Counter(item["answer"] for item in items).values()) <= 2
