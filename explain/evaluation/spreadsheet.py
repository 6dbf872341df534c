"""CSV to labelled rows: the columns that a head needs, and what their cells hold.

Columns are named as in `explain.evaluation.schemas` and separated by commas, semicolons or tabs. A
list is one cell: words and tags separated by spaces, choices and accepted answers by "|". Rows are
numbered as a spreadsheet does: the header is row 1.
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
FORMULA = re.compile(r"\s*(=|[+\-@]\s*\w+[(|])")  # what a spreadsheet would run
Numbered = tuple[int, object]  # where a row stands, and the row or the reason that it is none


class Fault(str):
    """Why a row cannot be used."""


def csv_rows(text: str, head: str) -> Iterator[Numbered]:
    """Each row below the header with its number; `InputError` for what is no table."""
    text = (text if "\n" in text else text.replace("\r", "\n")).lstrip("\r\n")
    header, delimiter = _header(text, head)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"Row {number}: not CSV, {error}; close every quote.") from error
        if number > 1 and any(cell.strip() for cell in cells):
            yield number, _row(header, cells, head)


def _header(text: str, head: str) -> tuple[list[str], str]:
    """Column names and what separates them."""
    if not text.strip():
        raise InputError("The file is empty: give a header and at least one row.")
    headers = _split_by_each(text.split("\n", 1)[0].rstrip("\r"))
    delimiter = max(headers, key=lambda mark: len(set(HEADS[head].columns) & set(headers[mark])))
    header = headers[delimiter]
    needed = ", ".join(HEADS[head].columns)
    missing = [name for name in HEADS[head].columns if name not in header]
    if missing:
        present = ", ".join(name[:20] for name in header[:8])
        raise InputError(
            f"Row 1: the column {missing[0]!r} is missing; found {present}. "
            f"Name the columns {needed}."
        )
    twice = [name for name in header if name and header.count(name) > 1]
    if twice:
        raise InputError(f"Row 1: the column {twice[0][:20]!r} stands there twice; keep one.")
    return header, delimiter


def _split_by_each(first: str) -> dict[str, list[str]]:
    """The names of a header for every mark that may separate them."""
    headers = {}
    for mark in DELIMITERS:
        try:
            cells = next(csv.reader([first], delimiter=mark, strict=True), [])
        except csv.Error as error:
            failed = error
        else:
            headers[mark] = [cell.strip().lower() for cell in cells]
    if not headers:
        raise InputError(f"Row 1: not CSV, {failed}; close every quote.") from failed
    return headers


def _row(header: Sequence[str], cells: Sequence[str], head: str) -> LabelledRow | Fault:
    if len(cells) != len(header):
        return Fault(
            f"{len(cells)} cells, but the header names {len(header)}; put text with separators "
            "in quotes"
        )
    formula = next((i for i, cell in enumerate(cells) if FORMULA.match(cell)), None)
    if formula is not None:
        return Fault(f"'{header[formula][:20]}' begins like a formula; write it as plain text")
    row: dict[str, Any] = dict(zip(header, cells, strict=True))
    for name in HEADS[head].optional:
        if not row.get(name, "").strip():
            row.pop(name, None)
    return row | {name: convert(row[name]) for name, convert in heads.of(head).cells.items()}


def whole_number(cell: str) -> object:
    """A number where it is one; anything else is left for the schema to refuse."""
    return int(cell) if re.fullmatch(r"\s*\d{1,9}\s*", cell, re.ASCII) else cell
