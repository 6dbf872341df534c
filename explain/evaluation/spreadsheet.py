"""CSV to labelled rows: the columns that a head needs, and what their cells hold.

Columns are named as in `explain.evaluation.schemas` and separated by commas, semicolons or tabs. A
list is one cell: words and tags separated by spaces, choices and accepted answers by "|". Rows are
numbered as a spreadsheet does, empty ones too: the header is row 1 if it stands at the top. What
looks like a formula is text here; only what is written for spreadsheets needs a guard.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from explain.evaluation import heads
from explain.evaluation.items import LabelledRow
from explain.heads.registry import HEADS
from explain.records import InputError

DELIMITERS = (",", ";", "\t")
SEPARATOR = re.compile(r"sep=([,;|:\t])\s*?\n", re.IGNORECASE)  # a first line for Excel alone
Numbered = tuple[int, object]  # where a row stands, and the row or the reason that it is none


class Fault(str):
    """Why a row cannot be used."""


def csv_rows(text: str, head: str) -> Iterator[Numbered]:
    """Each row below the header with its number; `InputError` for what is no table."""
    text = text if "\n" in text else text.replace("\r", "\n")
    marks: tuple[str, ...] = DELIMITERS
    if declared := SEPARATOR.match(text):
        text, marks = text[declared.end() :], (str(declared[1]),)
    if not text.strip():
        raise InputError("The file is empty: give a header and at least one row.")
    header, first, delimiter = _header(text, head, marks)
    for number, cells in _cells(text, delimiter):
        if number > first and any(cell.strip() for cell in cells):
            yield number, _row(header, cells, head)


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number from 1; of an empty line, no cells."""
    reader, number = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"Row {number}: not CSV, {error}; close every quote.") from error
        yield number, cells


def _header(text: str, head: str, marks: Sequence[str]) -> tuple[list[str], int, str]:
    """Column names, the number of their row, and what separates them."""
    headers = _split_by_each(text, marks)
    needed = set(HEADS[head].columns)
    delimiter = max(headers, key=lambda mark: len(needed & set(headers[mark][1])))
    number, header = headers[delimiter]
    missing = [name for name in HEADS[head].columns if name not in header]
    if missing:
        present = ", ".join(name[:20] for name in header[:8])
        raise InputError(
            f"Row {number}: the column {missing[0]!r} is missing; found {present}. "
            f"Name the columns {', '.join(HEADS[head].columns)}."
        )
    twice = [name for name in header if name and header.count(name) > 1]
    if twice:
        raise InputError(
            f"Row {number}: the column {twice[0][:20]!r} stands there twice; keep one."
        )
    return header, number, delimiter


def _split_by_each(text: str, marks: Sequence[str]) -> dict[str, tuple[int, list[str]]]:
    """For every mark that may separate them: the number of the header's row, and its names.

    A name may hold line breaks, as a spreadsheet writes a wrapped cell; they count as blanks.
    """
    headers: dict[str, tuple[int, list[str]]] = {}
    failed = InputError("The file has no header: name the columns in its first row.")
    for mark in marks:
        try:
            rows = (row for row in _cells(text, mark) if any(map(str.strip, row[1])))
            number, cells = next(rows, (0, []))
        except InputError as error:
            failed = error
        else:
            headers[mark] = number, [" ".join(cell.lower().split()) for cell in cells]
    if not headers:
        raise failed
    return headers


def _row(header: Sequence[str], cells: Sequence[str], head: str) -> LabelledRow | Fault:
    if len(cells) != len(header):
        return Fault(
            f"{len(cells)} cells, but the header names {len(header)}; put text with separators "
            "in quotes"
        )
    row: dict[str, Any] = dict(zip(header, cells, strict=True))
    for name in HEADS[head].optional:
        if not row.get(name, "").strip():
            row.pop(name, None)
    return row | {name: convert(row[name]) for name, convert in heads.of(head).cells.items()}


def whole_number(cell: str) -> object:
    """A number where it is one; anything else is left for the schema to refuse."""
    return int(cell) if re.fullmatch(r"\s*\d{1,9}\s*", cell, re.ASCII) else cell
