"""The accuracy section as the page calls it, its files, its links, and the endpoint's function."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from urllib.parse import parse_qs

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from demos.race import accuracy as page
from demos.race import explanations
from explain.evaluation import sets
from explain.models import HEADS
from explain.render.items import link

VISITOR = gr.Request(session_hash="someone")

ROWS = """text,label,slice
A charming and often affecting journey.,1,plain
<b>Dull</b> and far too long.,0,plain
Nobody could call it good.,0,negation
- Not one boring minute.,1,negation
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.csv"
    path.write_text(ROWS)
    return str(path)


def test_the_score_grows_and_ends_in_tables_differences_and_files(file):
    *before, last, free = page.JOB.run(VISITOR, "sentiment", "file", file, 500, "pocket")
    assert "Getting ready" in before[0][0] and "0 of 4 texts" in before[1][0]
    assert all(step[-2]["interactive"] is False for step in before)  # Start waits, Cancel does not
    verdict, score, tables, _, table, whole, row, *_ = last
    *_, start, cancel = free
    assert "of 4" in score and "negation" in tables
    assert row["visible"] and start["interactive"] and not cancel["interactive"]
    rows = list(csv.DictReader(Path(table["value"]).read_text("utf-8-sig").splitlines()))
    assert [row["row"] for row in rows] == ["2", "3", "4", "5"]
    assert rows[3]["asked"] == "'- Not one boring minute."  # else a spreadsheet would compute it
    document = json.loads(Path(whole["value"]).read_text())
    assert [one["asked"] for one in document["answers"]][3] == "- Not one boring minute."
    right = sum(one["student"]["right"] for one in document["answers"])
    assert document["student"]["right"]["count"] == right
    differing = [one["teacher"]["right"] != one["student"]["right"] for one in document["answers"]]
    assert ("McNemar" in verdict) == any(differing)
    assert document["seed"] == 0 and document["threads"] >= 1
    assert document["circumstances"]["versions"].keys() >= {"python", "torch", "transformers"}


def test_what_visitors_write_is_text_on_the_page(tmp_path):
    path = tmp_path / "mine.jsonl"
    evil = "<img src=x onerror=alert(1)> ${7*7} bad"
    rows = [{"text": f"{evil} {n}", "label": n % 2, "slice": f"<i>{n % 2}"} for n in range(4)]
    path.write_text("\n".join(map(json.dumps, rows)))
    *_, last, _ = page.JOB.run(VISITOR, "sentiment", "file", str(path), 500, "pocket")
    shown = "".join(last[:4])
    assert "<img" not in shown and "<i>0" not in shown and "${" not in shown


BAD = [
    (("sentiment", "file", None, 500), "Choose a file first"),
    (("sentiment", "official", None, 500), "SST-2 could not be read"),
    (("verbs", "ours", None, 500), "no task named 'verbs'"),
    (("ner", "theirs", None, 500), "no set named 'theirs'"),
    (("ner", "official", None, -1), "1 to 2,000 items"),
    (("sentiment", "official", None, None), "1 to 2,000 items, or 0 for all, not None"),
]


@pytest.mark.parametrize(("fields", "said"), BAD)
def test_a_refusal_is_told_and_the_button_is_free_again(fields, said):
    *_, last = page.JOB.run(VISITOR, *fields, "pocket")
    assert said.replace("'", "&#x27;") in last[0] and 'role="alert"' in last[0]
    assert last[-2]["interactive"]


def test_a_bad_file_is_told_as_soon_as_it_is_chosen(file):
    Path(file).write_text("text,lable\nGood.,1\n")
    assert "Row 1: the column" in page.checked("sentiment", "file", file)[2]
    Path(file).write_text(ROWS)
    assert "4 texts are ready" in page.checked("sentiment", "file", file)[2]
    assert page.checked("ner", "ours", file)[0]["visible"] is False


@pytest.mark.parametrize("section", [page, explanations])
def test_what_is_wrong_with_a_file_is_said_once(section, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"review": "Good.", "stars": 5}\n' * 60)
    note = page.checked("sentiment", "file", str(path))[2]
    assert note.count("is missing; found review, stars.") == 1
    fields = ["sentiment", "file", str(path), *(["ig"] if section is explanations else []), 40]
    *_, last = section.JOB.run(VISITOR, *fields, "pocket")
    assert "the reason stands below its box" in last[0] and "is missing" not in last[0]
    assert last[-2]["interactive"]


def test_the_endpoint_scores_rows_and_our_own_sets():
    rows = [{"text": "A wonderful film.", "label": 1}, {"text": "A terrible film.", "label": 0}]
    found = page.answer("sentiment", rows=rows)
    for role in ("teacher", "student"):
        accuracy = found[role]["scores"]["accuracy"]["value"]
        assert accuracy == found[role]["right"]["count"] / 2
    assert found["mcnemar"].keys() >= {"only_teacher", "only_student", "p", "verdict"}
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert page.answer("question_answering", limit=3)["items"] == 3
    with pytest.raises(gr.Error, match=r"Row 1: .*label.* must be 0 or 1"):
        page.answer("sentiment", rows=[{"text": "Good.", "label": 3}])


@pytest.mark.parametrize("head", HEADS)
def test_a_link_carries_the_fields_of_the_heads_tab(head):
    row = sets.ours(head).items[0].row
    fields = {name: values[0] for name, values in parse_qs(link(head, row, "base")[1:]).items()}
    assert fields.pop("tab") == head and fields.pop("pair") == "base"
    wanted = {
        "fill_mask": {"text", "answer"},
        "sentiment": {"text", "label"},
        "ner": {"text"},
        "multiple_choice": {"prompt", "choices", "right"},
        "question_answering": {"question", "context", "answer"},
    }
    assert fields.keys() == wanted[head] and all(fields.values())
    assert link("sentiment", {"text": "x" * 7_000, "label": 1}, "pocket") == ""


def test_a_link_gives_an_answer_that_stands_in_the_context() -> None:
    answers = {"text": ["U.S.A.", "United States"], "answer_start": [-1, 7]}
    row = {"question": "Where?", "context": "In the United States.", "answers": answers}
    assert link("question_answering", row, "pocket").endswith("&answer=United+States")


def test_evaluate_answers_over_the_web(app):
    client = Client(app, verbose=False, analytics_enabled=False)
    rows = [{"tokens": ["Jim", "Henson", "slept"], "tags": ["B-PER", "I-PER", "O"], "slice": "a"}]
    found = client.predict("ner", "ours", rows, api_name="/evaluate")
    assert found["pair"] == "pocket" and found["slices"]["a"]["student"]["total"] == 1
    assert [one["wanted"] for one in found["answers"]] == ["PER Jim Henson"]
    with pytest.raises(AppError, match="Row 1: 'tags' is missing"):
        client.predict("ner", "ours", [{"tokens": ["Jim"]}], api_name="/evaluate")
    client.close()
