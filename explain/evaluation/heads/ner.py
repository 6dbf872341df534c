"""Named entities: words and their BIO tags, scored by F1 of exact spans with their type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explain.attribution import NerInput, NerTarget
from explain.evaluation.heads import EvaluationHead, HubSet
from explain.evaluation.items import LabelledRow, ScoredAnswer
from explain.evaluation.metrics import Metric
from explain.evaluation.schemas import are_texts
from explain.heads.ner import encode, join, tag_words
from explain.heads.registry import HEADS
from explain.models import Loaded
from explain.words import EntitySpan, bio, entity_spans

TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")
"""In the order of CoNLL-2003's numbers."""
NO_NAMES = "no names"
FOUND, OTHER_TYPE, OTHER_SPAN, MISSED, SPURIOUS = OUTCOMES = (
    "found", "other kind", "cut otherwise", "missed", "made up",
)  # fmt: skip


def fault(row: LabelledRow) -> str | None:
    """What is wrong with a row; None if nothing is."""
    if not are_texts(row["tokens"]) or not are_texts(row["tags"]):
        return "'tokens' and 'tags' must be lists of text that are not empty"
    if len(row["tokens"]) != len(row["tags"]):
        return f"{len(row['tokens'])} tokens but {len(row['tags'])} tags"
    known = HEADS["ner"].labels
    unknown = next((tag for tag in row["tags"] if tag not in known), None)
    return None if unknown is None else f"{unknown!r} is no tag; use {', '.join(known)}"


def from_hub(row: dict[str, Any]) -> LabelledRow:
    """A row of CoNLL-2003, whose tags are numbers."""
    return {"tokens": list(row["tokens"]), "tags": [TAGS[tag] for tag in row["ner_tags"]]}


def named(tokens: Sequence[str], entities: Sequence[EntitySpan]) -> str:
    """Names in reading order, each after its type."""
    names = [
        f"{kind} {' '.join(tokens[first : last + 1])}"
        for kind, first, last in sorted(entities, key=lambda entity: entity[1])
    ]
    return "; ".join(names) or NO_NAMES


def score(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    """Tally: entities found, predicted, labelled; words, loss. A decision is one word's tag."""
    tags = [bio(row["tags"]) for row in rows]
    answers = []
    results = tag_words([row["tokens"] for row in rows], loaded, tags)
    for result, row, right in zip(results, rows, tags, strict=True):
        assert result.loss is not None
        predicted = entity_spans([word.tag for word in result.words])
        expected, count = entity_spans(row["tags"]), len(row["tags"])
        hits = len({*predicted} & {*expected})
        answers.append(
            ScoredAnswer(
                answer=named(row["tokens"], predicted),
                right=predicted == expected,
                probability=None,
                loss=result.loss,
                tally=(hits, len(predicted), len(expected), count, result.loss * count),
                cells=tuple(outcomes(predicted, expected)),
                decisions=tuple(
                    (word.probability, word.tag == tag)
                    for word, tag in zip(result.words, right, strict=True)
                ),
                places=predicted,
            )
        )
    return answers


def encoded(row: LabelledRow, loaded: Loaded) -> object:
    """The words as the tagger is given them."""
    text, spans = join(row["tokens"])
    return encode(text, loaded, words=spans)


def outcomes(
    predicted: Sequence[EntitySpan], expected: Sequence[EntitySpan]
) -> list[tuple[str, str]]:
    """(type, outcome) of every labelled name, and of every predicted one where there is none."""
    cells = []
    for entity in expected:
        kind, first, last = entity
        if entity in predicted:
            outcome = FOUND
        elif any(entity[1:] == other[1:] for other in predicted):
            outcome = OTHER_TYPE
        elif any(first <= other[2] and other[1] <= last for other in predicted):
            outcome = OTHER_SPAN
        else:
            outcome = MISSED
        cells.append((kind, outcome))
    for kind, first, last in predicted:
        if not any(first <= other[2] and other[1] <= last for other in expected):
            cells.append((kind, SPURIOUS))
    return cells


def explained(row: LabelledRow) -> tuple[NerInput, NerTarget] | None:
    """The tags of the first labelled name; None where there is none."""
    entities = entity_spans(row["tags"])
    if not entities:
        return None
    _, first, last = entities[0]
    start = sum(len(word) + 1 for word in row["tokens"][:first])
    length = len(" ".join(row["tokens"][first : last + 1]))
    return NerInput(" ".join(row["tokens"])), NerTarget(start, start + length)


HEAD = EvaluationHead(
    unit="entities, right if their words and type are",
    official=HubSet("CoNLL-2003", "lhoestq/conll2003", None),
    columns=("found", "predicted", "named", "words", "loss"),
    metrics=(
        Metric("f1", {"found": 2}, {"predicted": 1, "named": 1}),
        Metric("precision", {"found": 1}, {"predicted": 1}),
        Metric("recall", {"found": 1}, {"named": 1}),
        Metric("loss", {"loss": 1}, {"words": 1}, gain=False, unit="nats"),
    ),
    fault=fault,
    from_hub=from_hub,
    text=lambda row: " ".join(row["tokens"]),
    expected=lambda row: named(row["tokens"], entity_spans(row["tags"])),
    score=score,
    encoded=encoded,
    explained=explained,
    agree=lambda first, second: first.places == second.places,
    outcomes=OUTCOMES,
    cells={"tokens": str.split, "tags": str.split},
    counted=("entities", "named"),
)
