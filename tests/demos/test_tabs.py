"""Every tab's handler, called as the page calls it: each example, and what goes wrong."""

import re

import pytest

from demos import fill_mask, multiple_choice, ner, question_answering, sentiment, tabs
from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.question_answering import answer
from explain.heads.registry import module
from explain.heads.sentiment import classify
from explain.models import ROLES, load
from explain.records import InputError
from explain.render import notices
from tests.bad_inputs import BAD_INPUTS, named

HEADS = (fill_mask, sentiment, ner, multiple_choice, question_answering)


def inputs(tab, row):
    values = list(row[1:])
    return [*values, False] if tab is multiple_choice else values


@pytest.mark.parametrize("tab", HEADS, ids=lambda tab: tab.HEAD)
def test_every_example_is_answered_by_both_models(tab):
    for row in tab.EXAMPLES:
        teacher, student, verdict = tab.compare(*inputs(tab, row), "pocket")
        assert "dx-teacher" in teacher and "dx-student" in student
        assert "Time of this one run" in verdict


FIRST = {  # a head's first answer to an example, in the words of its gold value
    fill_mask: lambda row, loaded: fill(row[1], loaded).candidates[0].word,
    sentiment: lambda row, loaded: classify(row[1], loaded).label,
    multiple_choice: lambda row, loaded: str(choose(row[1], row[2].split("\n"), loaded).best + 1),
    question_answering: lambda row, loaded: answer(row[1], row[2], loaded).spans[0].text,
}


@pytest.mark.parametrize("tab", FIRST, ids=lambda tab: tab.HEAD)
def test_the_opening_example_succeeds_and_one_that_fails_says_so(tab):
    for number, row in enumerate(tab.EXAMPLES):
        right = [
            FIRST[tab](row, load(tab.HEAD, role)).casefold() == row[-1].casefold() for role in ROLES
        ]
        assert all(right) or number > 0
        assert not any(right) or not row[0].startswith("fails:")
        assert right == [True, False] or not row[0].startswith("lost in distillation:")


@pytest.mark.parametrize("tab", HEADS, ids=lambda tab: tab.HEAD)
def test_the_sections_of_the_article_are_among_the_examples(tab):
    assert any(row[0] == "from Verma’s article" for row in tab.EXAMPLES)


def test_tabs_have_what_the_page_needs():
    for tab in tabs():
        assert tab.TITLE and callable(tab.build) and isinstance(tab.EXAMPLES, tuple)


TYPED = {  # the fields of a head as its tab gives them
    "sentiment": lambda at: (at["text"], at["label"] or sentiment.NO_LABEL),
    "multiple_choice": lambda at: (
        at["prompt"], "\n".join(at["choices"]), str(at["right"]), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("bad", [bad for bad in BAD_INPUTS if not bad.is_optional], ids=named)
def test_a_tab_refuses_bad_input_in_one_sentence(bad):
    values = TYPED.get(bad.head, lambda at: at.values())(bad.fields)
    with pytest.raises(InputError, match=re.escape(bad.sentence)) as refused:
        module("demos", bad.head).compare(*values, "pocket")
    assert str(refused.value).endswith(".")


def test_a_right_choice_is_named_by_its_number():
    shown = multiple_choice.compare("prompt", "a\nb", "<b>", False, "pocket")
    assert "by its number, not" in shown.verdict and "<b>'" not in shown.verdict


def test_a_refusal_is_shown_as_text():
    shown = notices.refusal("Give <b>one</b> number.")
    assert 'role="alert"' in shown and "&lt;b&gt;" in shown and "<b>" not in shown


def test_an_untrained_classifier_answers_otherwise_and_says_so():
    row = multiple_choice.EXAMPLES[0][1:]
    trained = multiple_choice.compare(*row, False, "pocket")
    untrained = multiple_choice.compare(*row, True, "pocket")
    assert trained[0] != untrained[0]
    assert "untrained classifier" in untrained[0] and "Drawn at random" in untrained[2]


@pytest.mark.parametrize(
    ("compare", "inputs"),
    [
        (question_answering.compare, ("Who paid?", "Ana Ruiz paid for it.", "a nice puppet")),
        (question_answering.compare, ("Who paid?", "Ana Ruiz paid for it.", "?")),
        (multiple_choice.compare, ("It fell.", "It broke.\nIt sang.", "7", False)),
        (multiple_choice.compare, ("It fell.", "It broke.\nIt sang.", "the first", False)),
        (fill_mask.compare, ("She opened the [MASK].", "🙂")),
        (fill_mask.compare, ("She opened the [MASK].", "honorificabilitudinitatibus" * 3)),
    ],
)
def test_a_right_answer_that_cannot_be_scored_costs_no_prediction(compare, inputs):
    shown = compare(*inputs, "pocket")
    assert "No loss is shown: " in shown.verdict
    bare = compare(
        *("" if i == 1 + (len(inputs) > 2) else x for i, x in enumerate(inputs)), "pocket"
    )
    assert "No loss is shown" not in bare.verdict
    for old, new in zip(shown[:2], bare[:2], strict=True):
        assert re.sub(r"[\d.]+ ms", "", old) == re.sub(r"[\d.]+ ms", "", new)


def test_a_bad_input_is_still_refused_with_a_right_answer_beside_it():
    with pytest.raises(InputError, match="question"):
        question_answering.compare("", "Ana Ruiz paid.", "Bob", "pocket")
