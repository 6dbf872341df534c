"""`/attribute` gives what `attribute` gives, for both models of every head."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from explain.attribution import attribute
from explain.attribution.export import to_plain
from explain.attribution.heads import attribution_head
from explain.attribution.inputs import read
from explain.heads.ner import tag
from explain.models import ROLES, load

INPUTS: dict[str, dict[str, Any]] = {
    "fill_mask": {"text": "The capital of France is [MASK]."},
    "sentiment": {"text": "A charming and often affecting journey <b>😀</b>."},
    "ner": {"text": "Jim Henson was born in Greenville 🎈 and Jim Henson moved to London."},
    "multiple_choice": {
        "prompt": "The glass fell off the table. What happened next?",
        "choices": ["It broke on the floor.", "It floated to the ceiling."],
    },
    "question_answering": {
        "question": "Who was Jim Henson?",
        "context": "Jim Henson was a nice puppet",
    },
}
ASKED = {  # target, rival
    "fill_mask": ("Paris", "Lyon"),
    "sentiment": ("positive", ""),
    "ner": ("London as LOC", ""),
    "multiple_choice": ("1", ""),
    "question_answering": ("start of Jim", ""),
}


@pytest.fixture(scope="module")
def client(app: str) -> Iterator[Client]:
    connected = Client(app, verbose=False, analytics_enabled=False)
    yield connected
    connected.close()


@pytest.mark.parametrize("head", INPUTS)
def test_both_models_are_explained_as_the_library_explains_them(client: Client, head: str) -> None:
    target, against = ASKED[head]
    found = client.predict(head, INPUTS[head], target, against, api_name="/attribute")
    head_input = read(head, INPUTS[head])
    for role in ROLES:
        parsed = attribution_head(head).parse(head_input, target, against)
        expected = to_plain(attribute(head_input, load(head, role), parsed))
        answer = json.loads(json.dumps(found[role]))
        for name in ("input", "target", "terms", "pieces", "description"):
            assert answer[name] == json.loads(json.dumps(expected[name]))
        assert answer["scores"] == pytest.approx(expected["scores"], abs=1e-4)
        assert [w["text"] for w in answer["words"]] == [w["text"] for w in expected["words"]]
        book = answer["ledger"]
        assert book["total"] == pytest.approx(sum(found[role]["scores"]), abs=1e-6)
        assert book["converged"] == (book["relative_delta"] <= 0.01)
    assert -1 <= found["agreement"]["spearman"] <= 1 and found["more"] == []


def test_each_model_explains_its_own_answer_when_none_is_named(client: Client) -> None:
    found = client.predict("sentiment", INPUTS["sentiment"], api_name="/attribute")
    for role in ROLES:
        assert found[role]["target"]["label"] in ("negative", "positive")
        assert found[role]["pair"] == found["pair"] == "pocket"


def test_method_and_baseline_are_those_asked_for(client: Client) -> None:
    found = client.predict(
        "sentiment", INPUTS["sentiment"], "positive", "", "occlusion", "pad", "pocket",
        api_name="/attribute",
    )  # fmt: skip
    for role in ROLES:
        assert (found[role]["method"], found[role]["baseline"]) == ("occlusion", "pad")


def test_every_name_is_explained_in_one_call(client: Client) -> None:
    found = client.predict(
        "ner", INPUTS["ner"], "all", "", "gradient_x_input", api_name="/attribute"
    )
    text = INPUTS["ner"]["text"]
    wanted = {
        (entity.start, entity.end, entity.kind)
        for role in ROLES
        for entity in tag(text, load("ner", role)).entities
    }
    asked = [one["teacher"]["target"] for one in (found, *found["more"])]
    assert [(t["start"], t["end"], t["kind"]) for t in asked] == sorted(wanted)


REFUSED = [
    (("sentiment", {"text": ""}), "The text is empty"),
    (("sentiment", {}), "text is missing"),
    (("sentiment", "some text"), "an object of named fields"),
    (("sentiment", {"text": "fine"}, 0), "The target must be text, not int"),
    (("poetry", {"text": "a"}), "no head named 'poetry'"),
    (("sentiment", {"text": "fine"}, "neutral"), "negative or positive"),
    (("sentiment", {"text": "fine"}, "", "", "guess"), "no method named 'guess'"),
    (("sentiment", {"text": "fine"}, "", "", "occlusion", "noise"), "no baseline named 'noise'"),
    (("sentiment", {"text": "fine"}, "", "", "occlusion", "mask", "large"), "no pair named"),
    (("sentiment", {"text": "word " * 99}, "", "", "shapley"), "the limit is 48"),
    (("ner", {"text": "of the in"}, "all"), "Neither model finds a name"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_bad_questions_come_back_as_one_sentence(
    client: Client, arguments: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(AppError) as refused:
        client.predict(*arguments, api_name="/attribute")
    sentence = str(refused.value)
    assert words in sentence and sentence.endswith(".") and "Traceback" not in sentence
