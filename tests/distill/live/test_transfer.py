"""The text of a live training: ours, and a visitor's."""

import itertools

import pytest

from distill.live import heads
from distill.live.settings import RIVALS, checked
from distill.live.transfer import FEWEST, MOST, pasted, sentences
from explain.distillation.records import LiveSettings, Weights
from explain.evaluation.sets import ours
from explain.records import InputError
from explain.words import words_of

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def settings(**changes):
    plain = {
        "head": "ner", "layers": (0, 2, 5), "weights": Weights(), "rate": 2e-4, "seed": 0,
        "seconds": 20, "rival": "random", "sentence": "Anna lives in Oslo.",
    }  # fmt: skip
    return LiveSettings(**plain | changes)


def test_three_heads_are_offered_each_with_sentences_of_its_own():
    assert heads.names() == ("fill_mask", "sentiment", "ner")
    for head in heads.names():
        lines = sentences(head)
        assert len(lines) >= 90 and len(set(lines)) == len(lines)
    assert len(sentences("fill_mask")) >= 150


def test_no_held_out_row_is_among_them():
    lines = {line.lower() for line in sentences("fill_mask")}
    for head in heads.names():
        for item in ours(head).items:
            text = item.row.get("text") or " ".join(item.row["tokens"])
            assert text.lower() not in lines


def test_no_two_sentences_are_one_with_a_name_changed():
    seen = set()
    for line in sentences("fill_mask"):
        words = [line[start:end].lower() for start, end in words_of(line)]
        runs = {tuple(words[i : i + 6]) for i in range(len(words) - 5)}
        assert not runs & seen, line
        seen |= runs


def test_a_pasted_text_is_cut_into_its_sentences():
    text = " ".join(
        f"The {a} of the {b} came home." for a, b in itertools.product(NUMBERS, NUMBERS)
    )
    assert len(pasted(text)) == 100
    assert pasted(text)[0] == "The one of the one came home."
    assert pasted(text.replace(". ", ".\n")) == pasted(text)
    more = " ".join(f"Here is number {number} of many." for number in range(MOST + 20))
    assert len(pasted(more)) == MOST


@pytest.mark.parametrize(
    "text", ["One sentence is here.", "The same again. " * 80, "No. Yes. " * 60]
)
def test_too_few_sentences_are_refused_with_their_number(text):
    with pytest.raises(InputError, match=f"at least {FEWEST} different sentences.*found"):
        pasted(text)


BAD = {
    "layers": ((0, 1), "Tick 3 layers"),
    "seconds": (500, "Choose 20 to 300 seconds"),
    "rate": (1.0, "as the learning rate"),
    "seed": (-1, "as the seed"),
    "sentence": (" ", "is empty"),
    "head": ("multiple_choice", "Choose fill_mask, sentiment, ner"),
    "weights": (Weights(0, 0, 0), "All three weights are 0"),
    "rival": ("nobody", "There is no rival"),
}


@pytest.mark.parametrize("name", BAD)
def test_settings_that_cannot_be_trained_with_are_refused(name):
    value, sentence = BAD[name]
    with pytest.raises(InputError, match=sentence):
        checked(settings(**{name: value}))


def test_a_rival_that_would_be_the_same_student_is_refused():
    with pytest.raises(InputError, match="same student"):
        checked(settings(layers=(), rival="random"))
    with pytest.raises(InputError, match="no loss left"):
        checked(settings(weights=Weights(5, 0, 0), rival="soft"))


def test_every_rival_differs_in_one_respect():
    for name, rival in RIVALS.items():
        layers, weights = rival.of(checked(settings(rival=name)))
        assert (layers != (0, 2, 5)) != (weights != Weights())
