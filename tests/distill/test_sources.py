"""Training rows, from a folder and from the Hub (in memory: no test reaches the network)."""

from random import Random

import datasets
import pytest

from distill import heads, sources
from distill.batches import Limits, Stream
from distill.labelled import item_of
from explain.models import HEADS
from explain.records import InputError

from .conftest import rows_of, write_rows
from .test_labelled import only_line


def hub_tables():
    """What the Hub's sets hold, column by column as they name them."""
    words = datasets.List(datasets.Value("string"))
    classes = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
    tags = datasets.Features(
        {"tokens": words, "ner_tags": datasets.List(datasets.ClassLabel(names=classes))}
    )
    text = "London is a city. " * 200
    answers = {"text": ["a city"], "answer_start": [10]}
    return {
        "wikimedia/wikipedia": datasets.Dataset.from_list([{"title": "London", "text": text}] * 4),
        "stanfordnlp/sst2": datasets.Dataset.from_list(
            [{"idx": n, "sentence": f"a lovely film {n}", "label": n % 2} for n in range(4)]
        ),
        "lhoestq/conll2003": datasets.Dataset.from_list(
            [{"tokens": ["Jim", "Henson", "of", "Greenville"], "ner_tags": [1, 2, 0, 5]}] * 4,
            features=tags,
        ),
        "allenai/swag": datasets.Dataset.from_list(
            [{"sent1": "He sits.", "sent2": "He", "label": 2}
             | {f"ending{n}": f"ends {n}." for n in range(4)}] * 4
        ),
        "rajpurkar/squad": datasets.Dataset.from_list(
            [{"id": "1", "context": text, "question": "What is London?", "answers": answers}] * 4
        ),
    }  # fmt: skip


@pytest.fixture
def hub(monkeypatch):
    asked = []

    def load_dataset(name, configuration=None, *, split, streaming):
        asked.append((name, configuration, split, streaming))
        return hub_tables()[name].to_iterable_dataset()

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return asked


@pytest.mark.parametrize("head", HEADS)
def test_rows_of_the_hub_keep_to_the_schemas_and_can_be_trained_on(head, hub, tmp_path, tokenizer):
    sets = sources.training_rows(sources.ON_HUB, head, hub_rows=3)
    ((name, rows),) = sets.items()
    assert name.startswith(heads.of(head).PREFIX)
    assert len(rows) == 3
    for row in rows:
        item_of(only_line(tmp_path, row), head)
    stream = Stream(head, sets, tokenizer, 512, 0, Limits())
    assert next(iter(stream)).labels.numel() > 0
    assert all(heads.of(head).encode(row, stream, Random(0)) for row in rows)
    assert [split for _, _, split, _ in hub] == ["train"]
    assert all(streaming for *_, streaming in hub)


def test_tags_and_choices_of_the_hub_are_translated(hub):
    (row, *_) = sources.training_rows(sources.ON_HUB, "ner", 1)["ner_conll2003"]
    assert row == {
        "tokens": ["Jim", "Henson", "of", "Greenville"],
        "tags": ["B-PER", "I-PER", "O", "B-LOC"],
    }
    (row, *_) = sources.training_rows(sources.ON_HUB, "multiple_choice", 1)["mc_swag"]
    assert row["context"] == "He sits."
    assert row["choices"] == ["He ends 0.", "He ends 1.", "He ends 2.", "He ends 3."]
    assert row["label"] == 2


def test_a_hub_out_of_reach_is_told_in_one_sentence(monkeypatch):
    def load_dataset(*_, **__):
        raise ConnectionError("Couldn't reach the Hub")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(InputError, match="stanfordnlp/sst2 could not be read"):
        sources.training_rows(sources.ON_HUB, "sentiment")


def test_only_training_files_are_trained_on(tmp_path):
    for split in ("train-0", "train-1", "validation", "test"):
        row = {"text": split, "label": 0}
        write_rows(tmp_path / "sentiment_x" / f"{split}.jsonl.gz", [row])
    write_rows(tmp_path / "ner_x" / "train.jsonl", rows_of("ner", 1))
    write_rows(tmp_path / "sentiment_y" / "test.jsonl.gz", rows_of("sentiment", 1))
    rows = sources.training_rows(tmp_path, "sentiment")
    assert list(rows) == ["sentiment_x"]
    assert [row["text"] for row in rows["sentiment_x"]] == ["train-0", "train-1"]


def test_every_share_names_a_set_of_its_head_that_has_a_credit():
    from distill.credits import CREDITS

    for head in HEADS:
        shares = heads.of(head).SHARES
        assert sum(shares.values()) == pytest.approx(1.0)
        for name in shares:
            assert name.startswith(heads.of(head).PREFIX)
            assert name in CREDITS
    assert all(name in CREDITS for name in (heads.of(head).HUB[0] for head in HEADS))
