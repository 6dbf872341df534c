"""Short live trainings of the real pocket pair: learning, waiting, pausing, leaving, download."""

from __future__ import annotations

import threading
import zipfile
from contextlib import closing

import pytest
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from distill.live import heads, slot
from distill.live.control import Control, begin, end, find, take
from distill.live.download import FOLDER, write_zip
from distill.live.learner import Learner
from distill.live.run import follow
from distill.live.start import new_student
from distill.live.transfer import TransferSet, sentences
from distill.live.untrained import examination, outcome_logits, untrained
from explain.distillation import records
from explain.distillation.records import LiveSettings, Weights
from explain.models import load
from explain.records import InputError

SENTENCE = "Marta Silva left Siemens in Lisbon."


def settings(**changes):
    plain = {
        "head": "ner", "layers": (0, 2, 5), "weights": Weights(), "rate": 3e-4, "seed": 0,
        "seconds": 300, "rival": "", "sentence": SENTENCE,
    }  # fmt: skip
    return LiveSettings(**plain | changes)


def until(states, reached):
    """The first state that fits, with its training."""
    return next((state, training) for state, training in states if reached(state))


def trains(state):
    return state.phase == records.TRAINING


def working():
    return [thread for thread in threading.enumerate() if thread.name == "live distillation"]


def test_a_student_learns_and_is_taken_along_as_it_answered(tmp_path):
    teacher = load("ner", "teacher").model
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    control = Control()
    with closing(follow(settings(), control)) as states:
        until(states, lambda state: state.students and state.students[0].points[-1].steps >= 6)
        control.stopped.set()
        *_, (state, training) = states
    assert not working() and not slot.waiting()
    assert all(torch.equal(before[name], value) for name, value in teacher.state_dict().items())
    (student,) = state.students
    first, last = student.points[0], student.points[-1]
    assert last.marks.divergence < 0.9 * first.marks.divergence  # the clock sets the rate
    assert student.end.rows == 184 and state.teacher_end > 0.7
    model, loaded = training.model()
    write_zip(model, loaded.tokenizer, state, tmp_path / "student.zip")
    zipfile.ZipFile(tmp_path / "student.zip").extractall(tmp_path)
    card = (tmp_path / FOLDER / "README.md").read_text("utf-8")
    assert "layers 1, 3, 6 of the teacher" in card and f"{last.steps} steps" in card
    read, info = AutoModelForTokenClassification.from_pretrained(
        tmp_path / FOLDER, dtype=torch.float32, output_loading_info=True
    )
    assert not info["missing_keys"] and not info["unexpected_keys"]
    inputs = AutoTokenizer.from_pretrained(tmp_path / FOLDER)(SENTENCE, return_tensors="pt")
    with torch.no_grad():
        assert torch.allclose(read(**inputs).logits, model(**inputs).logits, atol=1e-5)
        in_tabs = training.for_tabs()
        assert torch.allclose(in_tabs.model(**inputs).logits, model(**inputs).logits, atol=1e-4)
    assert in_tabs.model.config._attn_implementation == "sdpa" != model.config._attn_implementation
    words = "distilbert.embeddings.word_embeddings.weight"
    assert in_tabs.model.get_parameter(words) is model.get_parameter(words)


def test_the_next_waits_and_a_pause_lets_it_go_first():
    first, second = Control(), Control()
    with closing(follow(settings(), first)) as one, closing(follow(settings(), second)) as other:
        until(one, trains)
        state, _ = until(other, lambda state: state.phase == records.WAITING)
        assert state.remark.startswith("a distillation of 300 s (Entities); about ")
        first.paused.set()
        state, training = until(one, lambda state: state.phase == records.PAUSED)
        until(other, trains)
        spent = training.spent
        first.paused.clear()
        until(one, lambda state: state.phase == records.WAITING)
        assert training.spent == spent
        other.close()
        until(one, trains)
    assert not working()


def test_a_training_makes_way_for_what_must_run_alone():
    races = ["a race"]
    with closing(follow(settings(), Control(), lambda: races[0])) as states:
        state, training = until(states, lambda state: state.phase == records.WAITING)
        assert state.remark == "a race" and training.spent == 0
        races[0] = ""
        until(states, trains)
    assert not working()


def test_a_sentence_without_a_gap_is_refused_as_in_its_tab():
    with pytest.raises(InputError, match=r"\[MASK\]"):
        list(follow(settings(head="fill_mask"), Control()))
    assert not working() and not slot.waiting()


def test_starting_anew_ends_the_earlier_training_of_the_same_visitor():
    earlier = begin("visitor")
    later = begin("visitor")
    assert earlier.left.is_set() and earlier.stopped.is_set()
    assert find("visitor") is later and not later.stopped.is_set()
    assert take("visitor") is later and take("visitor") is None
    end("visitor", earlier)
    assert find("visitor") is later
    end("visitor", later)
    assert find("visitor") is None


def test_the_teacher_s_layers_are_far_ahead_of_a_random_start_after_a_dozen_steps():
    teacher, filler = load("ner", "teacher"), load("fill_mask", "teacher")
    held, reached = examination("ner"), {}
    for layers in ((0, 2, 5), ()):
        learner = Learner(new_student(teacher, layers), teacher, Weights(), 3e-4)
        stream = iter(TransferSet(sentences("ner"), teacher, filler, 0))
        for step in range(12):
            learner.step(next(stream), step / 12)
        reached[layers] = held.marks(learner.model).agreement
    assert reached[0, 2, 5] > reached[()] + 0.2


def test_an_untrained_student_is_asked_and_examined():
    found = untrained("ner", (0, 2, 5), SENTENCE, 0)
    assert any("Lisbon" in name for name, _ in found.teacher)
    assert found.marks.rows == 48 and 0 < found.marks.agreement < 1
    with pytest.raises(InputError, match="Tick 3 layers"):
        untrained("ner", (1,), SENTENCE, 0)


@pytest.mark.parametrize(("head", "text"), [("fill_mask", "A [MASK] "), ("sentiment", "A film ")])
def test_a_text_of_which_a_part_could_not_be_read_is_refused(head, text):
    loaded = load(head, "student")
    assert outcome_logits(text + "word " * 100, loaded).ndim == 1
    with pytest.raises(InputError, match=r"^The text is [\d,]+ word pieces longer than what"):
        outcome_logits(text + "word " * 4_000, loaded)


@pytest.mark.parametrize("head", heads.names())
def test_an_examination_computes_little_padding(head):
    batches = examination(head).batches
    masks = [batch.inputs["attention_mask"] for batch in batches]
    assert sum(mask.numel() for mask in masks) < 1.3 * sum(int(mask.sum()) for mask in masks)
