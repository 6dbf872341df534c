"""Tiny stand-ins: a random encoder of six narrow layers, and a few written rows of every task."""

import gzip
import json
import random
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from distill import trunk
from explain.models import ASSETS, multitask

WIDTH, LAYERS = 32, 6
PEOPLE = ("Jim Henson", "Ada Lovelace", "Marie Curie", "Alan Turing")
PLACES = ("Greenville", "London", "Warsaw", "Wilmslow")
THINGS = ("puppets", "programs", "radium", "machines")


@pytest.fixture(scope="session")
def tokenizer():
    return trunk.read_tokenizer(ASSETS / "bert-pocket")


def tiny_config(**changes):
    settings = {
        "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 4,
        "intermediate_size": 64, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
    }  # fmt: skip
    return BertConfig(**settings | changes)


@pytest.fixture(scope="session")
def tiny_trunk(tmp_path_factory, tokenizer) -> Path:
    """A folder with a small random BERT and the pocket pair's tokenizer."""
    folder = tmp_path_factory.mktemp("trunk")
    torch.manual_seed(0)
    BertModel(tiny_config(initializer_range=0.2)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_teacher():
    """Five random heads on one random encoder."""
    return make_teacher()


def make_teacher():
    """The same weights every time, so large that no term is lost in rounding."""
    torch.manual_seed(1)
    models = multitask.build(tiny_config(initializer_range=0.2))
    with torch.no_grad():
        for name, tensor in multitask.named_tensors(models).items():
            if name.endswith("bias"):
                tensor.normal_(0.0, 0.2)
    return {head: model.eval() for head, model in models.items()}


def rows_of(head, count, seed=0):
    """`count` rows of one task in the schema of labelled data."""
    draw = random.Random(f"{seed}/{head}")
    return [_ROW[head](draw) for _ in range(count)]


def write_rows(path, rows):
    """Write rows as JSON lines, compressed if the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory) -> Path:
    """A folder of sub-folders: every split of every task, of text no test."""
    folder = tmp_path_factory.mktemp("data")
    names = {
        "fill_mask": "text_tiny", "sentiment": "sentiment_tiny", "ner": "ner_tiny",
        "multiple_choice": "mc_tiny", "question_answering": "qa_tiny",
    }  # fmt: skip
    for head, name in names.items():
        write_rows(folder / name / "train.jsonl.gz", rows_of(head, 60, seed=1))
        write_rows(folder / name / "validation.jsonl.gz", rows_of(head, 12, seed=2))
        if head != "fill_mask":
            write_rows(folder / name / "test.jsonl.gz", rows_of(head, 12, seed=3))
    return folder


def _fact(draw):
    number = draw.randrange(len(PEOPLE))
    return PEOPLE[number], draw.choice(PLACES), THINGS[number]


def _text(draw):
    facts = [_fact(draw) for _ in range(3)]
    return {
        "text": " ".join(f"{who} came to {where} and made {what}." for who, where, what in facts)
    }


def _sentiment(draw):
    label = draw.randrange(2)
    word = draw.choice((("dull", "awful", "tired"), ("charming", "lovely", "warm"))[label])
    return {"text": f"A {word} film about {draw.choice(THINGS)}.", "label": label}


def _tags(draw):
    who, where, what = _fact(draw)
    tokens = [*who.split(), "came", "to", where, "with", what, "."]
    return {"tokens": tokens, "tags": ["B-PER", "I-PER", "O", "O", "B-LOC", "O", "O", "O"]}


def _choices(draw):
    who, _, what = _fact(draw)
    choices = [f"{who} made {thing}." for thing in THINGS[: draw.randrange(2, 5)]]
    label = draw.randrange(len(choices))
    choices[label] = f"{who} made {what}."
    return {"context": f"{who} worked.", "question": "", "choices": choices, "label": label}


def _question(draw):
    who, where, what = _fact(draw)
    context = f"Long ago {who} came to {where} and made {what} there."
    answers = {"text": [where], "answer_start": [context.index(where)]}
    return {"context": context, "question": f"Where did {who} come to?", "answers": answers}


_ROW = {
    "fill_mask": _text,
    "sentiment": _sentiment,
    "ner": _tags,
    "multiple_choice": _choices,
    "question_answering": _question,
}
