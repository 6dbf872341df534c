"""Saved and read back: the same record, and nothing but such records."""

from __future__ import annotations

import json

import pytest

from explain.attribution import attribute
from explain.attribution.counterfactuals import change
from explain.attribution.export import from_json, to_json
from explain.attribution.records import Edit
from explain.models import HEADS
from explain.records import InputError
from tests.attribution.questions import PLAIN, asked
from tests.tiny import tiny


@pytest.mark.parametrize("head", HEADS)
def test_json_gives_back_the_very_record(head: str) -> None:
    found = attribute(PLAIN[head], tiny(head, "teacher"), asked(PLAIN[head]), "gradient_x_input")
    assert from_json(to_json(found)) == found


def test_an_edited_attribution_comes_back_too() -> None:
    loaded = tiny("sentiment", "student")
    found = attribute(PLAIN["sentiment"], loaded, None, "gradient_x_input")
    edited = change(found, loaded, [Edit((2,), "replace", "“<b>”")]).attribution
    assert from_json(to_json(edited)) == edited
    assert edited.edits


def test_the_file_says_how_it_was_made() -> None:
    found = attribute(PLAIN["sentiment"], tiny("sentiment", "teacher"), None, "shapley", "pad", 5)
    read = json.loads(to_json(found))
    assert (read["method"], read["baseline"], read["seed"]) == ("shapley", "pad", 5)
    assert {name for name, _ in read["versions"]} == {"captum", "torch", "transformers"}
    assert [word["text"] for word in read["words"]] == [word.text for word in found.words]
    assert read["ledger"]["steps"] == found.ledger.steps


@pytest.mark.parametrize(
    "spoil",
    [
        lambda read: "not json",
        lambda read: "[]",
        lambda read: json.dumps(read | {"format": "another"}),
        lambda read: json.dumps(read | {"scores": ["high"]}),
        lambda read: json.dumps(read | {"type": "InputError"}),
        lambda read: json.dumps(read | {"ledger": {"type": "Piece"}}),
        lambda read: json.dumps({k: v for k, v in read.items() if k != "pieces"}),
    ],
)
def test_anything_else_is_refused(spoil: object) -> None:
    found = attribute(PLAIN["sentiment"], tiny("sentiment", "teacher"), None, "gradient_x_input")
    with pytest.raises(InputError, match="not an attribution"):
        from_json(spoil(json.loads(to_json(found))))
