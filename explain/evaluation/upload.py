"""A visitor's own labelled rows: CSV or JSON lines in, checked items out, or the rows at fault.

JSON lines are in the schemas of `explain.evaluation.schemas`; CSV is read by
`explain.evaluation.spreadsheet`. A `slice` may name what makes a row worth asking.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from explain.encoding import LONGEST_TEXT
from explain.evaluation import schemas
from explain.evaluation.items import EvaluationSet, Item, LabelledRow
from explain.evaluation.spreadsheet import Fault, Numbered, csv_rows
from explain.heads.fill_mask import MASK
from explain.records import InputError

LARGEST = 5_000_000  # bytes
MOST_ROWS = 2_000
NAMED = 5  # rows at fault that a refusal names; it counts the others
LONGEST_SLICE = 40  # characters
KINDS = (".csv", ".jsonl")
JSON_NAMES = {
    list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false",
    type(None): "null",
}  # fmt: skip


def read_file(path: Path, head: str) -> EvaluationSet:
    """The items of a file; `InputError` names what is wrong, row by row."""
    if path.suffix.lower() not in KINDS:
        raise InputError(f"Give a CSV or JSON Lines file ({', '.join(KINDS)}).")
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
    """Items of good rows; every bad row counts, the first few are named."""
    items: list[Item] = []
    faults: list[str] = []
    for number, row in rows:
        if len(items) + len(faults) >= MOST_ROWS:
            raise InputError(f"There are more than {MOST_ROWS:,} rows: keep the first of them.")
        if reason := _fault(row, head):
            faults.append(f"Row {number}: {reason}.")
        else:
            assert isinstance(row, dict)
            items.append(Item(number, row, _slice(row)))
    if faults:
        more = len(faults) - NAMED
        rest = f" And {more} more." if more > 0 else ""
        raise InputError(f"Nothing was read. {' '.join(faults[:NAMED])}{rest}")
    if not items:
        raise InputError("There are no rows: give at least one.")
    origin = f"{len(items):,} rows, every one checked."
    return EvaluationSet(head, name, origin, tuple(items))


def _slice(row: dict[str, object]) -> str:
    return "" if row.get("slice") is None else str(row["slice"])


def _fault(row: object, head: str) -> str | None:
    if isinstance(row, Fault):
        return str(row)
    if not isinstance(row, dict):
        return f"a row is an object in braces, not {JSON_NAMES[type(row)]}"
    for text in _texts(row):
        if len(text) > LONGEST_TEXT:
            return f"a text has {len(text):,} characters; keep it to {LONGEST_TEXT:,}"
        if any("\ud800" <= mark <= "\udfff" for mark in text):
            return "a text holds half of a character pair"
    if len(_slice(row)) > LONGEST_SLICE:
        return f"'slice' is longer than {LONGEST_SLICE} characters"
    return schemas.fault(row, head) or _OWN.get(head, _nothing)(row)


def _nothing(row: LabelledRow) -> str | None:
    return None


def _mask_fault(row: LabelledRow) -> str | None:
    masks = len(MASK.findall(row["text"]))
    if "answer" in row and masks != 1:
        return f"'text' must hold exactly one [MASK]; found {masks}"
    return "'answer' is missing" if masks and "answer" not in row else None


def _answer_fault(row: LabelledRow) -> str | None:
    context = row["context"].lower()
    if any(text.strip() and text.lower() in context for text in row["answers"]["text"]):
        return None
    return "none of the answers stands in 'context'"


_OWN = {"fill_mask": _mask_fault, "question_answering": _answer_fault}


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
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            yield number, Fault(f"not JSON, {error.msg} at column {error.colno}")
        except (RecursionError, ValueError):
            yield number, Fault("nested too deeply, or a number of too many digits")
