"""What is written in words becomes the very targets that the engine knows."""

from __future__ import annotations

import pytest
import torch

from explain.attribution import (
    METHODS,
    FillMaskInput,
    FillMaskTarget,
    MultipleChoiceInput,
    MultipleChoiceTarget,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    SentimentTarget,
    attribute,
    attribute_all,
)
from explain.attribution.engine import pair_steps
from explain.attribution.heads import attribution_head
from explain.attribution.inputs import MOST_TARGETS, fixed_targets, offered, read
from explain.attribution.request import head_result
from explain.heads.ner import tag
from explain.heads.question_answering import answer
from explain.models import HEADS, ROLES, load
from explain.records import InputError
from tests.attribution.questions import PLAIN
from tests.tiny import tiny

NAMES = "Washington was painted in Washington."
CONTEXT = "It opened in 1926. Hana  Sato, the start of it all, saw 1926."
WRITTEN = [
    (FillMaskInput("A [MASK]."), "Paris", "Rome", FillMaskTarget("Paris", "Rome")),
    (FillMaskInput("A [MASK]."), "", "", FillMaskTarget()),
    (SentimentInput("fine"), "positive", "negative", SentimentTarget("positive", "negative")),
    (NerInput(NAMES), "Washington", "", NerTarget(0, 10)),
    (NerInput(NAMES), "Washington@26 as LOC", "PER", NerTarget(26, 36, "LOC", "PER")),
    (NerInput("me@26 as O"), "me@26", "", NerTarget(0, 5)),
    (MultipleChoiceInput("p", ("a", "b")), "2. b", "1", MultipleChoiceTarget(1, 0)),
    (QuestionAnsweringInput("q", CONTEXT), "start of", "", QuestionAnsweringTarget("start")),
    (
        QuestionAnsweringInput("q", CONTEXT), "hana sato", "1926@20",
        QuestionAnsweringTarget("span", 19, 29, 56, 60),
    ),
    (
        QuestionAnsweringInput("q", CONTEXT), "start of it all", "",
        QuestionAnsweringTarget("span", 35, 50),
    ),
    (
        QuestionAnsweringInput("q", CONTEXT), "end of 1926", "",
        QuestionAnsweringTarget("end", 13, 17),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("head_input", "wanted", "against", "target"), WRITTEN)
def test_words_name_a_target(head_input, wanted, against, target) -> None:
    head = next(name for name in HEADS if type(PLAIN[name]) is type(head_input))
    assert attribution_head(head).parse(head_input, wanted, against) == target


def test_all_names_of_both_models_are_asked_about_in_reading_order() -> None:
    asked = NerInput("Jim Henson was born in Greenville and flew to Zürich with Lufthansa.")
    both = [load("ner", role) for role in ROLES]
    fixed = fixed_targets(asked, both, "all")
    found = {(e.start, e.end, e.kind) for one in both for e in tag(asked.text, one).entities}
    for targets in fixed.targets:
        assert [(t.start, t.end, t.kind) for t in targets] == sorted(found)
        assert all(target.tags for target in targets)
    assert len(found) >= 3 and fixed.left_out == 0


def test_names_beyond_the_limit_are_counted() -> None:
    asked = NerInput(" and ".join(["Paris", "London", "Berlin", "Rome", "Madrid", "Vienna"] * 2))
    both = [load("ner", role) for role in ROLES]
    fixed = fixed_targets(asked, both, "all")
    assert [len(targets) for targets in fixed.targets] == [MOST_TARGETS] * 2
    assert fixed.left_out >= 2


@pytest.mark.parametrize("head", HEADS)
def test_whatever_is_offered_can_be_asked(head: str) -> None:
    both = [load(head, role) for role in ROLES]
    targets, rivals = offered(PLAIN[head], both)
    assert len(targets) > 1 and len(rivals) > 1
    for _, written in targets:
        _, asked = fixed_targets(PLAIN[head], both, written).targets
        attribute_all(PLAIN[head], both[1], asked, "gradient_x_input")
    wanted, rival = next(
        (w, r)
        for _, w in reversed(targets)
        for _, r in reversed(rivals)
        if w and r and w not in r and r not in w
    )
    (target,), _ = fixed_targets(PLAIN[head], both, wanted, rival).targets
    assert " less that of " in attribute(PLAIN[head], both[0], target, "occlusion").description


def test_a_name_that_one_model_alone_finds_says_which() -> None:
    both = [load("ner", role) for role in ROLES]
    asked = NerInput(
        "Zoë Kravitz flew from São Paulo to Zürich with the Elbjazz crew of Marja Nyberg."
    )
    candidates = attribution_head("ner").candidates
    found = [set(candidates(asked, head_result(asked, one))) for one in both]
    targets, _ = offered(asked, both)
    named = dict((written, shown) for shown, written in targets[2:])
    assert set(named) == found[0] | found[1]
    for written, shown in named.items():
        whose = [role for role, own in zip(ROLES, found, strict=True) if written in own]
        assert shown == (written if len(whose) == 2 else f"{written} ({whose[0]} only)")
    assert found[0] != found[1]


def test_an_answer_that_stands_more_than_once_is_asked_about_where_it_was_found() -> None:
    context = "Paris is old. Lyon is older. The capital of France is Paris."
    asked = QuestionAnsweringInput("What is the capital of France?", context)
    both = [load("question_answering", role) for role in ROLES]
    place = context.rindex("Paris")
    spans = [span for one in both for span in answer(asked.question, context, one).spans]
    targets, _ = offered(asked, both)
    for span in spans:
        written = next(n for _, n in targets if n in (span.text, f"{span.text}@{span.start}"))
        (found,), _ = fixed_targets(asked, both, written).targets
        assert (found.start, found.end) == (span.start, span.end)
    assert any(span.text == "Paris" for span in spans)
    (target,), _ = fixed_targets(asked, both, f"Paris@{place}").targets
    assert (target.start, target.end) == (place, place + 5)


def test_names_of_the_rivals_own_kind_are_explained_by_themselves() -> None:
    asked = NerInput("Jim Henson was born in Greenville.")
    targets, _ = fixed_targets(asked, [load("ner", role) for role in ROLES], "all", "PER").targets
    rivals = {target.kind: target.against for target in targets}
    assert rivals["PER"] is None and rivals["LOC"] == "PER"


def test_what_the_visitor_named_is_offered_too() -> None:
    targets, rivals = offered(PLAIN["fill_mask"], [load("fill_mask", "student")], "bassoon ")
    assert ("bassoon", "bassoon") in targets and ("bassoon", "bassoon") in rivals


REFUSED = [
    ("sentiment", {}, "text is missing"),
    ("sentiment", {"text": 7}, "must be text"),
    ("question_answering", {"question": "q", "context": " "}, "context is empty"),
    ("multiple_choice", {"prompt": "p", "choices": 7}, "a list of texts"),
    ("multiple_choice", {"prompt": "p", "choices": ["a", None]}, "choice 2 must be text"),
    ("translation", {}, "no head named 'translation'"),
]


@pytest.mark.parametrize(("head", "values", "sentence"), REFUSED)
def test_inputs_that_cannot_be_read_are_refused(head, values, sentence) -> None:
    with pytest.raises(InputError, match=sentence):
        read(head, values)


def test_choices_may_be_lines_or_a_list() -> None:
    wanted = MultipleChoiceInput("p", ("a", "b"))
    assert read("multiple_choice", {"prompt": "p", "choices": " a\n\nb\n"}) == wanted
    assert read("multiple_choice", {"prompt": "p", "choices": ["a", "b"]}) == wanted


@pytest.mark.parametrize(
    ("head", "wanted", "sentence"),
    [
        ("ner", "Atlantis", "'Atlantis' is not in the text"),
        ("ner", "as", "is not in the text"),
        ("multiple_choice", "9", "1 to 3"),
        ("multiple_choice", "0", "1 to 3"),
        ("multiple_choice", "²", "1 to 3"),
        ("question_answering", "start of Atlantis", "is not in the context"),
    ],
)
def test_targets_that_are_not_there_are_refused(head: str, wanted: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        fixed_targets(PLAIN[head], [tiny(head, "teacher")], wanted)


def test_both_models_grow_in_turn_and_end_with_their_answers() -> None:
    asked, both = PLAIN["sentiment"], [tiny("sentiment", role) for role in ROLES]
    targets = [[SentimentTarget("positive")]] * 2
    steps = list(pair_steps(asked, both, targets, "shapley", "pad"))
    assert steps[0].student and not steps[0].teacher and not steps[0].agreement
    assert [step.done for step in steps] == [False] * (len(steps) - 1) + [True]
    last = steps[-1]
    for found, one in ((last.teacher, both[0]), (last.student, both[1])):
        alone = attribute(asked, one, SentimentTarget("positive"), "shapley", "pad")
        assert found[0].scores == alone.scores
    assert last.agreement[0].words[0].difference == pytest.approx(
        last.teacher[0].words[0].score - last.student[0].words[0].score
    )


@pytest.mark.parametrize("method", METHODS)
def test_taking_turns_leaves_gradients_as_they_were(method: str) -> None:
    """A switch that a generator holds while it waits would be put back by the wrong model."""
    asked, both = SentimentInput("a very dull film"), [tiny("sentiment", role) for role in ROLES]
    for _ in pair_steps(asked, both, [[SentimentTarget("negative")]] * 2, method, "zero"):
        assert torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    with torch.no_grad():
        quiet = attribute(asked, both[0], SentimentTarget("negative", "positive"), method, "pad")
    assert any(quiet.scores)
