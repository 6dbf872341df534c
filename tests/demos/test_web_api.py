"""The web API: every endpoint gives both models' records, as Python gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer, find_span
from explain.heads.sentiment import classify
from explain.models import fresh_classifier, load
from tests.bad_inputs import BAD_INPUTS, BAD_ROWS, BadInput, BadRow, named

ROLES = ("teacher", "student")
MASKED = "The capital of France is [MASK]."
REVIEW = "A charming and often affecting journey."
NAMES = "Jim Henson was born in Greenville 🎈 and Jim Henson moved to London."
PROMPT = "The glass fell off the table. What happened next?"
CHOICES = ["It broke on the floor.", "It floated to the ceiling.", "It began to sing."]
QUESTION, CONTEXT = "Who was Jim Henson?", "Jim Henson was a nice puppet"


@pytest.fixture(scope="module")
def client(app: str) -> Iterator[Client]:
    connected = Client(app, verbose=False, analytics_enabled=False)
    yield connected
    connected.close()


def same(found: Any, wanted: Any) -> bool:
    """Equal but for the last digits of floats; times are of each run alone."""
    if isinstance(wanted, dict):
        keys = wanted.keys() - {"timing"}
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in keys)
    if isinstance(wanted, list):
        pairs = zip(found, wanted, strict=False)
        return len(found) == len(wanted) and all(same(one, other) for one, other in pairs)
    if isinstance(wanted, float):
        return found == pytest.approx(wanted, rel=1e-3, abs=1e-4)
    return bool(found == wanted)


def record(result: Any) -> Any:
    """One record as JSON carries it."""
    return json.loads(json.dumps(asdict(result)))


def test_the_endpoints_of_the_design_are_there_under_their_names(client: Client) -> None:
    listed = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    heads = {"/fill_mask", "/sentiment", "/ner", "/multiple_choice", "/question_answering"}
    assert heads | {"/tokenize"} <= set(listed)


def test_every_public_endpoint_takes_the_pair(client: Client) -> None:
    listed = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for name, endpoint in listed.items():
        named = {parameter["parameter_name"] for parameter in endpoint["parameters"]}
        assert "pair" in named, name


@pytest.mark.parametrize("role", ROLES)
def test_fill_mask_gives_the_record_of_each_model(client: Client, role: str) -> None:
    found = client.predict(MASKED, "Paris", 7, "pocket", api_name="/fill_mask")
    assert same(found[role], record(fill(MASKED, load("fill_mask", role), 7, "Paris")))


def test_fill_mask_needs_the_text_alone(client: Client) -> None:
    found = client.predict(MASKED, api_name="/fill_mask")
    assert [len(found[role]["candidates"]) for role in ROLES] == [5, 5]
    assert found["teacher"]["answer"] is None


@pytest.mark.parametrize("role", ROLES)
def test_sentiment_gives_the_record_of_each_model(client: Client, role: str) -> None:
    found = client.predict(REVIEW, "positive", "pocket", api_name="/sentiment")
    assert same(found[role], record(classify(REVIEW, load("sentiment", role), "positive")))


@pytest.mark.parametrize("role", ROLES)
def test_ner_gives_the_record_of_each_model(client: Client, role: str) -> None:
    found = client.predict(NAMES, "pocket", api_name="/ner")
    assert same(found[role], record(tag(NAMES, load("ner", role))))


@pytest.mark.parametrize("role", ROLES)
def test_multiple_choice_counts_the_right_choice_from_one(client: Client, role: str) -> None:
    found = client.predict(PROMPT, CHOICES, 1, False, "pocket", api_name="/multiple_choice")
    assert same(found[role], record(choose(PROMPT, CHOICES, load("multiple_choice", role), 0)))


def test_multiple_choice_without_a_right_choice_has_no_loss(client: Client) -> None:
    found = client.predict(PROMPT, CHOICES, api_name="/multiple_choice")
    assert [found[role]["loss"] for role in ROLES] == [None, None]


@pytest.mark.parametrize("role", ROLES)
def test_multiple_choice_offers_the_untrained_classifier(client: Client, role: str) -> None:
    found = client.predict(PROMPT, CHOICES, 2, True, "pocket", api_name="/multiple_choice")
    untrained = fresh_classifier(load("multiple_choice", role))
    assert same(found[role], record(choose(PROMPT, CHOICES, untrained, 1)))


@pytest.mark.parametrize("role", ROLES)
def test_question_answering_gives_the_record_of_each_model(client: Client, role: str) -> None:
    given = "a nice puppet"
    found = client.predict(
        QUESTION, CONTEXT, given, 2, "pocket", api_name="/question_answering"
    )  # fmt: skip
    span = find_span(CONTEXT, given)
    wanted = answer(QUESTION, CONTEXT, load("question_answering", role), 2, span)
    assert same(found[role], record(wanted))


def test_tokenize_gives_the_ids_of_the_article_and_segments_to_bert_alone(client: Client) -> None:
    found = client.predict("Hello, my dog is cute", "pocket", api_name="/tokenize")
    for role in ROLES:
        assert found[role]["input_ids"] == [101, 7592, 1010, 2026, 3899, 2003, 10140, 102]
    assert found["teacher"]["token_type_ids"] == [0] * 8
    assert found["student"]["token_type_ids"] is None


def test_the_pair_is_named_in_every_answer(client: Client) -> None:
    assert client.predict(REVIEW, "", "pocket", api_name="/sentiment")["pair"] == "pocket"


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=named)
def test_an_endpoint_refuses_bad_input_in_one_sentence(client: Client, bad: BadInput) -> None:
    refused_in_one_sentence(client, f"/{bad.head}", tuple(bad.fields.values()), bad.sentence)


@pytest.mark.parametrize(
    "bad", [bad for bad in BAD_ROWS if "\\ud83d" not in str(bad.row)], ids=named
)
def test_evaluation_refuses_bad_rows_in_one_sentence(client: Client, bad: BadRow) -> None:
    refused_in_one_sentence(client, "/evaluate", (bad.head, "ours", [bad.row]), bad.sentence)


def refused_in_one_sentence(
    client: Client, name: str, arguments: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(AppError) as refused:
        client.predict(*arguments, api_name=name)
    sentence = str(refused.value)
    assert words in sentence
    assert sentence.endswith(".") and "\n" not in sentence and "Traceback" not in sentence


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("/sentiment", (REVIEW, "neutral"), "negative or positive"),
        ("/sentiment", (REVIEW, "", "large"), "no pair named 'large'"),
        ("/fill_mask", (MASKED, "", 0), "1 to 100"),
        ("/multiple_choice", (PROMPT, ["a", " "]), "choice 2 is empty"),
        ("/tokenize", ("",), "empty"),
        ("/sentiment", (["good"], "", "pocket"), "must be text, not list"),
        ("/sentiment", (REVIEW, 0, "pocket"), "The label must be text, not int"),
        ("/sentiment", (REVIEW, "", ["pocket"]), "There is no pair named"),
        ("/ner", (7,), "must be text, not int"),
        ("/fill_mask", ([MASKED], ""), "must be text, not list"),
        ("/fill_mask", (MASKED, 7), "The word must be text, not int"),
        ("/question_answering", (QUESTION, CONTEXT, 7), "The right answer must be text, not int"),
        ("/question_answering", ([QUESTION], CONTEXT), "The question must be text, not list"),
        ("/multiple_choice", (PROMPT, CHOICES, 1.5), "by its number, not '1.5'"),
        ("/multiple_choice", (PROMPT, CHOICES, "9" * 5000), "by its number, not '9999"),
        ("/tokenize", (REVIEW, "pocket", 7), "The second text must be text, not int"),
        ("/attribute", ("sentiment", {"text": REVIEW}, 7), "The target must be text, not int"),
        ("/attribute", (["sentiment"], {"text": REVIEW}), "There is no head named"),
        ("/attribute", ("sentiment", {"text": REVIEW}, "", "", {}), "There is no method named"),
        ("/attribute", ("sentiment", {"text": REVIEW}, "", "", "occlusion", []), "no baseline"),
        ("/evaluate", ({"head": "ner"},), "There is no task named"),
        ("/race", ([["teacher"]],), "There is no contestant named"),
    ],
)
def test_a_bad_option_or_type_comes_back_as_one_sentence(
    client: Client, name: str, arguments: tuple[Any, ...], words: str
) -> None:
    refused_in_one_sentence(client, name, arguments, words)


def test_null_leaves_a_value_out(client: Client) -> None:
    asked = [
        ("/fill_mask", (MASKED, None)),
        ("/sentiment", (REVIEW, None)),
        ("/question_answering", (QUESTION, CONTEXT, None)),
        ("/multiple_choice", (PROMPT, CHOICES, None)),
        ("/tokenize", (REVIEW, "pocket", None)),
        ("/attribute", ("sentiment", {"text": REVIEW}, None, None)),
    ]
    for name, arguments in asked:
        assert client.predict(*arguments, api_name=name)["pair"] == "pocket"
    one, other = (client.predict(PROMPT, CHOICES, n, api_name="/multiple_choice") for n in (2, 2.0))
    assert one["student"]["loss"] == pytest.approx(other["student"]["loss"], rel=1e-3)


def test_the_base_pair_without_the_hub_says_what_to_do(client: Client) -> None:
    with pytest.raises(AppError, match=r"could not be read .* choose the pocket pair"):
        client.predict(REVIEW, "", "base", api_name="/sentiment")
    assert client.predict(REVIEW, api_name="/sentiment")["teacher"]["label"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "שלום, Jim Henson", "É\u0301 😀"])
def test_odd_text_comes_back_as_it_was_sent(client: Client, text: str) -> None:
    assert client.predict(text, "pocket", api_name="/ner")["student"]["text"] == text
