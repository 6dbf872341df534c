"""The sets on which both models are asked: ours, and the official validation splits.

Ours are in `assets/evaluation`, written for this project, with a slice for every item. The official
ones are streamed by `datasets` from the Hugging Face Hub, where it is reached; nobody trains on
them here, but the `base` checkpoints were chosen by their authors with these splits in hand.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from explain.evaluation import schemas
from explain.evaluation.items import EvaluationSet, Item, LabelledRow
from explain.models.hub import TIMEOUT
from explain.records import InputError

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "evaluation"
SEED = 0  # of the draw from a large set
SHORTEST_PARAGRAPH = 200  # characters; shorter lines of WikiText are headings
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")


@dataclass(frozen=True, slots=True)
class Official:
    """One validation split on the Hub."""

    name: str
    repository: str
    configuration: str | None


OFFICIAL = {
    "fill_mask": Official("WikiText-2", "Salesforce/wikitext", "wikitext-2-raw-v1"),
    "sentiment": Official("SST-2", "stanfordnlp/sst2", None),
    "ner": Official("CoNLL-2003", "lhoestq/conll2003", None),
    "multiple_choice": Official("SWAG", "allenai/swag", "regular"),
    "question_answering": Official("SQuAD 1.1", "rajpurkar/squad", None),
}


@cache
def ours(head: str) -> EvaluationSet:
    """Our own set of one head, every item of it."""
    lines = (FOLDER / f"{head}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    origin = "Written for this project, held apart from training."
    return EvaluationSet(head, "our own set", origin, _items(rows))


def official(head: str, limit: int) -> EvaluationSet:
    """At most `limit` rows of the official validation split, drawn with a fixed seed.

    Raises `InputError` when neither the Hub nor its cache has it.
    """
    split = OFFICIAL[head]
    rows = list(from_hub(head, _streamed(split)))
    chosen = sorted(random.Random(SEED).sample(range(len(rows)), min(limit, len(rows))))
    origin = f"{len(chosen):,} of {len(rows):,} rows of the validation split, {split.repository}."
    items = tuple(Item(index + 1, rows[index]) for index in chosen)
    return EvaluationSet(head, f"{split.name}, validation split", origin, items)


def sample(data: EvaluationSet, limit: int) -> EvaluationSet:
    """At most `limit` items, drawn with a fixed seed, in the order of the set; 0 for all."""
    if not limit or limit >= len(data.items):
        return data
    chosen = sorted(random.Random(SEED).sample(range(len(data.items)), limit))
    items = tuple(data.items[index] for index in chosen)
    origin = f"{data.origin} {limit:,} of its {len(data.items):,} items, drawn at random."
    return EvaluationSet(data.head, data.name, origin, items)


def from_hub(head: str, rows: Iterable[dict[str, Any]]) -> Iterator[LabelledRow]:
    """Rows as the Hub stores them, in the schema of their head; headings and blanks left out."""
    for row in rows:
        converted = _CONVERT[head](row)
        if schemas.fault(converted, head) is None:
            yield converted


def _items(rows: Sequence[LabelledRow]) -> tuple[Item, ...]:
    return tuple(
        Item(number, row, str(row.get("slice", ""))) for number, row in enumerate(rows, start=1)
    )


def _streamed(split: Official) -> Iterator[dict[str, Any]]:
    """The rows of a validation split; a failure of the network is told in one sentence."""
    from datasets import load_dataset
    from huggingface_hub import constants, errors, get_session

    broken = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses
    try:  # ask once whether the Hub answers: its client would try again for half a minute
        get_session().head(constants.ENDPOINT, timeout=TIMEOUT)
        yield from load_dataset(
            split.repository, split.configuration, split="validation", streaming=True
        )
    except (OSError, ValueError, RuntimeError, broken) as error:
        raise InputError(
            f"{split.name} could not be read from the Hugging Face Hub. Check the connection and "
            "try again, or choose our own set, which needs no network."
        ) from error


def _sentiment(row: dict[str, Any]) -> LabelledRow:
    return {"text": row["sentence"].strip(), "label": row["label"]}


def _ner(row: dict[str, Any]) -> LabelledRow:
    return {"tokens": list(row["tokens"]), "tags": [TAGS[tag] for tag in row["ner_tags"]]}


def _multiple_choice(row: dict[str, Any]) -> LabelledRow:
    choices = [f"{row['sent2']} {row[f'ending{number}']}".strip() for number in range(4)]
    return {"context": row["sent1"], "question": "", "choices": choices, "label": row["label"]}


def _question_answering(row: dict[str, Any]) -> LabelledRow:
    return {key: row[key] for key in ("context", "question", "answers")}


def _fill_mask(row: dict[str, Any]) -> LabelledRow:
    text = row["text"].strip()
    return {"text": text if len(text) >= SHORTEST_PARAGRAPH else ""}


_CONVERT = {
    "fill_mask": _fill_mask,
    "sentiment": _sentiment,
    "ner": _ner,
    "multiple_choice": _multiple_choice,
    "question_answering": _question_answering,
}
