"""Layer surgery: what of the teacher stands where in the student before it learns."""

import pytest
import torch

from distill.student import copy_layers, random_student
from explain.models import layers, multitask
from explain.records import InputError

from .conftest import LAYERS, make_teacher, tiny_config


@pytest.fixture
def inputs():
    torch.manual_seed(2)
    ids = torch.randint(1000, 30000, (3, 11))
    mask = torch.ones_like(ids)
    mask[1, 8:] = 0
    return {"input_ids": ids, "attention_mask": mask}


@pytest.fixture
def whole_teacher():
    """A teacher and a student with all of its layers, in double precision."""
    torch.set_default_dtype(torch.float64)
    try:
        teacher = make_teacher()
        student = copy_layers(teacher, tuple(range(LAYERS)))
        yield teacher, {head: model.eval() for head, model in student.items()}
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_student_with_every_layer_thinks_as_its_teacher_does(whole_teacher, inputs):
    teacher, student = whole_teacher
    segments = torch.zeros_like(inputs["input_ids"])
    keep = inputs["attention_mask"].bool()
    with torch.no_grad():
        theirs = layers.trunk(teacher["ner"])(
            **inputs, token_type_ids=segments, output_hidden_states=True
        ).hidden_states
        own = layers.trunk(student["ner"])(**inputs, output_hidden_states=True).hidden_states
    assert len(own) == len(theirs) == LAYERS + 1
    for layer, (mine, wanted) in enumerate(zip(own, theirs, strict=True)):
        assert torch.allclose(mine[keep], wanted[keep], atol=1e-12, rtol=0), layer
    assert own[-1].std() > 0.5  # not equal for being empty


def test_a_student_with_every_layer_answers_as_its_teacher_does(whole_teacher, inputs):
    teacher, student = whole_teacher
    with torch.no_grad():
        for head in ("fill_mask", "ner", "question_answering"):
            for mine, wanted in zip(
                student[head](**inputs).to_tuple(), teacher[head](**inputs).to_tuple(), strict=True
            ):
                assert torch.allclose(mine, wanted, atol=1e-12, rtol=0), head


def test_segment_one_is_what_a_student_cannot_see(whole_teacher, inputs):
    teacher, student = (models["ner"] for models in whole_teacher)
    segments = torch.ones_like(inputs["input_ids"])
    with torch.no_grad():
        gap = student(**inputs).logits - teacher(**inputs, token_type_ids=segments).logits
    assert gap.abs().max() > 1e-3


@pytest.mark.parametrize("layer_map", [(1, 3, 5), (0, 5), (2,)])
def test_each_layer_of_the_student_is_the_one_the_map_names(tiny_teacher, layer_map):
    student = multitask.named_tensors(copy_layers(tiny_teacher, layer_map))
    teacher = multitask.named_tensors(tiny_teacher)
    names = {
        "attention.q_lin.weight": "attention.self.query.weight",
        "attention.k_lin.bias": "attention.self.key.bias",
        "attention.v_lin.weight": "attention.self.value.weight",
        "attention.out_lin.weight": "attention.output.dense.weight",
        "sa_layer_norm.bias": "attention.output.LayerNorm.bias",
        "ffn.lin1.weight": "intermediate.dense.weight",
        "ffn.lin2.bias": "output.dense.bias",
        "output_layer_norm.bias": "output.LayerNorm.bias",
    }
    for i, layer in enumerate(layer_map):
        for own, theirs in names.items():
            mine = student[f"trunk.transformer.layer.{i}.{own}"]
            assert torch.equal(mine, teacher[f"trunk.encoder.layer.{layer}.{theirs}"]), own
    assert f"trunk.transformer.layer.{len(layer_map)}.ffn.lin1.weight" not in student


def test_the_pooler_becomes_the_pre_classifier(tiny_teacher):
    student = copy_layers(tiny_teacher)
    for head in ("sentiment", "multiple_choice"):
        pooler = layers.trunk(tiny_teacher[head]).pooler.dense
        assert torch.equal(student[head].pre_classifier.weight, pooler.weight)
        assert torch.equal(student[head].pre_classifier.bias, pooler.bias)
        assert torch.equal(student[head].classifier.weight, tiny_teacher[head].classifier.weight)


def test_the_student_has_no_segments_and_no_pooler(tiny_teacher):
    names = multitask.named_tensors(copy_layers(tiny_teacher))
    assert names
    assert not [name for name in names if "token_type" in name or "pooler" in name]


def test_every_tensor_of_the_student_is_the_teachers(tiny_teacher):
    """Two students made one after the other agree: nothing was left to chance."""
    first, second = (multitask.named_tensors(copy_layers(tiny_teacher)) for _ in range(2))
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def test_training_the_student_leaves_the_teacher_alone(tiny_teacher):
    before = {k: v.detach().clone() for k, v in multitask.named_tensors(tiny_teacher).items()}
    with torch.no_grad():
        for tensor in multitask.named_tensors(copy_layers(tiny_teacher)).values():
            tensor.add_(1.0)
    for name, tensor in multitask.named_tensors(tiny_teacher).items():
        assert torch.equal(tensor, before[name]), name


def test_a_layer_that_the_teacher_lacks_is_refused(tiny_teacher):
    for layer_map in ((1, 3, 6), (-1,), ()):
        with pytest.raises(InputError, match="0 to 5"):
            copy_layers(tiny_teacher, layer_map)


def test_a_random_student_has_the_same_shapes_and_other_weights(tiny_teacher):
    copied = multitask.named_tensors(copy_layers(tiny_teacher))
    random = multitask.named_tensors(random_student(tiny_config(), 3))
    assert {k: v.shape for k, v in copied.items()} == {k: v.shape for k, v in random.items()}
    words = "trunk.embeddings.word_embeddings.weight"
    assert not torch.equal(copied[words], random[words])
