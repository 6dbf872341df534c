"""The surgery of a live training: what is copied, what is shared, what stays as it was."""

import re

import pytest
import torch

from distill.live.learner import HeldOut, Learner, weighted_loss
from distill.live.settings import require_sentence
from distill.live.start import new_student
from distill.live.transfer import Target, TransferSet, collated
from distill.losses import task_logits
from explain.distillation.records import Weights
from explain.models.layers import trunk
from explain.records import InputError
from tests.tiny import tiny

TEXTS = tuple(f"The {word} is near the old house by the sea." for word in ("cat", "dog", "inn"))


def targets(head):
    return iter(TransferSet(TEXTS, tiny(head, "teacher"), tiny("fill_mask", "teacher"), 0))


def test_a_student_of_all_layers_is_its_teacher_and_has_no_loss():
    teacher = tiny("fill_mask", "teacher")
    student = new_student(teacher, (0, 1))
    _, losses = weighted_loss(student, teacher, next(targets("fill_mask")), Weights())
    assert losses.soft == pytest.approx(0, abs=1e-2)  # the targets are kept in float16
    assert losses.cosine == pytest.approx(0, abs=1e-3)


def test_a_copied_layer_computes_what_the_teacher_s_does():
    teacher = tiny("ner", "teacher")
    student = new_student(teacher, (0,))
    inputs = next(targets("ner")).batch.inputs
    plain = {name: value for name, value in inputs.items() if name != "token_type_ids"}
    with torch.no_grad():
        expected = trunk(teacher.model)(**inputs, output_hidden_states=True).hidden_states[1]
        hidden = trunk(student)(**plain).last_hidden_state
    assert torch.allclose(hidden, expected, atol=1e-5)


def test_the_embeddings_are_the_teacher_s_own_and_are_not_trained():
    teacher = tiny("fill_mask", "teacher")
    before = {name: value.clone() for name, value in teacher.model.state_dict().items()}
    learner = Learner(new_student(teacher, (0, 1)), teacher, Weights(), 1e-2)
    stream = targets("fill_mask")
    for _ in range(3):
        learner.step(next(stream), 0.3)
    words = "embeddings.word_embeddings.weight"
    own = trunk(learner.model).get_parameter(words)
    assert own.data_ptr() == trunk(teacher.model).get_parameter(words).data_ptr()
    assert all(torch.equal(before[n], value) for n, value in teacher.model.state_dict().items())
    assert all(p.requires_grad for p in teacher.model.parameters())


def test_a_random_start_is_the_seed_s_and_leaves_other_draws_alone():
    teacher = tiny("sentiment", "teacher")
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, second = (new_student(teacher, (), seed).classifier.weight for seed in (1, 1))
    other = new_student(teacher, (), 2).classifier.weight
    assert torch.equal(first, second) and not torch.equal(first, other)
    assert torch.equal(torch.rand(1), expected)


def test_the_teacher_agrees_with_itself_on_every_row():
    for head in ("fill_mask", "sentiment", "ner"):
        teacher = tiny(head, "teacher")
        held = HeldOut.of(
            teacher, [row for target in [next(targets(head))] for row in rows(target)]
        )
        marks = held.marks(teacher.model)
        assert marks.agreement == 1.0
        assert marks.divergence == pytest.approx(0, abs=1e-6)


def rows(target: Target):
    """The rows of a batch as examples again."""
    batch = target.batch
    for number, ids in enumerate(batch.inputs["input_ids"].tolist()):
        if batch.where.ndim < 2:
            yield {"ids": [ids], "labels": [int(batch.labels[number])]}
        else:
            here = batch.where[:, 0] == number
            yield {"ids": [ids], "where": batch.where[here, 1].tolist(),
                   "labels": batch.labels[here].tolist()}  # fmt: skip


def test_what_is_kept_of_the_teacher_gives_its_own_logits_again():
    teacher = tiny("ner", "teacher")
    target = next(targets("ner"))
    with torch.no_grad():
        logits, hidden = task_logits(teacher.model, target.batch)
    real = target.batch.inputs["attention_mask"].bool()
    kept = target.hidden.float()[real]
    assert torch.nn.functional.cosine_similarity(kept, hidden[real], dim=-1).min() > 0.99
    assert (target.batch.labels == logits.argmax(-1)).float().mean() > 0.9


def test_copies_differ_in_words_and_the_same_seed_gives_the_same():
    first, second = targets("sentiment"), targets("sentiment")
    batches = [next(first).batch.inputs["input_ids"] for _ in range(4)]
    again = [next(second).batch.inputs["input_ids"] for _ in range(4)]
    assert all(torch.equal(a, b) for a, b in zip(batches, again, strict=True))
    distinct = {tuple(row) for batch in batches for row in batch.tolist()}
    assert len(distinct) > 10
    assert collated([{"ids": [[101, 102]], "labels": [0]}], tiny("sentiment", "teacher"))


@pytest.mark.parametrize(
    ("sentence", "refusal"),
    [
        ("", "The sentence is empty"),
        (" \n", "The sentence is empty"),
        ("so " * 200, "The sentence has 600 characters: shorten it to 500."),
        (None, "sentence"),
    ],
)
def test_a_sentence_to_watch_is_checked_and_never_cut(sentence: object, refusal: str) -> None:
    with pytest.raises(InputError, match=re.escape(refusal)):
        require_sentence(sentence)
    assert require_sentence("so " * 166) == "so " * 166
