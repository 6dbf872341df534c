"""Where training rows come from: a folder of JSON lines, in the schemas of the five heads.

Training reads `train*.jsonl(.gz)` only; `validation` and `test` files are for `evaluation`.
`distill.heads` names the sets, and data sets of the Hugging Face Hub that hold the same kind of
rows; `--data hub` trains on those, for readers who have the Hub and not the folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from distill import heads
from explain.evaluation.items import LabelledRow
from explain.evaluation.lines import read_lines
from explain.evaluation.sets import from_hub
from explain.records import InputError

HUB_ROWS = 50_000  # of each set, streamed
PASSAGE = 2_000  # characters of an article on the Hub that are read


def split_files(data: Path, head: str, split: str) -> dict[str, list[Path]]:
    """Set name to its files of one split ("train", "validation" or "test")."""
    sets = {}
    for folder in sorted(data.glob(heads.of(head).PREFIX + "*")):
        files = sorted(folder.glob(f"{split}*.jsonl*"))
        if files:
            sets[folder.name] = files
    return sets


ON_HUB = Path("hub")  # stands for a folder: rows come from the Hugging Face Hub


def training_rows(data: Path, head: str, hub_rows: int = HUB_ROWS) -> dict[str, list[LabelledRow]]:
    """The training rows of every set of one head, by set name.

    `ON_HUB` instead of a folder gives at most `hub_rows` rows of the head's set on the Hub.
    """
    if data == ON_HUB:
        return {heads.of(head).HUB[0]: list(_hub_rows(head, hub_rows))}
    return {
        name: [line.row() for file in files for line in read_lines(file)]
        for name, files in split_files(data, head, "train").items()
    }


def _hub_rows(head: str, limit: int) -> Iterator[LabelledRow]:
    """Rows of the Hub's set for one head, streamed, in the schemas of the folder."""
    from datasets import load_dataset

    _, repository, configuration = heads.of(head).HUB
    try:
        stream = load_dataset(repository, configuration, split="train", streaming=True)
        for row in from_hub(head, stream.take(limit)):
            yield row | {"text": row["text"][:PASSAGE]} if "text" in row else row
    except (OSError, ValueError, RuntimeError) as error:  # no network; no such set; a script
        raise InputError(
            f"{repository} could not be read from the Hugging Face Hub ({error}): check the "
            "connection, or give --data a folder."
        ) from error
