"""Each head's tab: type, run, and see what the library answers, for both models."""

from __future__ import annotations

import importlib
import re

from playwright.sync_api import Locator, Page, expect

from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.heads.sentiment import classify
from explain.models import load
from tests.browser.visiting import (
    HEADS,
    ROLES,
    field,
    new_answer,
    open_head,
    panel,
    press_run,
    type_into,
)

MASKED = "My neighbour keeps a small [MASK] in the garden."
REVIEW = "The plot is a mess, yet I laughed from start to end."
NAMES = "Ada Lovelace met Charles Babbage in London, says the Royal Society."
PROMPT = "The child was thirsty. What did she do?"
CHOICES = ("She painted the wall.", "She drank a glass of water.", "She slept.")
QUESTION = "Who opened the bridge?"
CONTEXT = "The bridge was opened by Queen Victoria in 1863, after six years of work."

TYPED = {
    "fill_mask": {"fill_mask-text": MASKED, "fill_mask-answer": "dog"},
    "sentiment": {"sentiment-text": REVIEW},
    "ner": {"ner-text": NAMES},
    "multiple_choice": {
        "multiple_choice-prompt": PROMPT,
        "multiple_choice-choices": "\n".join(CHOICES),
        "multiple_choice-right": "2",
    },
    "question_answering": {
        "question_answering-question": QUESTION,
        "question_answering-context": CONTEXT,
        "question_answering-answer": "",
    },
}
ENTER = {
    "fill_mask": "fill_mask-text",
    "sentiment": "sentiment-text",
    "ner": "ner-text",
    "multiple_choice": "multiple_choice-prompt",
    "question_answering": "question_answering-question",
}


def expect_answer(shown: Locator, head: str, role: str) -> None:
    """The panel shows what the library says of the typed text."""
    model = load(head, role)
    if head == "fill_mask":
        words = [one.word for one in fill(MASKED, model).candidates]
        expect(shown.locator(".dx-label")).to_have_text(words)
    elif head == "sentiment":
        result = classify(REVIEW, model)
        expect(shown.locator(".dx-chosen .dx-label")).to_have_text(result.label)
        numbers = " / ".join(f"{logit:+.2f}" for logit in result.logits)
        expect(shown).to_contain_text(numbers.replace("-", "\N{MINUS SIGN}"))
    elif head == "ner":
        names = [f"{one.text}{one.kind}" for one in tag(NAMES, model).entities]
        expect(shown.locator("mark")).to_have_text(names)
    elif head == "multiple_choice":
        best = choose(PROMPT, CHOICES, model).best
        expect(shown.locator(".dx-chosen .dx-label")).to_contain_text(CHOICES[best])
    else:
        span = answer(QUESTION, CONTEXT, model).spans[0]
        expect(shown.locator("mark")).to_have_text(span.text)


def test_a_typed_text_is_answered_by_both_models(page: Page) -> None:
    for head in HEADS:
        open_head(page, head)
        type_into(page, TYPED[head])
        with new_answer(page, head):
            press_run(page, head)
        for role in ROLES:
            expect_answer(panel(page, head, role), head, role)
        expect(page.locator(f"#{head}-verdict")).to_contain_text(
            re.compile(r"Time of this one run: teacher \S+ ms, student \S+ ms; the Race tab")
        )


def test_enter_runs(page: Page) -> None:
    for head in ENTER:
        open_head(page, head)
        type_into(page, TYPED[head])
        with new_answer(page, head):
            field(page, ENTER[head]).press("Enter")
        expect_answer(panel(page, head, "student"), head, "student")


def test_every_example_fills_the_boxes_and_is_answered(page: Page) -> None:
    for head in HEADS:
        open_head(page, head)
        examples = importlib.import_module(f"demos.{head}").EXAMPLES
        for example in reversed(examples):  # the first is shown
            with new_answer(page, head):
                page.get_by_role("button", name=example[0], exact=True).click()
            typed = [box.input_value() for box in page.get_by_role("textbox").all()]
            assert example[1] in typed


def test_the_teacher_is_left_of_the_student(page: Page) -> None:
    open_head(page, "sentiment")
    left, right = (panel(page, "sentiment", role).bounding_box() for role in ROLES)
    assert left and right
    assert left["x"] + left["width"] <= right["x"] and left["y"] == right["y"]


def test_the_word_the_visitor_names_is_scored(page: Page) -> None:
    open_head(page, "fill_mask")
    type_into(page, TYPED["fill_mask"])
    with new_answer(page, "fill_mask"):
        press_run(page, "fill_mask")
    scored = fill(MASKED, load("fill_mask", "teacher"), answer="dog").answer
    assert scored
    shown = panel(page, "fill_mask", "teacher")
    expect(shown).to_contain_text("“dog”")
    expect(shown).to_contain_text(f"{scored.loss:.3f} nats")


def test_the_untrained_classifier_gives_other_logits(page: Page) -> None:
    open_head(page, "multiple_choice")
    before = panel(page, "multiple_choice", "teacher").locator("dl").inner_text()
    with new_answer(page, "multiple_choice"):
        page.locator("#multiple_choice-untrained input").check()
    shown = panel(page, "multiple_choice", "teacher")
    expect(shown).to_contain_text("untrained classifier")
    assert shown.locator("dl").inner_text() != before


def test_the_newest_press_is_the_one_that_is_answered(page: Page) -> None:
    open_head(page, "sentiment")
    for text in ("Two dull hours.", "A waste of time and money.", REVIEW):
        type_into(page, {"sentiment-text": text})
        press_run(page, "sentiment")  # while the one before is being answered
    for role in ROLES:
        expect_answer(panel(page, "sentiment", role), "sentiment", role)


def test_the_answer_to_an_earlier_example_does_not_come_after_that_to_a_later(page: Page) -> None:
    open_head(page, "fill_mask")
    typed = "Shakespeare wrote Romeo and [MASK]."
    for name in ("grammar", "from Verma’s article", "a play"):
        page.get_by_role("button", name=name, exact=True).click()
    expect(field(page, "fill_mask-text")).to_have_value(typed)
    words = [one.word for one in fill(typed, load("fill_mask", "teacher")).candidates]
    expect(panel(page, "fill_mask", "teacher").locator(".dx-label")).to_have_text(words)


def test_an_answer_in_the_same_words_still_takes_the_old_reasons_away(page: Page) -> None:
    open_head(page, "ner")
    page.locator("#why-ner-run").click()
    expect(page.locator("#why-ner-result .wx-agree").first).to_be_visible()
    press_run(page, "ner")
    expect(page.locator("#why-ner-result .wx-agree")).to_have_count(0)


def test_an_examples_right_answer_goes_with_its_text_and_a_typed_one_stays(page: Page) -> None:
    open_head(page, "question_answering")
    given = field(page, "question_answering-answer")
    expect(given).to_have_value("")
    with new_answer(page, "question_answering"):
        page.locator("#question_answering-examples").get_by_text("when", exact=True).click()
    expect(given).to_have_value("1926")
    context = field(page, "question_answering-context")
    context.fill("The bridge opened in 1931.")
    expect(given).to_have_value("")
    given.fill("1931")
    context.fill("The old bridge opened in 1931.")
    expect(given).to_have_value("1931")


def test_a_label_of_an_example_goes_when_the_text_is_edited(page: Page) -> None:
    open_head(page, "sentiment")
    with new_answer(page, "sentiment"):
        page.locator("#sentiment-examples").get_by_text("plain blame", exact=True).click()
    label = page.locator("#sentiment-label")
    expect(label.get_by_label("negative")).to_be_checked()
    field(page, "sentiment-text").fill("I liked it.")
    expect(label.get_by_label("not given")).to_be_checked()
