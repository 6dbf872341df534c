"""JSON lines, plain or gzip: one row of labelled data on each line that is not blank."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from explain.evaluation.items import LabelledRow
from explain.records import InputError

JSON_NAMES = {
    list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false",
    type(None): "null",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, and where it stands."""

    file: Path
    number: int  # counted from 1
    text: str

    def __str__(self) -> str:
        """Name the place as an error message does."""
        return f"{self.file}, line {self.number}"

    def row(self) -> LabelledRow:
        """The row on the line; what is no row is named by file and line."""
        try:
            return parsed(self.text)
        except InputError as error:
            raise InputError(f"{self}: {error}.") from error


def read_lines(file: Path) -> Iterator[Line]:
    """The lines of one file that are not blank; a byte-order mark is left out."""
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8-sig") as stream:
            for number, text in enumerate(stream, start=1):
                if text.strip():
                    yield Line(file, number, text)
    except (EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise InputError(f"{file} cannot be read as UTF-8 lines: {error}.") from error


def parsed(text: str) -> LabelledRow:
    """One line of JSON as a row; the reason why it is none, to follow "Row 3: "."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON, {error.msg} at column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise InputError("nested too deeply, or a number of too many digits") from error
    return require_row(value)


def require_row(value: object) -> LabelledRow:
    """The value, if it is an object."""
    if not isinstance(value, dict):
        raise InputError(f"a row is an object in braces, not {JSON_NAMES[type(value)]}")
    return value
