"""Labelled data in a folder: which sets it holds, and their rows.

Files are JSON lines, plain or gzip, in the schemas of `explain.evaluation.schemas`. Rows are read
one by one.
"""

from __future__ import annotations

import gzip
import heapq
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distill.sources import PREFIXES, Row
from explain.evaluation.schemas import KEYS, fault
from explain.records import InputError

SPLITS = ("train", "validation", "test")
SPLIT = re.compile(rf"({'|'.join(SPLITS)})(?![a-zA-Z])")  # how a file of a split is named
SUFFIXES = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of one head: its rows stand in one file or in several."""

    name: str
    head: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and where it stands."""

    file: Path
    number: int  # counted from 1
    text: str

    def __str__(self) -> str:
        """Name the place as an error message does."""
        return f"{self.file}, line {self.number}"


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
    wanted = sorted((s for s in sets if head in (None, s.head)), key=lambda s: s.name)
    if not wanted:
        what = f"{head} rows" if head else "rows"
        raise InputError(f"{folder} holds no {what} of the {split} split in *.jsonl(.gz) files.")
    return wanted


def head_of(name: str, files: list[Path]) -> str:
    """The head that a set is for: by the keys of its first row, or else by its name."""
    first = next((line for file in files for line in lines(file)), None)
    if first is None:
        raise InputError(f"{files[0]} has no rows: leave it out.")
    row = _parsed(first)
    for head, keys in KEYS.items():
        if keys <= row.keys():
            return head
    for head, prefix in PREFIXES.items():
        if name.startswith((prefix, head)):
            return head
    raise InputError(f"{first}: its keys ({', '.join(row)}) are those of no task.")


def lines(file: Path) -> Iterator[Line]:
    """The lines of one file that are not blank."""
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8") as stream:
            for number, text in enumerate(stream, start=1):
                if text.strip():
                    yield Line(file, number, text)
    except (EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(f"{file} cannot be read as UTF-8 lines: {error}.") from error


def chosen(data: DataSet, limit: int | None) -> Iterator[Line]:
    """All lines of a set, or `limit` of them drawn from the whole of it with a fixed seed."""
    everything = (line for file in data.files for line in lines(file))
    if limit is None:
        yield from everything
        return
    draw = random.Random(0)
    keyed = ((draw.random(), number, line) for number, line in enumerate(everything))
    best = heapq.nsmallest(limit, keyed, key=lambda item: item[0])
    yield from (line for _, _, line in sorted(best, key=lambda item: item[1]))


def row_of(line: Line, head: str) -> Row:
    """The row on a line, if it keeps to the schema of `head`."""
    row = _parsed(line)
    if wrong := fault(row, head):
        raise InputError(f"{line}: {wrong}.")
    return row


def _parsed(line: Line) -> Row:
    try:
        row = json.loads(line.text)
    except json.JSONDecodeError as error:
        raise InputError(f"{line}: not JSON, {error.msg} at column {error.colno}.") from error
    if not isinstance(row, dict):
        raise InputError(f"{line}: a row is an object in braces, not {type(row).__name__}.")
    return row


def _of_split(folder: Path, split: str) -> list[Path]:
    found = [(file, SPLIT.match(file.name)) for file in _files(folder)]
    files = [file for file, match in found if match and match[1] == split]
    if not files and split == "test" and folder.name.startswith(PREFIXES["fill_mask"]):
        return _of_split(folder, "validation")
    return files


def _is_part(file: Path, split: str) -> bool:
    """Whether a file is named for its split alone (test, test-00): a part of its folder's set."""
    return re.fullmatch(rf"(validation|{split})[-_\d]*", _stem(file)) is not None


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.iterdir() if f.is_file() and f.name.endswith(SUFFIXES))


def _stem(file: Path) -> str:
    return file.name.removesuffix(".gz").removesuffix(".jsonl")
