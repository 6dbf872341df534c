"""Labelled data in a folder: which sets it holds, and their rows.

Files are JSON lines, plain or gzip, in the schemas of `explain.evaluation.schemas`. Rows are read
one by one.
"""

from __future__ import annotations

import heapq
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distill import heads
from explain.evaluation import schemas
from explain.evaluation.items import Item
from explain.evaluation.lines import Line, read_lines
from explain.heads.registry import HEADS
from explain.records import InputError

SPLITS = ("train", "validation", "test")
SPLIT = re.compile(rf"({'|'.join(SPLITS)})(?![a-zA-Z])")  # how a file of a split is named
SUFFIXES = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of one head: its rows are in one file or in several."""

    name: str
    head: str
    files: tuple[Path, ...]


def find_sets(folder: Path, split: str = "test", head: str | None = None) -> list[DataSet]:
    """Every set of a folder, or of its sub-folders, that has rows of `split`.

    A sub-folder is one set, with files named for their split; text without test rows is read from
    its validation rows. Other files that lie in the folder itself are a set each, of any split.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}: name one with *.jsonl or *.jsonl.gz files.")
    named: dict[str, list[Path]] = {}
    for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        for file in _of_split(place, split):
            name = place.resolve().name if _is_part(file, split) else _stem(file)
            named.setdefault(name, []).append(file)
    for file in _files(folder):
        if not SPLIT.match(file.name):
            named.setdefault(_stem(file), []).append(file)
    sets = [DataSet(name, head_of(name, files), tuple(files)) for name, files in named.items()]
    chosen_sets = sorted((s for s in sets if head in (None, s.head)), key=lambda s: s.name)
    if not chosen_sets:
        what = f"{head} rows" if head else "rows"
        raise InputError(f"{folder} holds no {what} of the {split} split in *.jsonl(.gz) files.")
    return chosen_sets


def head_of(name: str, files: list[Path]) -> str:
    """The head that a set is for: by the keys of its first row, or else by its name."""
    first = next((line for file in files for line in read_lines(file)), None)
    if first is None:
        raise InputError(f"{files[0]} has no rows: leave it out.")
    keys = first.row().keys()
    if head := schemas.head_of(keys):
        return head
    for head in HEADS:
        if name.startswith((heads.of(head).PREFIX, head)):
            return head
    raise InputError(f"{first}: its keys ({', '.join(keys)}) are those of no task.")


def chosen(data: DataSet, limit: int | None) -> Iterator[Line]:
    """All lines of a set, or `limit` of them drawn from the whole of it with a fixed seed."""
    everything = (line for file in data.files for line in read_lines(file))
    if limit is None:
        yield from everything
        return
    draw = random.Random(0)
    keyed = ((draw.random(), number, line) for number, line in enumerate(everything))
    best = heapq.nsmallest(limit, keyed, key=lambda item: item[0])
    yield from (line for _, _, line in sorted(best, key=lambda item: item[1]))


def item_of(line: Line, head: str) -> Item:
    """The row on a line, if it keeps to the schema of `head`."""
    row = line.row()
    if fault := schemas.fault(row, head):
        raise InputError(f"{line}: {fault}.")
    return Item(line.number, row, file=str(line.file))


def _of_split(folder: Path, split: str) -> list[Path]:
    matches = [(file, SPLIT.match(file.name)) for file in _files(folder)]
    files = [file for file, match in matches if match and match[1] == split]
    if not files and split == "test" and folder.name.startswith(heads.of("fill_mask").PREFIX):
        return _of_split(folder, "validation")
    return files


def _is_part(file: Path, split: str) -> bool:
    """Whether a file is named for its split alone (test, test-00): a part of its folder's set."""
    return re.fullmatch(rf"(validation|{split})[-_\d]*", _stem(file)) is not None


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.iterdir() if f.is_file() and f.name.endswith(SUFFIXES))


def _stem(file: Path) -> str:
    return file.name.removesuffix(".gz").removesuffix(".jsonl")
