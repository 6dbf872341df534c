"""The twenty sentences that a visitor tries first, on the real pocket pair.

Each has an answer that nobody would dispute. What a model gets wrong is listed by name: a miss
that is mended must leave the list, a new one must be looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.heads.sentiment import classify
from explain.models import Loaded, load

Check = Callable[[Callable[[str], Loaded]], bool]


def gap(text: str, *wanted: str) -> Check:
    """One of the words is among the first five."""
    return lambda role: bool(
        {one.word for one in fill(text, role("fill_mask"), 5).candidates} & set(wanted)
    )


def mood(text: str, wanted: str) -> Check:
    return lambda role: classify(text, role("sentiment")).label == wanted


def names(text: str, *wanted: tuple[str, str]) -> Check:
    """Exactly these entities."""
    return lambda role: (
        {(one.text, one.kind) for one in tag(text, role("ner")).entities} == set(wanted)
    )


def choice(prompt: str, right: str, *wrong: str) -> Check:
    return lambda role: choose(prompt, [*wrong, right], role("multiple_choice")).best == len(wrong)


def question(asked: str, context: str, wanted: str) -> Check:
    def check(role: Callable[[str], Loaded]) -> bool:
        best = answer(asked, context, role("question_answering")).spans[0].text
        return wanted in best and len(best) < 2 * len(wanted) + 8

    return check


BRIDGE = "The old bridge was opened in 1932 by the mayor. It is 480 metres long and made of steel."

SENTENCES: dict[str, Check] = {
    "capital of France": gap("The capital of France is [MASK].", "paris"),
    "capital of Italy": gap("Rome is the capital of [MASK].", "italy"),
    "opposite of hot": gap("The opposite of hot is [MASK].", "cold"),
    "profession": gap("He works at the hospital as a [MASK].", "doctor", "nurse", "surgeon"),
    "praise": mood("I loved this film.", "positive"),
    "blame": mood("What a waste of time.", "negative"),
    "negation": mood("This is not a good film.", "negative"),
    "double negation": mood("Not bad at all, and never once boring.", "positive"),
    "sarcasm": mood("Oh great, another sequel nobody asked for.", "negative"),
    "a turn": mood("The cast is wonderful, but the story goes nowhere.", "negative"),
    "a president": names(
        "Barack Obama was born in Hawaii.", ("Barack Obama", "PER"), ("Hawaii", "LOC")
    ),
    "a company": names(
        "Steve Jobs founded Apple in California.",
        ("Steve Jobs", "PER"), ("Apple", "ORG"), ("California", "LOC"),
    ),
    "a scientist": names(
        "Marie Curie worked in Paris.", ("Marie Curie", "PER"), ("Paris", "LOC")
    ),
    "rain": choice(
        "It was raining, so she", "took an umbrella.", "took a sunbath.", "watered the garden."
    ),
    "hunger": choice("He was hungry, so he", "made a sandwich.", "washed his car."),
    "sense": choice("Which makes sense?", "She drank a glass of water.", "She drank a brick."),
    "who": question(
        "Who wrote the letter?", "Anna wrote a letter to her brother Karl in May.", "Anna"
    ),
    "when": question("When was the bridge opened?", BRIDGE, "1932"),
    "how long": question("How long is the bridge?", BRIDGE, "480 metres"),
    "the article's": question("Who was Jim Henson?", "Jim Henson was a nice puppet", "puppet"),
}  # fmt: skip
LEAST = {"teacher": 19, "student": 18}
MISSES: dict[str, set[str]] = {
    "teacher": {"sarcasm"},
    "student": {"rain", "sarcasm"},
}


@pytest.mark.parametrize("role", LEAST)
def test_what_visitors_try_first_is_answered_right(role: str) -> None:
    missed = {name for name, check in SENTENCES.items() if not check(lambda head: load(head, role))}
    assert missed == MISSES[role]
    assert len(SENTENCES) - len(missed) >= LEAST[role]
