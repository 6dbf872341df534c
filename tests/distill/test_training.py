"""The training loop: its order, its rates, its checkpoints."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from distill.batches import Limits, Stream
from distill.precision import best_device, has_bfloat16
from distill.student import copy_layers
from distill.training import (
    LossWeights,
    Schedule,
    rate_at,
    task_of_step,
    train,
)
from explain.models import multitask

from .conftest import make_teacher, rows_of

SHARES = (("fill_mask", 0.5), ("sentiment", 0.25), ("ner", 0.25))
FAST = Schedule(steps=7, text_steps=2, shares=SHARES, trunk_rate=1e-3, head_rate=1e-2)


@pytest.fixture
def streams_of(tokenizer):
    def make(budget=150):
        return {
            head: Stream(head, {"own": rows_of(head, 20)}, tokenizer, budget, 0, Limits())
            for head, _ in SHARES
        }

    return make


def snapshot(models):
    return {name: t.detach().clone() for name, t in multitask.named_tensors(models).items()}


def differing(one, other):
    return [name for name in one if not torch.equal(one[name], other[name])]


@pytest.mark.parametrize(("distilled", "dropout"), [(False, 0.0), (False, 0.1), (True, 0.0)])
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(distilled, dropout, streams_of, tmp_path):
    schedule = replace(FAST, dropout=dropout)

    def run(folder, until=None):
        teacher = make_teacher()
        models = copy_layers(teacher) if distilled else make_teacher()
        steps = []
        for progress in train(
            models, streams_of(), schedule, folder, teacher if distilled else None, save_every=3
        ):
            steps.append((progress.step, progress.head, progress.loss, progress.cosine))
            if progress.step == until:
                break
        return models, steps

    whole, steps = run(tmp_path / "whole")
    _, before = run(tmp_path / "killed", until=5)
    resumed, after = run(tmp_path / "killed")
    assert [step for step, *_ in after] == [4, 5, 6, 7]  # from the checkpoint of step 3
    assert before == steps[:5]
    assert after == steps[3:]
    assert differing(snapshot(whole), snapshot(resumed)) == []
    fresh = copy_layers(make_teacher()) if distilled else make_teacher()
    assert differing(snapshot(whole), snapshot(fresh)) != []


def test_a_finished_run_takes_no_further_step(streams_of, tmp_path):
    models = make_teacher()
    assert len(list(train(models, streams_of(), FAST, tmp_path))) == 7
    done = snapshot(models)
    again = make_teacher()
    assert list(train(again, streams_of(), FAST, tmp_path)) == []
    assert differing(done, snapshot(again)) == []


def test_training_changes_the_student_and_never_the_teacher(streams_of, tmp_path):
    teacher = make_teacher()
    student = copy_layers(teacher)
    theirs, own = snapshot(teacher), snapshot(student)
    list(train(student, streams_of(), FAST, tmp_path, teacher))
    assert differing(theirs, snapshot(teacher)) == []
    changed = differing(own, snapshot(student))
    assert "trunk.transformer.layer.1.ffn.lin1.weight" in changed
    assert "ner.classifier.weight" in changed
    assert "question_answering.qa_outputs.weight" not in changed  # no batch of that task


def test_a_teacher_trained_beside_its_student_ends_as_if_it_were_alone(streams_of, tmp_path):
    alone, teacher = make_teacher(), make_teacher()
    student, fixed = copy_layers(teacher), copy_layers(teacher)
    list(train(alone, streams_of(), FAST, tmp_path / "alone"))
    together = train(student, streams_of(), FAST, tmp_path / "pair", teacher, teacher_schedule=FAST)
    assert all(progress.soft > 0 for progress in list(together)[1:])
    assert differing(snapshot(alone), snapshot(teacher)) == []
    list(train(fixed, streams_of(), FAST, tmp_path / "fixed", make_teacher()))
    assert differing(snapshot(fixed), snapshot(student)) != []  # it followed the teacher


def test_a_pair_that_was_killed_ends_as_if_it_had_not_been(streams_of, tmp_path):
    def run(folder, until=None):
        teacher = make_teacher()
        student = copy_layers(teacher)
        for progress in train(
            student, streams_of(), FAST, folder, teacher, teacher_schedule=FAST, save_every=2
        ):
            if progress.step == until:
                break
        return snapshot(teacher), snapshot(student)

    whole = run(tmp_path / "whole")
    run(tmp_path / "killed", until=5)
    resumed = run(tmp_path / "killed")
    assert all(differing(a, b) == [] for a, b in zip(whole, resumed, strict=True))


def test_a_run_bounded_by_seconds_ends_early_at_a_rate_of_nearly_zero(
    streams_of, tmp_path, monkeypatch
):
    clock = SimpleNamespace(perf_counter=itertools.count(step=0.05).__next__)
    monkeypatch.setattr("distill.training.time", clock)
    schedule = Schedule(steps=100_000, text_steps=0, shares=SHARES, warmup=0.0)
    steps = list(train(make_teacher(), streams_of(), schedule, tmp_path, seconds=0.5))
    assert 1 < len(steps) <= 10
    assert 0.5 <= steps[-1].seconds < 0.7
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["step"] == len(steps)
    rates = [group["lr"] / group["peak"] for group in state["optimizer"]["param_groups"]]
    assert max(rates) < 1e-4
    again = list(train(make_teacher(), streams_of(), schedule, tmp_path, seconds=0.5))
    assert len(again) <= 1  # the seconds of the first run count


def test_both_losses_fall(streams_of, tmp_path):
    schedule = Schedule(steps=30, text_steps=0, shares=SHARES, trunk_rate=2e-3, head_rate=1e-2)
    teacher = make_teacher()
    losses = {head: [] for head, _ in SHARES}
    for progress in train(teacher, streams_of(300), schedule, tmp_path / "teacher"):
        losses[progress.head].append(progress.hard)
    for head, own in losses.items():
        assert sum(own[-3:]) < 0.9 * sum(own[:3]), head
    soft = []
    text = Schedule(steps=10, text_steps=10, shares=SHARES, trunk_rate=2e-3)
    student = copy_layers(teacher)
    for progress in train(student, streams_of(300), text, tmp_path / "student", teacher):
        soft.append(progress.soft)
    assert sum(soft[-3:]) < 0.9 * sum(soft[:3])


def test_a_student_that_equals_its_teacher_has_nothing_to_copy(streams_of, tmp_path):
    """The text has one segment, so a student with every layer says what its teacher says."""
    teacher = make_teacher()
    student = copy_layers(teacher, tuple(range(6)))
    text = Schedule(steps=1, text_steps=1, shares=SHARES)
    (progress,) = train(student, streams_of(), text, tmp_path, teacher, LossWeights(hard=0.0))
    rounding = 1e-3 if has_bfloat16(best_device()) else 1e-6
    assert progress.soft < rounding
    assert progress.cosine < rounding
    assert progress.hard > 1.0
    assert progress.loss == pytest.approx(5 * progress.soft + progress.cosine, abs=1e-9)


def test_the_rate_rises_then_falls():
    schedule = Schedule(steps=100, text_steps=0, shares=SHARES, warmup=0.1)
    rates = [rate_at(schedule, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == pytest.approx(1.0)
    assert max(rates) == pytest.approx(1.0)
    assert rates[99] == pytest.approx(1 / 91)
    assert rates[:10] == sorted(rates[:10])
    assert rates[9:] == sorted(rates[9:], reverse=True)


def test_the_peak_rate_can_be_held():
    schedule = Schedule(steps=100, text_steps=0, shares=SHARES, warmup=0.1, hold=0.5)
    rates = [rate_at(schedule, step) for step in range(100)]
    assert rates[9:50] == pytest.approx([1.0] * 41)
    assert rates[99] == pytest.approx(1 / 51)
    assert rate_at(schedule, 74.5) == pytest.approx(0.5)


def test_text_comes_first_then_tasks_by_their_shares():
    schedule = Schedule(steps=4000, text_steps=100, shares=SHARES)
    heads = [task_of_step(schedule, step) for step in range(4000)]
    assert set(heads[:100]) == {"fill_mask"}
    assert heads[100:].count("sentiment") / 3900 == pytest.approx(0.25, abs=0.03)
    assert heads == [task_of_step(schedule, step) for step in range(4000)]
    other = Schedule(steps=4000, text_steps=100, shares=SHARES, seed=1)
    assert heads != [task_of_step(other, step) for step in range(4000)]


def test_a_checkpoint_that_was_cut_off_is_not_taken_up(streams_of, tmp_path):
    (tmp_path / "checkpoint.partial").write_bytes(b"half of a file")
    steps = [p.step for p in train(make_teacher(), streams_of(), FAST, tmp_path)]
    assert steps == list(range(1, 8))
