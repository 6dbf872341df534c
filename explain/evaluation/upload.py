"""A visitor's own labelled rows: CSV or JSON lines in, checked items out, or faults by row.

JSON lines are in the schemas of `explain.evaluation.schemas`; CSV is read by
`explain.evaluation.spreadsheet`. A `slice` may name the phenomenon that a row tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from explain.encoding import LONGEST_TEXT
from explain.evaluation import heads, schemas
from explain.evaluation.items import EvaluationSet, Item, LabelledRow
from explain.evaluation.lines import parsed, require_row
from explain.evaluation.spreadsheet import Fault, Numbered, csv_rows
from explain.heads.registry import HEADS
from explain.models import load
from explain.records import InputError
from explain.settings import current

LARGEST = 5_000_000  # bytes
MOST_ROWS = current().most_rows
NAMED = 5  # faults that a refusal names; it counts the rows of the others
NUMBERED = 5  # rows of one fault whose numbers are given
LONGEST_SLICE = 40  # characters
SUFFIXES = (".csv", ".jsonl")


def read_file(path: Path, head: str) -> EvaluationSet:
    """The items of a file; `InputError` names what is wrong, row by row."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"Give a CSV or JSON Lines file ({', '.join(SUFFIXES)}).")
    size = path.stat().st_size
    if size > LARGEST:
        raise InputError(f"The file has {size / 1e6:.1f} MB: keep it to {LARGEST / 1e6:.0f} MB.")
    text = _decoded(path.read_bytes())
    rows = csv_rows(text, head) if path.suffix.lower() == ".csv" else _json_lines(text)
    return _checked(rows, head, "your file")


def from_rows(rows: object, head: str) -> EvaluationSet:
    """The items of rows that come as JSON, one object each."""
    if not isinstance(rows, list):
        raise InputError(f"Give the rows as a list of objects, not {type(rows).__name__}.")
    return _checked(iter(enumerate(rows, start=1)), head, "your rows")


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"Row {row}: byte {data[error.start]:#04x} is not UTF-8. Save the file again as UTF-8 "
            "(in a spreadsheet: “CSV UTF-8”)."
        ) from error
    if "\0" in text:
        raise InputError("The file is not text: it holds zero bytes. Save it as CSV or JSON Lines.")
    return text


def _checked(rows: Iterator[Numbered], head: str, name: str) -> EvaluationSet:
    """Items of good rows; every bad row counts, and rows of one fault are named together."""
    items: list[Item] = []
    faults: dict[str, list[int]] = {}
    for count, (number, row) in enumerate(rows):
        if count >= MOST_ROWS:
            raise InputError(f"There are more than {MOST_ROWS:,} rows: keep the first of them.")
        if reason := _fault(row, head) or _unreadable(row, head):
            faults.setdefault(reason, []).append(number)
        else:
            assert isinstance(row, dict)
            items.append(Item(number, row, _slice(row)))
    if faults:
        raise InputError(f"Nothing was read. {_named(faults)}")
    if not items:
        raise InputError("There are no rows: give at least one.")
    origin = f"{len(items):,} rows, every one checked."
    return EvaluationSet(head, name, origin, tuple(items))


def _named(faults: dict[str, list[int]]) -> str:
    """The first faults, each once with its rows, and how many rows have another."""
    sentences = [f"{_rows(numbers)}: {reason}." for reason, numbers in faults.items()]
    more = sum(len(numbers) for numbers in list(faults.values())[NAMED:])
    return " ".join([*sentences[:NAMED], *([f"And {more} more."] if more else [])])


def _rows(numbers: list[int]) -> str:
    """`Row 3`, `Rows 3 and 7`, `Rows 3, 4, 5, 6, 7 and 57 more`."""
    if len(numbers) == 1:
        return f"Row {numbers[0]}"
    shown, more = [str(number) for number in numbers[:NUMBERED]], len(numbers) - NUMBERED
    last = f"{more} more" if more > 0 else shown.pop()
    return f"Rows {', '.join(shown)} and {last}"


def _slice(row: dict[str, object]) -> str:
    return "" if row.get("slice") is None else str(row["slice"])


def _fault(row: object, head: str) -> str | None:
    if isinstance(row, Fault):
        return str(row)
    try:
        row = require_row(row)
    except InputError as error:
        return str(error)
    for text in _texts(row):
        if len(text) > LONGEST_TEXT:
            return f"a text has {len(text):,} characters; keep it to {LONGEST_TEXT:,}"
        if any("\ud800" <= mark <= "\udfff" for mark in text):
            return "a text holds half of a character pair"
    if len(_slice(row)) > LONGEST_SLICE:
        return f"'slice' is longer than {LONGEST_SLICE} characters"
    return _missing(row, head) or schemas.fault(row, head) or heads.of(head).visitor_fault(row)


def _missing(row: LabelledRow, head: str) -> str | None:
    """Which key a row lacks, and which it has."""
    needed = HEADS[head].columns
    missing = [name for name in needed if name not in row]
    if not missing:
        return None
    present = ", ".join(str(key)[:20] for key in list(row)[:8]) or "none"
    return f"{missing[0]!r} is missing; found {present}. Name the keys {', '.join(needed)}"


def _unreadable(row: object, head: str) -> str | None:
    """Why the head would refuse a row of its schema, by the rules of the pocket pair."""
    loaded, record = load(head, "student"), heads.of(head)
    assert isinstance(row, dict)
    try:
        record.encoded(record.prepared(Item(0, row), loaded).row, loaded)
    except InputError as error:
        return str(error).removeprefix(f"{Item(0, row).place}: ").removesuffix(".")
    return None


def _texts(value: object) -> Iterator[str]:
    """Every text in a row, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *_texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _json_lines(text: str) -> Iterator[Numbered]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, parsed(line)
        except InputError as error:
            yield number, Fault(error)
