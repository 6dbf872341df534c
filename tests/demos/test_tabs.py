"""Every tab's handler, called as the page calls it: each example, and what goes wrong."""

import re

import pytest

from demos import fill_mask, multiple_choice, ner, question_answering, sentiment, tabs
from explain.records import InputError
from explain.render import notices

HEADS = (fill_mask, sentiment, ner, multiple_choice, question_answering)


def inputs(module, row):
    values = list(row[1:])
    return [*values, False] if module is multiple_choice else values


@pytest.mark.parametrize("module", HEADS, ids=lambda module: module.HEAD)
def test_every_example_is_answered_by_both_models(module):
    for row in module.EXAMPLES:
        teacher, student, verdict = module.compare(*inputs(module, row), "pocket")
        assert "dx-teacher" in teacher and "dx-student" in student
        assert "The student" in verdict


@pytest.mark.parametrize("module", HEADS, ids=lambda module: module.HEAD)
def test_the_sections_of_the_article_are_among_the_examples(module):
    assert any(row[0] == "the article's" for row in module.EXAMPLES)


def test_tabs_have_what_the_page_needs():
    for module in tabs():
        assert module.TITLE and callable(module.build) and isinstance(module.EXAMPLES, tuple)


BAD = [
    (sentiment.compare, ("", "not given"), "The text is empty"),
    (sentiment.compare, ("x" * 100_000, "not given"), "100,000 characters"),
    (fill_mask.compare, ("no gap here", ""), "found none"),
    (fill_mask.compare, ("[MASK] and [MASK]", ""), "found 2"),
    (ner.compare, (" \t ",), "The text is empty"),
    (multiple_choice.compare, ("prompt", "only one", "", False), "found 1"),
    (multiple_choice.compare, ("prompt", "a\nb", "3", False), "one of 1 to 2, not 3"),
    (multiple_choice.compare, ("prompt", "a\nb", "<b>", False), "by its number"),
    (question_answering.compare, ("who?", "", ""), "The context is empty"),
    (question_answering.compare, ("who?", "Ana did.", "Bob"), "not in the context"),
]


@pytest.mark.parametrize(("handler", "values", "said"), BAD)
def test_bad_input_is_told_in_one_sentence(handler, values, said):
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        handler(*values, "pocket")
    assert "Traceback" not in str(caught.value)


def test_a_refusal_is_shown_as_text():
    shown = notices.refusal("Give <b>one</b> number.")
    assert 'role="alert"' in shown and "&lt;b&gt;" in shown and "<b>" not in shown


def test_an_untrained_classifier_answers_otherwise_and_says_so():
    row = multiple_choice.EXAMPLES[0][1:]
    trained = multiple_choice.compare(*row, False, "pocket")
    untrained = multiple_choice.compare(*row, True, "pocket")
    assert trained[0] != untrained[0]
    assert "untrained classifier" in untrained[0] and "Drawn at random" in untrained[2]
