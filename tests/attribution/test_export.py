"""Saved as JSON: every field, under the name of its type."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass

import pytest

from explain.attribution import attribute
from explain.attribution.counterfactuals import change
from explain.attribution.export import to_plain
from explain.attribution.records import Edit
from explain.models import HEADS
from tests.attribution.questions import PLAIN, asked
from tests.tiny import tiny


def check_plain(plain: object, record: object) -> None:
    """Every field of a record is there, under its type, and nothing else."""
    if is_dataclass(record):
        names = [field.name for field in fields(record)]
        assert plain["type"] == type(record).__name__ and set(plain) == {"type", *names}
        for name in names:
            check_plain(plain[name], getattr(record, name))
    elif isinstance(record, tuple):
        assert len(plain) == len(record)
        for item, other in zip(plain, record, strict=True):
            check_plain(item, other)
    else:
        assert plain == record


@pytest.mark.parametrize("head", HEADS)
def test_json_holds_the_very_record(head: str) -> None:
    found = attribute(PLAIN[head], tiny(head, "teacher"), asked(PLAIN[head]), "gradient_x_input")
    plain = json.loads(json.dumps(to_plain(found)))
    assert plain.pop("format") == "distilbert-explorer attribution 1"
    assert [word["text"] for word in plain.pop("words")] == [word.text for word in found.words]
    check_plain(plain, found)


def test_an_edit_is_saved_too() -> None:
    loaded = tiny("sentiment", "student")
    found = attribute(PLAIN["sentiment"], loaded, None, "gradient_x_input")
    edited = change(found, loaded, [Edit((2,), "replace", "“<b>”")]).attribution
    (edit,) = to_plain(edited)["edits"]
    assert edit == {"type": "Edit", "pieces": [2], "action": "replace", "word": "“<b>”"}


def test_the_file_says_how_it_was_made() -> None:
    found = attribute(PLAIN["sentiment"], tiny("sentiment", "teacher"), None, "shapley", "pad", 5)
    plain = to_plain(found)
    assert (plain["method"], plain["baseline"], plain["seed"]) == ("shapley", "pad", 5)
    assert {name for name, _ in plain["versions"]} == {"captum", "torch", "transformers"}
    assert plain["ledger"]["steps"] == found.ledger.steps
