"""The sets that both models are evaluated on: our own, the official validation splits, a visitor's.

Ours are in `assets/evaluation`, written for this project, with a slice for every item. The official
ones are streamed by `datasets` from the Hugging Face Hub, where it can be reached; nothing is
trained on them here, but the authors of the `base` checkpoints selected these with the same splits.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from explain.evaluation import heads, schemas, upload
from explain.evaluation.heads import HubSet
from explain.evaluation.items import EvaluationSet, Item, LabelledRow
from explain.evaluation.lines import read_lines
from explain.heads.registry import HEADS
from explain.models.hub import TIMEOUT
from explain.records import InputError

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "evaluation"
SEED = 0  # of the draw from a large set
OURS, OFFICIAL, FILE = "ours", "official", "file"
MOST_ITEMS = 2_000  # of one evaluation


def choose(head: str, source: str, file: str | None, limit: float) -> EvaluationSet:
    """The set of a source, at most `limit` of its items; 0 for all, or the most there may be."""
    require_choice(head, limit)
    if source == OFFICIAL:
        return official(head, int(limit) or MOST_ITEMS)
    if source == FILE:
        if not file:
            raise InputError("Choose a file first: CSV or JSON Lines.")
        return sample(upload.read_file(Path(file), head), int(limit))
    if source != OURS:
        raise InputError(f"There is no set named {str(source)[:40]!r}; choose ours or official.")
    return sample(ours(head), int(limit))


def require_choice(head: str, limit: float) -> None:
    """Check the head's name and the number of items."""
    if head not in tuple(HEADS):
        raise InputError(f"There is no task named {str(head)[:40]!r}; choose {', '.join(HEADS)}.")
    number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if not number or not 0 <= limit <= MOST_ITEMS or limit != int(limit):
        raise InputError(f"Ask for 1 to {MOST_ITEMS:,} items, or 0 for all, not {str(limit)[:40]}.")


@cache
def ours(head: str) -> EvaluationSet:
    """Our own set of one head, every item of it."""
    rows = [line.row() for line in read_lines(FOLDER / f"{head}.jsonl")]
    origin = "Written for this project, held apart from training."
    return EvaluationSet(head, "our own set", origin, _items(rows))


def official(head: str, limit: int) -> EvaluationSet:
    """At most `limit` rows of the official validation split, drawn with a fixed seed.

    Raises `InputError` when neither the Hub nor its cache has it.
    """
    split = heads.of(head).official
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
        converted = heads.of(head).from_hub(row)
        if schemas.fault(converted, head) is None:
            yield converted


def _items(rows: Sequence[LabelledRow]) -> tuple[Item, ...]:
    return tuple(
        Item(number, row, str(row.get("slice", ""))) for number, row in enumerate(rows, start=1)
    )


def _streamed(split: HubSet) -> Iterator[dict[str, Any]]:
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
