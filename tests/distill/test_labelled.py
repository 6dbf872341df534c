"""Which sets a folder holds, and what is said of a row that cannot be used."""

import gzip
import json

import pytest

from distill.labelled import chosen, find_sets, item_of
from explain.evaluation.lines import read_lines
from explain.records import InputError

from .conftest import rows_of, write_rows

GOOD = {
    "sentiment": {"text": "Good.", "label": 1},
    "ner": {"tokens": ["Jim"], "tags": ["B-PER"]},
    "multiple_choice": {"context": "", "question": "Why?", "choices": ["a", "b"], "label": 0},
    "question_answering": {"context": "It is.", "question": "Is it?", "answers": {"text": ["It"]}},
    "fill_mask": {"text": "Some text."},
}


def only_line(tmp_path, row):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n" + (row if isinstance(row, str) else json.dumps(row)) + "\n")
    (line,) = read_lines(path)
    return line


def found(folder, **options):
    return {
        one.name: (one.head, [f.name for f in one.files]) for one in find_sets(folder, **options)
    }


def test_a_folder_of_sub_folders(tmp_path):
    rows = {"sentiment_a": "sentiment", "text_b": "fill_mask", "odd": "ner"}
    for name, head in rows.items():
        write_rows(tmp_path / name / "train.jsonl.gz", rows_of(head, 2))
        write_rows(tmp_path / name / "validation.jsonl.gz", rows_of(head, 2))
    write_rows(tmp_path / "sentiment_a" / "test.jsonl.gz", rows_of("sentiment", 2))
    write_rows(tmp_path / "odd" / "test-00.jsonl", rows_of("ner", 2))
    write_rows(tmp_path / "odd" / "test-01.jsonl.gz", rows_of("ner", 2))
    write_rows(tmp_path / "odd" / "testimony.jsonl", rows_of("ner", 2))
    assert found(tmp_path) == {
        "sentiment_a": ("sentiment", ["test.jsonl.gz"]),
        "text_b": ("fill_mask", ["validation.jsonl.gz"]),  # text has no test rows
        "odd": ("ner", ["test-00.jsonl", "test-01.jsonl.gz"]),
    }
    assert found(tmp_path, split="train", head="ner") == {"odd": ("ner", ["train.jsonl.gz"])}
    assert list(found(tmp_path, split="validation")) == ["odd", "sentiment_a", "text_b"]


def test_a_flat_folder(tmp_path):
    write_rows(tmp_path / "mine.jsonl", rows_of("multiple_choice", 2))
    write_rows(tmp_path / "yours.jsonl.gz", rows_of("question_answering", 2))
    (tmp_path / "notes.txt").write_text("not rows")
    assert found(tmp_path) == {
        "mine": ("multiple_choice", ["mine.jsonl"]),
        "yours": ("question_answering", ["yours.jsonl.gz"]),
    }


def test_files_of_a_split_that_have_names_are_sets_of_their_own(tmp_path):
    write_rows(tmp_path / "test_names.jsonl", rows_of("ner", 2))
    write_rows(tmp_path / "test_moods.jsonl", rows_of("sentiment", 2))
    assert found(tmp_path) == {
        "test_moods": ("sentiment", ["test_moods.jsonl"]),
        "test_names": ("ner", ["test_names.jsonl"]),
    }


def test_one_set_alone(tmp_path):
    folder = tmp_path / "sentiment_x"
    write_rows(folder / "train.jsonl", rows_of("sentiment", 2))
    write_rows(folder / "test.jsonl", rows_of("sentiment", 2))
    assert found(folder) == {"sentiment_x": ("sentiment", ["test.jsonl"])}


@pytest.mark.parametrize("head", GOOD)
def test_the_head_is_told_by_the_keys_of_the_first_row(head, tmp_path):
    write_rows(tmp_path / "any.jsonl", [GOOD[head] | {"source": "x"}])
    assert found(tmp_path)["any"][0] == head
    assert item_of(only_line(tmp_path, GOOD[head]), head).row == GOOD[head]


def test_the_name_tells_the_head_where_the_keys_do_not(tmp_path):
    write_rows(tmp_path / "sentiment.jsonl", [{"text_of_review": "Good.", "label": 1}])
    (data,) = find_sets(tmp_path)
    assert data.head == "sentiment"
    with pytest.raises(InputError, match=r"sentiment.jsonl, line 1: 'text' is missing\."):
        item_of(next(chosen(data, None)), data.head)


def test_a_limit_draws_from_the_whole_set_and_keeps_its_order(tmp_path):
    for part in range(2):
        write_rows(
            tmp_path / "x" / f"test-{part}.jsonl",
            [{"text": f"{100 * part + n}"} for n in range(100)],
        )
    (data,) = find_sets(tmp_path)
    drawn = [int(json.loads(line.text)["text"]) for line in chosen(data, 20)]
    assert len(drawn) == 20
    assert drawn == sorted(drawn)
    assert drawn[0] < 100 <= drawn[-1]
    assert drawn == [int(json.loads(line.text)["text"]) for line in chosen(data, 20)]
    assert len(list(chosen(data, 500))) == len(list(chosen(data, None))) == 200


@pytest.mark.parametrize(
    ("head", "change", "fault"),
    [
        ("sentiment", {"label": 2}, "'label' must be 0 or 1"),
        ("sentiment", {"label": "1"}, "'label' must be 0 or 1"),
        ("sentiment", {"label": True}, "'label' must be 0 or 1"),
        ("sentiment", {"text": "  "}, "'text' must be text"),
        ("ner", {"tags": ["B-PER", "O"]}, "1 tokens but 2 tags"),
        ("ner", {"tags": ["B-DATE"]}, "'B-DATE' is no tag"),
        ("ner", {"tokens": [], "tags": []}, "'tokens' and 'tags'"),
        ("multiple_choice", {"choices": ["a"]}, "2 to 8"),
        ("multiple_choice", {"choices": list("abcdefghi")}, "2 to 8"),
        ("multiple_choice", {"choices": ["a", ""]}, "none empty"),
        ("multiple_choice", {"label": 2}, "0 to 1"),
        ("multiple_choice", {"label": -1}, "0 to 1"),
        ("multiple_choice", {"question": ""}, "one of them not empty"),
        ("question_answering", {"answers": {"text": []}}, "at least one answer"),
        ("question_answering", {"answers": ["It"]}, "at least one answer"),
        ("question_answering", {"question": 3}, "'context' and 'question'"),
        ("fill_mask", {"text": None}, "'text' must be text"),
        ("fill_mask", {"answer": ""}, "'answer' must be one word"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(head, change, fault, tmp_path):
    line = only_line(tmp_path, GOOD[head] | change)
    with pytest.raises(InputError) as caught:
        item_of(line, head)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'rows.jsonl'}, line 2: ")
    assert fault in message
    assert message.endswith(".") and "\n" not in message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON"),
        ("[1]", "not a list"),
        ('{"text": "a"', "not JSON"),
        ("NaN", "not a number"),
    ],
)
def test_a_line_that_is_no_row_is_named(text, fault, tmp_path):
    with pytest.raises(InputError, match=f"line 2: .*{fault}"):
        item_of(only_line(tmp_path, text), "fill_mask")


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "\xff"}\n')
    with pytest.raises(InputError, match=r"a\.jsonl cannot be read"):
        find_sets(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n')[:-6])
    with pytest.raises(InputError, match=r"b\.jsonl\.gz cannot be read"):
        list(chosen(find_sets(tmp_path)[0], None))
    (tmp_path / "b.jsonl.gz").write_bytes(b"no gzip at all")
    with pytest.raises(InputError, match=r"b\.jsonl\.gz cannot be read"):
        find_sets(tmp_path)


def test_an_empty_place_is_named(tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        find_sets(tmp_path / "absent")
    with pytest.raises(InputError, match="holds no rows of the test split"):
        find_sets(tmp_path)
    write_rows(tmp_path / "a.jsonl", rows_of("ner", 1))
    with pytest.raises(InputError, match="holds no sentiment rows"):
        find_sets(tmp_path, head="sentiment")
    (tmp_path / "b.jsonl").write_text("\n")
    with pytest.raises(InputError, match=r"b\.jsonl has no rows"):
        find_sets(tmp_path)
    (tmp_path / "b.jsonl").write_text('{"sentence": "x"}\n')
    with pytest.raises(InputError, match="those of no task"):
        find_sets(tmp_path)
