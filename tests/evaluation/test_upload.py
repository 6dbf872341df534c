"""A visitor's own rows: good ones of every head are read, bad ones refused by row and reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explain.evaluation import sets, upload
from explain.models import HEADS
from explain.records import InputError

CSV = {
    "fill_mask": "text,answer\nParis is in [MASK].,France\nAny plain text will do.,\n",
    "sentiment": 'text;label;slice\n"Good; really.";1;plain\nBad.;Negative;\n',
    "ner": "tokens,tags\nJim lives in Rome,B-PER O O B-LOC\n",
    "multiple_choice": 'context,question,choices,label\n"Rain.","Wear?",a hat | no hat,0\n',
    "question_answering": "context\tquestion\tanswers\nIt is red.\tWhat colour?\tred|It is red\n",
}


def read(tmp_path: Path, content: str | bytes, head: str = "sentiment", name: str = "rows.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return upload.read_file(path, head)


@pytest.mark.parametrize("head", HEADS)
def test_a_table_is_read(head, tmp_path):
    first = read(tmp_path, CSV[head], head).items[0]
    wanted = {
        "fill_mask": {"text": "Paris is in [MASK].", "answer": "France"},
        "sentiment": {"text": "Good; really.", "label": 1, "slice": "plain"},
        "ner": {"tokens": ["Jim", "lives", "in", "Rome"], "tags": ["B-PER", "O", "O", "B-LOC"]},
        "multiple_choice": {
            "context": "Rain.", "question": "Wear?", "choices": ["a hat", "no hat"], "label": 0,
        },
        "question_answering": {
            "context": "It is red.", "question": "What colour?",
            "answers": {"text": ["red", "It is red"]},
        },
    }  # fmt: skip
    assert first.row == wanted[head] and first.number == 2


@pytest.mark.parametrize("head", HEADS)
def test_json_lines_are_read_as_our_own_sets_are(head, tmp_path):
    content = (sets.FOLDER / f"{head}.jsonl").read_bytes()
    assert read(tmp_path, content, head, "MINE.JSONL").items == sets.ours(head).items


def test_a_label_may_be_said_in_words_and_a_text_may_lack_a_mask(tmp_path):
    assert read(tmp_path, "\ufeff" + CSV["sentiment"]).items[1].row["label"] == 0
    assert "answer" not in read(tmp_path, CSV["fill_mask"], "fill_mask").items[1].row


def test_lines_may_end_as_on_old_machines_and_names_may_stand_in_quotes(tmp_path):
    wanted = {"text": "Good, really.", "label": 1}
    for end in ("\r", "\r\n", "\n"):
        table = end.join(('"Text","label"', '"Good, really.",1', ""))
        (item,) = read(tmp_path, table).items
        assert item.row == wanted and item.number == 2
    assert read(tmp_path, '"text";"label"\n"Good, really.";1\n').items[0].row == wanted


BAD_TABLES = [
    ("text,lable\nGood.,1\n", "Row 1: the column 'label' is missing; found text, lable."),
    ("text,label\nGood.,2\n", "Row 2: 'label' must be 0 or 1 (positive)."),
    ("text,label\nGood.,1\n,0\n", "Row 3: 'text' must be text that is not empty."),
    ("text,label\nGood, really.,1\n", "Row 2: 3 cells, but the header names 2"),
    ('text,label\n"Good.,1\n', "Row 2: not CSV, unexpected end of data; close every quote."),
    ("text,text,label\na,b,1\n", "Row 1: the column 'text' stands there twice"),
    ('"text, with comma",label\nx,1\n', "Row 1: the column 'text' is missing"),
    ('"text"",label\nGood.,1\n', "Row 1: not CSV"),
    ("", "The file is empty"),
    ("text,label\n\n\n", "There are no rows"),
    (b"text,label\nGood.,1\nCaf\xe9.,1\n", "Row 3: byte 0xe9 is not UTF-8."),
    ("text,label\nGood.,1".encode("utf-16"), "Row 1: byte 0xff is not UTF-8."),
    (b"PK\x03\x04\x00\x00", "The file is not text"),
    ('text,label\n"=HYPERLINK(""http://x"")",1\n', "Row 2: 'text' begins like a formula"),
    ("text,label\n@SUM(A1:A9),1\n", "Row 2: 'text' begins like a formula"),
    ("text,label\n" + "x" * 60_000 + ",1\n", "Row 2: a text has 60,000 characters"),
    ("text,label\n" + "Good.,1\n" * 2_001, "more than 2,000 rows"),
    ("text,label,slice\nGood.,1," + "s" * 41 + "\n", "Row 2: 'slice' is longer"),
]


@pytest.mark.parametrize(("content", "said"), BAD_TABLES)
def test_a_bad_table_is_refused_by_row_and_reason(content, said, tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, content)
    assert said in str(refused.value) and str(refused.value).endswith(".")


def test_an_empty_choice_is_refused_and_not_skipped(tmp_path):
    table = "context,question,choices,label\nRain.,Wear?,a hat||no hat,2\n"
    with pytest.raises(InputError, match="Row 2: 'choices' must be"):
        read(tmp_path, table, "multiple_choice")


def test_a_file_of_50_megabytes_is_refused_unread(tmp_path):
    path = tmp_path / "rows.csv"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InputError, match=r"has 50\.0 MB: keep it to 5 MB"):
        upload.read_file(path, "sentiment")
    with pytest.raises(InputError, match="CSV or JSON Lines"):
        read(tmp_path, CSV["sentiment"], name="rows.xlsx")


def test_many_bad_rows_are_counted_and_the_first_named(tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, "text,label\n" + "Good.,1\nGood.,7\n" * 8)
    said = str(refused.value)
    assert [f"Row {row}:" in said for row in (3, 5, 7, 9, 11, 13)] == [True] * 5 + [False]
    assert said.endswith("And 3 more.")


BAD_ROWS = [
    ("fill_mask", {"text": "No gap.", "answer": "a"}, "'text' must hold exactly one [MASK]"),
    ("fill_mask", {"text": "A [MASK]."}, "'answer' is missing"),
    ("ner", {"tokens": ["a", "b"], "tags": ["O"]}, "2 tokens but 1 tags"),
    ("ner", {"tokens": ["a"], "tags": ["B-DOG"]}, "'B-DOG' is no tag"),
    ("multiple_choice", {"context": "", "question": "?", "choices": ["a"], "label": 0}, "2 to 8"),
    ("question_answering",
     {"context": "Red.", "question": "?", "answers": {"text": ["blue"]}}, "none of the answers"),
    ("sentiment", {"text": "half \ud83d", "label": 1}, "half of a character pair"),
    ("sentiment", {"text": "Good.", "label": True}, "'label' must be 0 or 1"),
    ("sentiment", ["Good.", 1], "a row is an object in braces, not a list"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "row", "said"), BAD_ROWS)
def test_a_bad_row_of_json_is_refused_by_number_and_reason(head, row, said, tmp_path):
    good = sets.ours(head).items[0].row
    content = f"{json.dumps(good)}\n\n{json.dumps(row)}\n"
    with pytest.raises(InputError) as refused:
        read(tmp_path, content, head, "rows.jsonl")
    assert "Row 3: " in str(refused.value) and said in str(refused.value)
    with pytest.raises(InputError, match="Row 2: "):
        upload.from_rows([good, row], head)


@pytest.mark.parametrize("line", ["{", "[" * 100_000, '{"label": ' + "9" * 5_000 + "}"])
def test_what_is_no_json_is_refused_by_row(line, tmp_path):
    with pytest.raises(InputError, match="Row 1: "):
        read(tmp_path, line, name="rows.jsonl")
