"""One reader of JSON lines: plain, compressed, with a byte-order mark or Windows line ends."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from explain.evaluation.lines import parsed, read_lines
from explain.records import InputError

CONTENT = '{"text": "Café.", "label": 1}\n\n{"text": "Bad.", "label": 0}\n'


@pytest.mark.parametrize("encoded", [CONTENT, "\ufeff" + CONTENT, CONTENT.replace("\n", "\r\n")])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_and_their_numbers_are_read(encoded: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    data = encoded.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    lines = list(read_lines(path))
    assert [line.number for line in lines] == [1, 3]
    assert [line.row()["text"] for line in lines] == ["Café.", "Bad."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "an object in braces, not a list"),
        ("null", "not null"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5_000, "too many digits"),
    ],
)
def test_what_is_no_row_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        parsed(text)
