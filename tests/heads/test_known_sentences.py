"""What everybody can check by eye: the real pocket pair on sentences with an obvious answer."""

from __future__ import annotations

import pytest

from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.heads.sentiment import classify
from explain.models import ROLES, load

PIZZA = "In Italy, pizza served in formal settings, such as at a restaurant, is presented unsliced."


@pytest.mark.parametrize("role", ROLES)
def test_the_capital_of_france_is_paris(role: str) -> None:
    found = fill("The capital of France is [MASK].", load("fill_mask", role), answer="Paris")
    assert found.candidates[0].word == "paris"
    assert found.answer is not None
    assert found.answer.rank == 1


@pytest.mark.parametrize("role", ROLES)
def test_a_gap_is_filled_with_words_of_the_right_kind(role: str) -> None:
    loaded = load("fill_mask", role)
    verbs = [one.word for one in fill("She [MASK] born in 1961 in Ohio.", loaded).candidates]
    assert verbs[0] == "was"
    links = [one.word for one in fill("He is the son [MASK] a farmer.", loaded).candidates]
    assert links[0] == "of"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("A charming and often affecting journey.", "positive"),
        ("This is the best film I have seen in years, funny and moving.", "positive"),
        ("Wonderful acting, a brilliant script and a beautiful score.", "positive"),
        ("I loved every minute of it.", "positive"),
        ("A dull, lifeless and badly acted mess.", "negative"),
        ("This is the worst film I have ever seen, boring and stupid.", "negative"),
        ("The plot makes no sense and the jokes are awful.", "negative"),
        ("I hated it and want my money back.", "negative"),
    ],
)
def test_obvious_reviews_are_told_apart(role: str, text: str, label: str) -> None:
    found = classify(text, load("sentiment", role))
    assert found.label == label
    assert max(found.probabilities) > 0.8


@pytest.mark.parametrize("role", ROLES)
def test_jim_henson_is_a_person_wherever_he_stands(role: str) -> None:
    text = "Jim Henson was born in Greenville and Jim Henson moved to London."
    found = {(one.text, one.start, one.kind) for one in tag(text, load("ner", role)).entities}
    assert ("Jim Henson", 0, "PER") in found
    assert ("Jim Henson", text.rindex("Jim"), "PER") in found
    assert ("London", text.index("London"), "LOC") in found


@pytest.mark.parametrize("role", ROLES)
def test_a_sentence_without_names_has_none(role: str) -> None:
    assert tag("the cat sat on the mat and slept .", load("ner", role)).entities == ()


def test_the_articles_question_is_answered_from_its_context() -> None:
    question, context = "Who was Jim Henson?", "Jim Henson was a nice puppet"
    for role in ROLES:
        best = answer(question, context, load("question_answering", role)).spans[0]
        assert best.text in ("puppet", "nice puppet", "a nice puppet"), role
        assert best.text == context[best.start : best.end]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("When was the tower built?", "1889"),
        ("Who built the tower?", "Gustave Eiffel"),
        ("How tall is it?", "330 metres"),
    ],
)
def test_obvious_questions_are_answered(role: str, question: str, wanted: str) -> None:
    context = (
        "The tower was built by the company of Gustave Eiffel. It was built in 1889 for a world "
        "fair. It is 330 metres tall and stands in Paris."
    )
    found = answer(question, context, load("question_answering", role))
    assert wanted in found.spans[0].text


@pytest.mark.parametrize("role", ROLES)
def test_an_answer_deep_in_a_long_context_is_found(role: str) -> None:
    filler = "The committee met again and talked about the weather for a long time. " * 40
    context = f"{filler}The museum was opened in 1987 by Maria Lopez. {filler}"
    found = answer("Who opened the museum?", context, load("question_answering", role))
    assert found.windows > 4
    assert "Maria Lopez" in found.spans[0].text


def test_the_articles_pizza_is_eaten_with_a_fork_to_the_trained_teacher() -> None:
    choices = ["It is eaten with a fork and a knife.", "It is made of wood and glass."]
    assert choose(PIZZA, choices, load("multiple_choice", "teacher"), right=0).best == 0


def test_what_makes_no_sense_is_not_chosen_by_the_teacher() -> None:
    loaded = load("multiple_choice", "teacher")
    right = 0
    for one, other in (
        ("He put a turkey into the fridge.", "He put an elephant into the fridge."),
        ("She drank a glass of water.", "She drank a glass of stones."),
        ("He drove his car to work.", "He drove his pencil to work."),
        ("The sun rises in the east.", "The sun rises in the kitchen."),
    ):
        question = "Which of the two makes sense?"
        right += choose(question, [one, other], loaded).best == 0
    assert right >= 3
