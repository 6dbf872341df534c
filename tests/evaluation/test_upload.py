"""A visitor's own rows: good ones of every head are read, bad ones refused by row and reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explain.evaluation import sets, upload
from explain.models import HEADS
from explain.records import InputError
from tests.bad_inputs import BAD_ROWS, named

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
    ("text,label\n" + "x" * 60_000 + ",1\n", "Row 2: a text has 60,000 characters"),
    ("text,label\n" + "Good.,1\n" * 2_001, "more than 2,000 rows"),
    ("text,label,slice\nGood.,1," + "s" * 41 + "\n", "Row 2: 'slice' is longer"),
]


@pytest.mark.parametrize(("content", "said"), BAD_TABLES)
def test_a_bad_table_is_refused_by_row_and_reason(content, said, tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, content)
    assert said in str(refused.value) and str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "text",
    ["=) loved every minute", "@SUM(A1:A9)", "-40 degrees", "+1 for this film", "= Early life ="],
)
def test_a_cell_that_begins_like_a_formula_is_read_as_text(text, tmp_path):
    (item,) = read(tmp_path, f"text,label\n{text},1\n").items
    assert item.row["text"] == text


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


def test_rows_of_one_fault_are_named_together(tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, "text,label\n" + "Good.,1\nGood.,7\n" * 8)
    said = str(refused.value)
    assert said.startswith("Nothing was read. Rows 3, 5, 7, 9, 11 and 3 more: 'label' ")
    assert said.count("'label'") == 1 and "And" not in said


def test_the_first_faults_are_named_and_rows_of_the_others_are_counted(tmp_path):
    rows = "".join(f'{{"text": "{"x" * n}", "label": {n}}}\n' for n in (0, 9))
    others = "".join(f"[{'[' * n}{']' * n}]\n{{broken{' ' * n}\n" for n in range(4))
    slices = "".join(f'{{"text": "x", "label": 0, "{key}": 0}}\n' for key in "ab")
    long = f'{{"text": "x", "label": 0, "slice": "{"s" * 50}"}}\n'
    with pytest.raises(InputError) as refused:
        read(tmp_path, rows + others + slices + long, name="rows.jsonl")
    said = str(refused.value)
    assert "Row 1: " in said and "Row 2: " in said and "Rows 3, 5, 7 and 9: a row is an" in said
    assert said.count(": not JSON") == 1 and "'slice' is longer" in said


WRONG_KEYS = [
    ("sentiment", {"review": "Good.", "stars": 5}, "'text' is missing; found review, stars."),
    ("sentiment", {"text": "Good."}, "'label' is missing; found text. Name the keys text, label."),
    ("ner", {"words": ["Ada"], "tags": ["B-PER"]}, "'tokens' is missing; found words, tags."),
    ("multiple_choice", {}, "'context' is missing; found none."),
    ("question_answering", {"context": "x", "question": "y", "answer": "x"}, "found context, "),
    ("fill_mask", {"<b>": 1}, "'text' is missing; found <b>. Name the keys text."),
]


@pytest.mark.parametrize(("head", "row", "sentence"), WRONG_KEYS)
def test_wrong_keys_of_every_row_are_one_error(head, row, sentence, tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, f"{json.dumps(row)}\n" * 60, head, "rows.jsonl")
    said = str(refused.value)
    assert (
        said.startswith("Nothing was read. Rows 1, 2, 3, 4, 5 and 55 more: ") and sentence in said
    )
    assert said.count("is missing") == 1


@pytest.mark.parametrize("bad", BAD_ROWS, ids=named)
def test_a_bad_row_of_json_is_refused_by_number_and_reason(bad, tmp_path):
    head, row, sentence = bad
    good = sets.ours(head).items[0].row
    content = f"{json.dumps(good)}\n\n{json.dumps(row)}\n"
    with pytest.raises(InputError) as refused:
        read(tmp_path, content, head, "rows.jsonl")
    assert "Row 3: " in str(refused.value) and sentence in str(refused.value)
    with pytest.raises(InputError, match="Row 2: "):
        upload.from_rows([good, row], head)


@pytest.mark.parametrize("line", ["{", "[" * 100_000, '{"label": ' + "9" * 5_000 + "}"])
def test_what_is_no_json_is_refused_by_row(line, tmp_path):
    with pytest.raises(InputError, match="Row 1: "):
        read(tmp_path, line, name="rows.jsonl")


@pytest.mark.parametrize("start", ["sep=;\r\n", "SEP=;\n", "\ufeffsep=;\n"])
def test_a_first_line_that_excel_writes_names_the_separator(start, tmp_path):
    (item,) = read(tmp_path, f"{start}text;label\nGood, really.;1\n").items
    assert (item.row["text"], item.row["label"]) == ("Good, really.", 1)


@pytest.mark.parametrize("header", ['"text\n",label', '"te\nxt",label', '"\ntext ",LABEL'])
def test_a_header_cell_may_hold_a_line_break_around_its_name(header, tmp_path):
    if "te\nxt" in header:
        with pytest.raises(InputError, match="the column 'text' is missing; found te xt"):
            read(tmp_path, f"{header}\nGood.,1\n")
    else:
        assert read(tmp_path, f"{header}\nGood.,1\n").items[0].row["text"] == "Good."


@pytest.mark.parametrize("label", ["POSITIVE", " positive ", "Positive", "1", " 1"])
def test_a_label_is_read_in_any_spelling(label, tmp_path):
    assert read(tmp_path, f"text,label\nGood.,{label}\n").items[0].row["label"] == 1


@pytest.mark.parametrize("answer", ["New York", "two words", "a b c"])
def test_an_answer_of_several_words_cannot_stand_in_one_gap(answer, tmp_path):
    with pytest.raises(InputError, match=r"\[MASK\] stands for one"):
        read(tmp_path, f"text,answer\nShe lives in [MASK].,{answer}\n", "fill_mask")
