"""The word that anybody would name ranks first, for both models: 50 sentences of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explain.attribution import SentimentInput, SentimentTarget, attribute
from explain.models import load

SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parent / "obvious.jsonl").read_text(encoding="utf-8").splitlines()
]
OTHER = {"positive": "negative", "negative": "positive"}


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_the_obvious_word_ranks_first(role: str) -> None:
    loaded = load("sentiment", role)
    missed = []
    for sentence in SENTENCES:
        target = SentimentTarget(sentence["label"], OTHER[sentence["label"]])
        words = attribute(SentimentInput(sentence["text"]), loaded, target).words
        first = max(words, key=lambda word: word.score)
        if first.text.lower() != sentence["word"]:
            missed.append((sentence["word"], first.text))
    assert len(SENTENCES) == 50
    assert len(missed) <= 5, f"missed: {missed}"
