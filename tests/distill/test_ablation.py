"""The ablation: what is left out of each student, what is not done twice, and its table."""

import json
from dataclasses import replace

import pytest
import torch

from distill import ablation
from distill.ablation import VARIANTS, as_text, report, result_path, run, shortened, table
from distill.presets import PRESETS
from distill.recipe import Job, write
from explain.models import multitask
from explain.records import InputError

from .conftest import make_teacher


@pytest.fixture
def job(tmp_path, tiny_data, tokenizer):
    write(make_teacher(), tokenizer, tmp_path / "teacher")
    return Job(tiny_data, tmp_path, "smoke")


def test_every_variant_lacks_one_part_and_no_more():
    whole, *others = VARIANTS
    assert whole.copied
    lacking = {}
    for variant in others:
        names = whole.losses.__dataclass_fields__
        lacking[variant.name] = {
            name for name in names if getattr(variant.losses, name) != getattr(whole.losses, name)
        }
        assert all(getattr(variant.losses, name) == 0 for name in lacking[variant.name])
    assert lacking == {
        "without L_ce": {"soft", "task_soft"},
        "without L_mlm": {"hard"},
        "without L_cos": {"cosine", "task_cosine"},
        "random initialisation": set(),
    }
    assert [v.name for v in VARIANTS if not v.copied] == ["random initialisation"]


def test_runs_are_scored_once_and_leave_only_their_scores(job, monkeypatch):
    monkeypatch.setattr(ablation, "VARIANTS", (VARIANTS[0], VARIANTS[4]))
    steps = list(run(job, [3], steps=2, limit=3))
    assert [step.step for step in steps] == [1, 2, 1, 2]
    folder = job.work / "ablation"
    assert sorted(path.name for path in folder.iterdir()) == [
        "random-initialisation-3.json",
        "settings.json",
        "whole-recipe-3.json",
    ]
    assert list(run(job, [3], steps=2, limit=3)) == []
    with pytest.raises(InputError, match="another budget"):
        next(run(replace(job, budget=99), [3], steps=2, limit=3))
    result_path(job.work, VARIANTS[4], 3).unlink()
    assert len(list(run(job, [3], steps=2, limit=3))) == 2
    told = report(job, [3], steps=2, limit=3)
    rows = told["rows"]
    assert rows == table(job.work, [3])
    assert (told["steps"], told["limit"], told["split"]) == (2, 3, "validation")
    assert [row["variant"] for row in rows] == ["whole recipe", "random initialisation"]
    assert rows[0]["change"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_runs_made_with_other_settings_are_not_mixed(job, monkeypatch):
    monkeypatch.setattr(ablation, "VARIANTS", VARIANTS[:1])
    assert list(run(job, [3], steps=1, limit=3))
    with pytest.raises(InputError, match="another steps and limit: choose another --work"):
        list(run(job, [4], steps=2, limit=4))
    assert [step.step for step in run(job, [4], steps=1, limit=3)] == [1]


def test_students_start_as_their_variant_says():
    teacher = make_teacher()
    words = "trunk.embeddings.word_embeddings.weight"
    theirs = multitask.named_tensors(teacher)[words]
    copied = ablation._start(VARIANTS[0], teacher, 0)
    assert torch.equal(multitask.named_tensors(copied)[words], theirs)
    first, same, other = (
        multitask.named_tensors(ablation._start(VARIANTS[4], teacher, seed))[words]
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert not torch.equal(first, theirs)


def test_a_short_student_reads_the_same_share_of_text():
    schedule = shortened(PRESETS["pocket"].student, 200, seed=4)
    long = PRESETS["pocket"].student
    assert (schedule.steps, schedule.seed) == (200, 4)
    assert schedule.text_steps / 200 == pytest.approx(long.text_steps / long.steps, abs=0.01)


def test_the_table_compares_runs_of_the_same_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(ablation, "VARIANTS", VARIANTS[:2])
    scores = {("whole recipe", 0): (0.90, 0.70), ("whole recipe", 1): (0.80, 0.60),
              ("without L_ce", 0): (0.88, 0.66), ("without L_ce", 1): (0.79, 0.55)}  # fmt: skip
    (tmp_path / "ablation").mkdir()
    for (name, seed), (accuracy, f1) in scores.items():
        variant = next(v for v in VARIANTS if v.name == name)
        heads = {"sentiment": {"accuracy": accuracy}, "ner": {"f1": f1}}
        report = {"heads": {head: {"mean": {"student": own}} for head, own in heads.items()}}
        result_path(tmp_path, variant, seed).write_text(json.dumps(report))
    whole, without = table(tmp_path, [0, 1])
    assert whole["mean"] == pytest.approx(75.0)
    assert without["mean"] == pytest.approx(72.0)
    # Seed 0: 77 for 80, seed 1: 67 for 70.
    assert without["change"]["value"] == pytest.approx(-3.0)
    assert without["change"]["low"] == pytest.approx(-3.0)
    assert without["change"]["high"] == pytest.approx(-3.0)
    assert without["heads"] == {"sentiment": pytest.approx(83.5), "ner": pytest.approx(60.5)}
    lines = as_text([whole, without]).splitlines()
    assert len(lines) == 3
    assert "without L_ce" in lines[2] and "-3.00" in lines[2]
