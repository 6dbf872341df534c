"""What holds the teacher back: three regimes to train it further, and their table."""

import json

import pytest

from distill import limits
from distill.batches import Stream
from distill.limits import HALF, REGIMES, SHARED, as_text, report, result_path, run, table
from distill.presets import PRESETS
from distill.recipe import Job, write
from explain.models import HEADS
from explain.records import InputError

from .conftest import make_teacher, rows_of


@pytest.fixture
def job(tmp_path, tiny_data, tokenizer):
    write(make_teacher(), tokenizer, tmp_path / "teacher")
    return Job(tiny_data, tmp_path, "smoke", seed=3)


def test_every_task_is_trained_with_the_others_and_alone():
    assert REGIMES[0] is SHARED and SHARED.heads == tuple(HEADS)
    alone = [regime for regime in REGIMES if regime.name == "alone"]
    assert [regime.heads for regime in alone] == [(head,) for head in HEADS]
    assert all(regime.rows == 1.0 for regime in alone)
    assert (
        {regime.heads[0] for regime in REGIMES if regime.rows == 0.5}
        == set(HALF)
        == {*HEADS} - {"fill_mask"}
    )


def test_each_task_takes_as_many_steps_in_every_way_and_is_scored_once(job, monkeypatch):
    regimes = (SHARED, next(w for w in REGIMES if w.heads == ("ner",)))
    monkeypatch.setattr(limits, "REGIMES", regimes)
    steps = [(step.step, step.steps, step.head) for step in run(job, job.work / "teacher", 2, 3)]
    assert [number for number, *_ in steps] == [*range(1, 11), 1, 2]
    assert {total for _, total, _ in steps[:10]} == {10}
    assert [head for *_, head in steps[10:]] == ["ner", "ner"]
    assert sorted(path.name for path in (job.work / "limits").iterdir()) == [
        "alone-ner.json",
        "settings.json",
        "shared.json",
        "start.json",
    ]
    assert list(run(job, job.work / "teacher", 2, 3)) == []
    with pytest.raises(InputError, match="another steps"):
        list(run(job, job.work / "teacher", 3, 3))
    told = report(job, job.work / "teacher", 2, 3)
    assert told["rows"] == table(job.work) and told["seed"] == job.seed == 3
    assert [row["head"] for row in told["rows"]] == list(HEADS)
    assert [row["head"] for row in told["rows"] if "alone" in row] == ["ner"]
    assert all({"before", "shared", "n"} <= row.keys() for row in told["rows"])
    assert as_text(told["rows"]).count("\n") == len(HEADS)


def test_half_of_a_set_is_half_of_its_rows_the_same_every_time(tokenizer):
    rows = {"ner_tiny": rows_of("ner", 20)}
    stream = Stream("ner", rows, tokenizer, 256, 0, PRESETS["smoke"].limits)
    first, again, other = (limits._part(stream, 0.5, seed) for seed in (1, 1, 2))
    assert len(first.rows["ner_tiny"]) == 10
    assert all(row in rows["ner_tiny"] for row in first.rows["ner_tiny"])
    assert first.rows == again.rows != other.rows
    assert limits._part(stream, 1.0, 1).rows == rows


def test_the_table_reads_what_was_scored(tmp_path):
    (tmp_path / "limits").mkdir()
    start = {head: {"value": 50.0, "n": 10} for head in HEADS}
    (tmp_path / "limits" / "start.json").write_text(json.dumps(start))
    for number, regime in enumerate(REGIMES):
        found = {head: {"value": 60.0 + number, "n": 10} for head in regime.heads}
        result_path(tmp_path, regime).write_text(json.dumps(found))
    rows = {row["head"]: row for row in table(tmp_path)}
    assert rows["fill_mask"] == {
        "head": "fill_mask", "metric": "top5", "n": 10, "before": 50.0, "shared": 60.0,
        "alone": 61.0 + list(HEADS).index("fill_mask"),
    }  # fmt: skip
    assert rows["ner"]["half"] == 66.0 + HALF.index("ner")
