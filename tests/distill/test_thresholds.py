"""Thresholds: chosen on one half of the rows, measured on the other and on rows without answers."""

import json

import pytest

from distill import thresholds
from distill.__main__ import main
from distill.heads import question_answering, sentiment
from distill.recipe import write
from explain.models import ROLES, stored
from explain.records import InputError

from .conftest import make_teacher, rows_of, write_rows

CONTEXT = "Ada built a boat. She sailed to Malta in May. The Malta ferry sank."
FACT = "The river that crosses the old town flows to the sea in the north."


def question(context, text):
    answers = {"text": [text], "answer_start": [context.index(text)]}
    return {"context": context, "question": "Where to?", "answers": answers}


@pytest.mark.parametrize(
    ("values", "share", "least"),
    [
        ([5, 1, 4, 2, 3, 6, 7, 8, 9, 10], 0.1, 2.0),  # one of ten is below
        ([1.239, 9, 9, 9], 0.1, 1.23),  # none is, of fewer
        ([-0.119] * 20, 0.1, -0.12),  # rounded down, so that no more are below
    ],
)
def test_a_threshold_leaves_at_most_its_share_below(values, share, least):
    assert thresholds.threshold(values, share) == least
    assert sum(value < least for value in values) <= share * len(values)


def test_every_sentence_with_an_answer_is_taken_out():
    kinds = question_answering.doubtful([question(CONTEXT, "Malta")], None, "validation", 9)
    assert [row["context"] for row in kinds[question_answering.REMOVED]] == ["Ada built a boat."]


def test_a_context_that_is_all_answer_has_no_rest():
    rows = [question("She sailed to Malta.", "Malta"), question("He went to Rome.", "Rome")]
    kinds = question_answering.doubtful(rows, None, "validation", 9)
    assert kinds[question_answering.REMOVED] == []
    exchanged = [row["context"] for row in kinds[question_answering.EXCHANGED]]
    assert exchanged == ["He went to Rome.", "She sailed to Malta."]


def test_another_paragraph_with_the_answer_in_it_is_left_out():
    rows = [question(CONTEXT, "Malta"), question("Malta is warm. May is dry.", "May")]
    kinds = question_answering.doubtful(rows, None, "validation", 9)
    assert kinds[question_answering.EXCHANGED] == []


def test_neutral_texts_are_the_first_sentences_of_reference_works(tmp_path):
    rows = [{"text": f"{FACT} It is long."}, {"text": "Too short. " + FACT}]
    write_rows(tmp_path / "text_wikipedia" / "validation.jsonl", rows)
    write_rows(tmp_path / "text_novels" / "validation.jsonl", [{"text": FACT}])
    assert sentiment.doubtful([], tmp_path, "validation", 9) == {
        sentiment.NEUTRAL: [{"text": FACT}]
    }


@pytest.fixture
def models(tmp_path, tokenizer):
    for name in ("bert-pocket", "distilbert-pocket"):
        write(make_teacher(), tokenizer, tmp_path / "models" / name)
    return tmp_path / "models"


def test_the_command_writes_the_rates_and_the_weights_they_are_of(models, tmp_path, capsys):
    data = tmp_path / "data"
    write_rows(data / "qa_x" / "validation.jsonl", rows_of("question_answering", 30))
    write_rows(data / "qa_y" / "validation.jsonl", [question(CONTEXT, "Malta")] * 4)
    write_rows(data / "sentiment_x" / "validation.jsonl", rows_of("sentiment", 40))
    write_rows(data / "text_openstax" / "validation.jsonl", [{"text": FACT}] * 3)
    main(
        ["thresholds", "--data", str(data), "--to", str(models), "--limit", "20", "--threads", "1"]
    )
    report = json.loads((models / thresholds.THRESHOLDS).read_text())
    assert (report["split"], report["limit"], report["data"]) == ("validation", 20, "data")
    assert set(report["weights"]) == {"bert-pocket", "distilbert-pocket"}
    for head, answered, others in (("question_answering", 12, 2), ("sentiment", 10, 1)):
        for role in ROLES:
            entry = report["heads"][head][role]
            assert entry["chosen_on"] == answered
            assert entry["below"][0]["n"] == answered
            assert len(entry["below"]) == 1 + others
            assert all(s["low"] <= s["value"] <= s["high"] for s in entry["below"])
            assert entry["below"][0]["value"] < 0.6
    assert "question_answering, student" in capsys.readouterr().out


def test_data_without_rows_that_have_no_answer_is_refused(models, tmp_path):
    write_rows(tmp_path / "data" / "sentiment_x" / "validation.jsonl", rows_of("sentiment", 8))
    write_rows(tmp_path / "data" / "text_x" / "validation.jsonl", [{"text": FACT}])
    with pytest.raises(SystemExit, match="holds no sentences of encyclopedias"):
        main(["thresholds", "--data", str(tmp_path / "data"), "--to", str(models)])


def test_a_checksum_changes_with_the_weights(models):
    before = thresholds.checksum(models / "bert-pocket")
    sums = models / "bert-pocket" / stored.CHECKSUMS
    sums.write_text(sums.read_text() + "0" * 64 + "  more\n")
    assert thresholds.checksum(models / "bert-pocket") != before


def test_thresholds_without_data_are_refused(models, tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        thresholds.report({}, {}, tmp_path / "none", 3)
