"""The fill-mask probes keep to their schema, and no probe contains its own answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from explain.models import stored

ASSETS = Path(__file__).parents[2] / "assets"
FOLDER = ASSETS / "evaluation"
Probe = dict[str, Any]

MASK = "[MASK]"
FEWEST = {
    "capital": 80,
    "opposite": 40,
    "common_sense": 60,
    "grammar": 40,
    "school": 60,
    "idiom": 30,
    "number": 30,
}
NAMES_A_WORD = {"capital", "opposite"}  # kinds whose probes have the field "given"


def pieces(text: str) -> list[str]:
    return TOKENIZER.encode(text, add_special_tokens=False).tokens


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def around(probe: Probe) -> list[str]:
    """The words of a probe, the mask apart."""
    return words(probe["text"].replace(MASK, " "))


TOKENIZER = Tokenizer.from_file(str(stored.vocabulary(ASSETS / "models" / "bert-pocket")))
LINES = (FOLDER / "fill_mask_probes.jsonl").read_text(encoding="utf-8").splitlines()
PROBES: list[Probe] = [json.loads(line) for line in LINES]


def test_every_probe_has_the_keys_of_its_kind() -> None:
    for probe in PROBES:
        extra = {"given"} if probe["kind"] in NAMES_A_WORD else set()
        assert probe.keys() == {"text", "answers", "kind"} | extra, probe
        assert isinstance(probe["text"], str) and isinstance(probe["answers"], list), probe


def test_every_kind_is_known_and_large_enough() -> None:
    sizes = Counter(probe["kind"] for probe in PROBES)
    assert sizes.keys() == FEWEST.keys()
    assert {kind: size for kind, size in sizes.items() if size < FEWEST[kind]} == {}


@pytest.mark.parametrize("kind", FEWEST)
def test_the_readme_counts_every_kind_as_the_file_does(kind: str) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    size = sum(probe["kind"] == kind for probe in PROBES)
    assert re.search(rf"^\| {kind} +\| +{size} +\|", readme, re.MULTILINE)


def test_every_text_has_exactly_one_mask() -> None:
    assert [probe for probe in PROBES if probe["text"].count(MASK) != 1] == []


def test_every_probe_has_one_to_four_different_answers() -> None:
    for probe in PROBES:
        assert 1 <= len(set(probe["answers"])) == len(probe["answers"]) <= 4, probe


def test_every_answer_is_one_piece_of_the_vocabulary_in_lower_case() -> None:
    for probe in PROBES:
        for answer in probe["answers"]:
            assert re.fullmatch(r"[a-z0-9]+", answer), probe
            assert pieces(answer) == [answer], probe


def test_no_probe_contains_its_answer() -> None:
    assert [probe for probe in PROBES if set(probe["answers"]) & set(around(probe))] == []


def test_no_probe_is_given_twice_with_or_without_its_answer() -> None:
    masked = Counter(" ".join(words(probe["text"])) for probe in PROBES)
    filled = Counter(
        " ".join(words(probe["text"].replace(MASK, answer)))
        for probe in PROBES
        for answer in probe["answers"]
    )
    assert [text for text, times in (masked + filled).items() if times > 1] == []


def test_no_probe_is_an_item_of_the_fill_mask_set() -> None:
    lines = (FOLDER / "fill_mask.jsonl").read_text(encoding="utf-8").splitlines()
    items = {" ".join(words(json.loads(line)["text"])) for line in lines}
    assert [probe for probe in PROBES if " ".join(words(probe["text"])) in items] == []


def test_the_given_word_stands_in_the_text_as_one_piece() -> None:
    for probe in PROBES:
        if probe["kind"] in NAMES_A_WORD:
            assert probe["given"] in around(probe), probe
            assert pieces(probe["given"]) == [probe["given"]], probe


def test_every_capital_is_asked_from_its_country_and_the_country_from_the_capital() -> None:
    capitals = [probe for probe in PROBES if probe["kind"] == "capital"]
    asked = {(probe["given"], answer) for probe in capitals for answer in probe["answers"]}
    for probe in capitals:
        ways_back = {(answer, probe["given"]) for answer in probe["answers"]}
        assert ways_back & asked, probe
