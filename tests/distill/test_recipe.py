"""The whole recipe on tiny data, as its command line runs it, up to the exported pair."""

import json
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from distill import cards
from distill.__main__ import main
from distill.training import Progress
from explain.models import HEADS, multitask, stored

from .conftest import LAYERS, WIDTH

ROLES = ("teacher", "student")
NAMES = ("bert-pocket", "distilbert-pocket")


@dataclass
class Finished:
    """WORK after prepare, teacher and student, and what was seen on the way."""

    work: Path
    printed: list[str]
    steps: dict[str, list[Progress]]  # by role


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny_data, tiny_trunk):
    work = tmp_path_factory.mktemp("work")
    common = ["--data", str(tiny_data), "--work", str(work), "--preset", "smoke", "--threads", "1"]
    run = Finished(work, [], {role: [] for role in ROLES})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text, **_: run.printed.append(text))
        main(["prepare", *common, "--trunk", str(tiny_trunk)])
        for role, more in (("teacher", []), ("student", ["--layers", "1", "3", "5"])):
            patch.setattr("distill.__main__._show", run.steps[role].append)
            main([role, *common, *more])
    return run


@pytest.fixture(scope="module")
def exported(finished, tiny_data, tmp_path_factory):
    """The folder that `export` filled."""
    to = tmp_path_factory.mktemp("models")
    data, work = str(tiny_data), str(finished.work)
    main(["export", "--data", data, "--work", work, "--to", str(to), "--threads", "1"])
    return to


def test_every_command_says_what_it_wrote(finished):
    names = ("start", "teacher", "student")
    assert finished.printed == [f"wrote {finished.work / name}" for name in names]


def test_text_comes_first_and_only_the_student_has_soft_targets(finished):
    for role, steps in finished.steps.items():
        assert [step.step for step in steps] == list(range(1, 25))
        assert {step.head for step in steps[:8]} == {"fill_mask"}
        assert len({step.head for step in steps}) > 3
        assert all((step.soft != 0) == (role == "student") for step in steps)


def test_the_teachers_loss_on_text_falls(finished):
    losses = [step.hard for step in finished.steps["teacher"] if step.head == "fill_mask"]
    assert sum(losses[-3:]) < 0.95 * sum(losses[:3])


def test_the_students_distillation_losses_fall(finished):
    text = [step for step in finished.steps["student"] if step.head == "fill_mask"]
    for name in ("soft", "cosine"):
        own = [getattr(step, name) for step in text]
        assert sum(own[-3:]) < 0.5 * sum(own[:3]), name


def test_the_models_have_the_shape_of_their_family(finished):
    work = finished.work
    teacher, student = (stored.read(work / role) for role in ROLES)
    assert set(teacher) == set(student) == set(HEADS)
    assert teacher["ner"].config.model_type == "bert"
    assert student["ner"].config.model_type == "distilbert"
    assert (teacher["ner"].config.num_hidden_layers, student["ner"].config.n_layers) == (LAYERS, 3)
    assert teacher["ner"].config.hidden_size == student["ner"].config.dim == WIDTH


def test_training_moved_every_part_of_both_models(finished):
    work = finished.work
    start, teacher = (
        multitask.named_tensors(stored.read(work / name)) for name in ("start", "teacher")
    )
    still = {name for name in start if torch.equal(start[name], teacher[name])}
    assert still == set()


def test_starting_a_finished_training_again_changes_nothing(finished, tiny_data, capsys):
    work = finished.work
    before = stored.fingerprint(work / "student")
    common = ["--data", str(tiny_data), "--work", str(work), "--preset", "smoke", "--threads", "1"]
    main(["student", *common, "--layers", "1", "3", "5"])
    assert stored.fingerprint(work / "student") == before
    assert capsys.readouterr().out == f"wrote {work / 'student'}\n"


def test_both_models_are_trained_further_side_by_side_on_packed_text(
    finished, tiny_data, tmp_path, capsys
):
    common = ["--data", str(tiny_data), "--work", str(tmp_path), "--preset", "smoke"]
    text = tmp_path / "text.npz"
    main(["pack", *common, "--threads", "1"])
    assert f"wrote {text}: " in capsys.readouterr().out
    sources = [
        "--teacher",
        str(finished.work / "teacher"),
        "--from",
        str(finished.work / "student"),
    ]
    ahead = ["--seconds", "600", "--workers", "1", "--threads", "1"]
    main(["pair", *common, *sources, "--text", str(text), *ahead])
    for role in ROLES:
        recipe = json.loads((tmp_path / role / "recipe.json").read_text())
        before = json.loads((finished.work / role / "recipe.json").read_text())
        assert recipe["before"] == [before]
        assert recipe["masking"]["sentences"] > 0
        assert recipe["steps_done"] == 24
        assert (recipe["as_text"], recipe["copying"]) == ([], 0.0)
        old, new = (
            multitask.named_tensors(stored.read(f / role)) for f in (finished.work, tmp_path)
        )
        assert all(not torch.equal(old[name], new[name]) for name in old if "trunk" in name)


def test_packed_text_that_is_not_there_is_refused_in_one_sentence(finished, tiny_data, tmp_path):
    common = ["--data", str(tiny_data), "--work", str(finished.work), "--preset", "smoke"]
    with pytest.raises(SystemExit, match=r"no file .*run `python -m distill pack` first"):
        main(["teacher", *common, "--text", str(tmp_path / "none.npz"), "--threads", "1"])


def test_a_checkpoint_of_another_training_is_not_gone_on_with(finished, tiny_data):
    common = ["--data", str(tiny_data), "--work", str(finished.work), "--threads", "1"]
    before = (finished.work / "teacher" / "recipe.json").read_bytes()
    for other in (["--preset", "further"], ["--preset", "smoke", "--seed", "7"]):
        with pytest.raises(SystemExit, match=r"holds a training with another .*--work"):
            main(["teacher", *common, *other])
    assert (finished.work / "teacher" / "recipe.json").read_bytes() == before


def test_a_stored_model_can_be_trained_further(finished, tiny_data, tmp_path):
    common = ["--data", str(tiny_data), "--work", str(tmp_path), "--preset", "smoke"]
    for role in ROLES:
        source = finished.work / role
        more = ["--teacher", str(finished.work / "teacher")] if role == "student" else []
        main([role, *common, *more, "--from", str(source), "--seed", "1", "--threads", "1"])
        recipe = json.loads((tmp_path / role / "recipe.json").read_text())
        assert recipe["before"] == [json.loads((source / "recipe.json").read_text())]
        assert recipe["schedule"]["seed"] == 1
        old, new = (
            multitask.named_tensors(stored.read(f / role)) for f in (finished.work, tmp_path)
        )
        assert any(not torch.equal(old[name], new[name]) for name in old)


def test_the_recipe_is_written_beside_the_model(finished):
    recipe = json.loads((finished.work / "student" / "recipe.json").read_text())
    assert recipe["layers"] == [1, 3, 5]
    assert recipe["losses"]["temperature"] == 2.0
    assert recipe["preset"] == "smoke"
    assert recipe["sets"]["qa_tiny"] == {"head": "question_answering", "rows": 60, "share": 1.0}


def test_the_exported_pair_is_complete_and_readable_by_all(exported):
    files = {stored.TRUNK, stored.TOKENIZER, stored.CHECKSUMS, "README.md", *HEADS}
    assert {path.name for path in exported.iterdir()} == {*NAMES, "scores.json", "scores.svg"}
    for name in NAMES:
        assert {p.name for p in (exported / name).iterdir()} == files
        for path in (exported / name).rglob("*"):
            assert path.stat().st_mode & (stat.S_IROTH | stat.S_IRGRP), path
        settings = json.loads((exported / name / "ner" / "tokenizer_config.json").read_text())
        assert settings["model_max_length"] == 512
        assert not {"max_length", "stride", "truncation_strategy"} & settings.keys()


def test_the_exported_weights_are_half_precision(exported):
    report = json.loads((exported / "scores.json").read_text())
    parameters = report["models"]["teacher"]["parameters"]
    models = stored.read(exported / "bert-pocket")
    assert sum(t.numel() for t in multitask.named_tensors(models).values()) == parameters
    size = sum(path.stat().st_size for path in stored.weight_files(exported / "bert-pocket"))
    assert 2 * parameters < size < 2 * parameters + 20_000


def test_the_scores_are_those_of_the_exported_models(exported, tiny_data, capsys):
    report = json.loads((exported / "scores.json").read_text())
    assert list(report["heads"]) == list(HEADS)
    assert report["split"] == "test"
    assert report["recipe"]["student"]["layers"] == [1, 3, 5]
    teacher, student = (str(exported / name) for name in NAMES)
    folders = ["--teacher", teacher, "--student", student]
    main(["evaluate", "--data", str(tiny_data), *folders, "--threads", "1"])
    again = json.loads(capsys.readouterr().out)
    assert again["heads"] == report["heads"]


def test_a_card_can_be_written_again_from_the_scores(exported):
    path = exported / "distilbert-pocket" / "README.md"
    first = path.read_text()
    path.write_text("gone")
    main(["cards", "--to", str(exported)])
    assert path.read_text() == first


def test_exporting_what_was_not_trained_is_refused(tmp_path, tiny_data):
    with pytest.raises(SystemExit, match="run `python -m distill teacher`"):
        main(["export", "--data", str(tiny_data), "--work", str(tmp_path), "--to", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"no scores\.json"):
        main(["cards", "--to", str(tmp_path)])


def test_data_without_a_task_is_refused(tmp_path, finished):
    (tmp_path / "text_a").mkdir()
    (tmp_path / "text_a" / "train.jsonl").write_text('{"text": "Some words."}\n')
    with pytest.raises(SystemExit, match=r"sentiment_\*, ner_\*, mc_\*, qa_\*"):
        main(["teacher", "--data", str(tmp_path), "--work", str(finished.work)])


def test_a_model_is_averaged_with_what_it_was_before(finished, tiny_data, tmp_path):
    data, work, start = str(tiny_data), str(tmp_path / "on"), str(finished.work / "student")
    common = ["--data", data, "--preset", "smoke", "--threads", "1"]
    teacher = str(finished.work / "teacher")
    main(["student", *common, "--work", work, "--teacher", teacher, "--from", start, "--seed", "1"])
    after, to = f"{work}/student", tmp_path / "mean"
    main(["average", "--from", after, "--before", start, "--share", "0.25", "--work", str(to)])
    mean, new, old = (
        multitask.named_tensors(stored.read(Path(folder)))
        for folder in (to / "student", after, start)
    )
    for name, tensor in mean.items():
        expected = 0.25 * new[name] + 0.75 * old[name]
        assert torch.allclose(tensor, expected, rtol=1e-3, atol=2e-3), name
    recipe = json.loads((to / "student" / "recipe.json").read_text())
    assert recipe["averaged"] == {"share": 0.25, "trainings": 1}
    assert "25% of the new, 75% of the old" in " ".join(cards._training(recipe).split())


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--share", "1.5"], "--share is between 0 and 1, not 1.5."),
        ([], "The second model is not an earlier state of the first."),
    ],
)
def test_what_cannot_be_averaged_is_refused_in_one_sentence(finished, tmp_path, more, sentence):
    folder = str(finished.work / "teacher")
    with pytest.raises(SystemExit) as refused:
        main(["average", "--from", folder, "--before", folder, "--work", str(tmp_path), *more])
    assert sentence in str(refused.value)
