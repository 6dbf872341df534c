"""The losses of the paper, by hand and against the models' own forward pass."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy, log_softmax

from distill import heads
from distill.batches import Batch, Limits, Stream
from distill.losses import copying_loss, cosine_loss, hard_loss, soft_loss, task_logits
from distill.student import copy_layers
from distill.training import LossWeights, batch_loss
from explain.heads.registry import HEADS

from .conftest import rows_of


@pytest.fixture
def batch_of(tokenizer):
    def make(head):
        stream = Stream(head, {"own": rows_of(head, 5)}, tokenizer, 400, 0, Limits())
        return next(iter(stream))

    return make


def test_soft_loss_by_hand():
    # At T = 2 the teacher says 1/4 and 3/4, the student 1/2 and 1/2.
    teacher, student = torch.tensor([[0.0, 2 * math.log(3)]]), torch.zeros(1, 2)
    divergence = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert soft_loss(student, teacher, 2.0).item() == pytest.approx(4 * divergence, abs=1e-6)


def test_soft_loss_is_the_mean_over_predictions_of_the_papers_formula():
    torch.manual_seed(0)
    student, teacher = torch.randn(7, 11).double(), torch.randn(7, 11).double()
    for temperature in (1.0, 2.0, 5.0):
        p = (teacher / temperature).exp() / (teacher / temperature).exp().sum(-1, keepdim=True)
        q = (student / temperature).exp() / (student / temperature).exp().sum(-1, keepdim=True)
        wanted = temperature**2 * (p * (p / q).log()).sum(-1).mean()
        assert soft_loss(student, teacher, temperature).item() == pytest.approx(wanted.item())


def test_soft_loss_pulls_with_temperature_times_the_difference_of_probabilities():
    torch.manual_seed(0)
    student, teacher = torch.randn(3, 5, requires_grad=True), torch.randn(3, 5)
    soft_loss(student, teacher, 2.0).backward()
    pull = 2.0 * ((student / 2).softmax(-1) - (teacher / 2).softmax(-1)) / 3
    assert torch.allclose(student.grad, pull, atol=1e-6)


def test_soft_loss_is_zero_for_equal_logits_up_to_a_constant():
    teacher = torch.randn(4, 6)
    assert soft_loss(teacher + 3.0, teacher, 2.0).item() == pytest.approx(0.0, abs=1e-5)


def test_soft_loss_leaves_out_what_cannot_be_chosen():
    teacher, student = torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 0.5]])
    blocked = torch.full((1, 3), -1e4)
    wide = [torch.cat([logits, blocked], 1) for logits in (student, teacher)]
    assert soft_loss(*wide, 2.0).item() == pytest.approx(soft_loss(student, teacher, 2.0).item())


def test_hard_loss_by_hand():
    logits = torch.tensor([[0.0, math.log(3)], [0.0, 0.0]])
    wanted = (-math.log(3 / 4) - math.log(1 / 2)) / 2
    assert hard_loss(logits, torch.tensor([1, 0])).item() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("student", "wanted"), [((3.0, 0.0), 0.0), ((0.0, 2.0), 1.0), ((-1.0, 0.0), 2.0)]
)
def test_cosine_loss_by_hand(student, wanted):
    hidden = torch.tensor([[student]])
    loss = cosine_loss(hidden, torch.tensor([[(5.0, 0.0)]]), torch.ones(1, 1))
    assert loss.item() == pytest.approx(wanted, abs=1e-6)


def test_cosine_loss_reads_no_padding():
    student = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [9.0, 9.0]]])
    teacher = torch.tensor([[[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [-9.0, 0.0]]])
    loss = cosine_loss(student, teacher, torch.tensor([[1, 1], [1, 0]]))
    assert loss.item() == pytest.approx(1 / 3, abs=1e-6)  # 0, 1 and 0


def shown_batch(labels, rows, shown):
    places = torch.tensor([(row, 1) for row in rows])
    return Batch("fill_mask", {}, torch.tensor(labels), places, torch.tensor(shown))


def test_copying_loss_by_hand():
    # Probabilities of words 0 to 3: 1/8, 1/8, 1/4 and 1/2. Row 0 shows words 2 and 3, row 1 word 1.
    logits = torch.tensor([[0.125, 0.125, 0.25, 0.5]]).log().expand(2, -1)
    wanted = (-math.log(1 - 3 / 4) - math.log(1 - 1 / 8)) / 2
    batch = shown_batch([1, 2], [0, 1], [[2, 3], [1, 0]])
    assert copying_loss(logits, batch).item() == pytest.approx(wanted, abs=1e-6)
    # A prediction whose right answer is shown is not penalised for it.
    batch = shown_batch([3, 2], [0, 1], [[2, 3], [1, 0]])
    assert copying_loss(logits, batch).item() == pytest.approx(-math.log(7 / 8), abs=1e-6)


def test_a_batch_that_shows_nothing_has_no_copying_loss():
    batch = Batch("fill_mask", {}, torch.tensor([1]), torch.tensor([[0, 1]]))
    assert copying_loss(torch.zeros(1, 3), batch).item() == 0
    assert copying_loss(torch.zeros(1, 3), shown_batch([1], [0], [[0]])).item() == 0


def test_whoever_learns_is_penalised_for_copying(tiny_teacher, batch_of):
    """The teacher alone; the student; both, where the teacher learns beside it."""
    student = {name: model.eval() for name, model in copy_layers(tiny_teacher, (0, 5)).items()}
    batch = batch_of("fill_mask")
    batch = replace(batch, shown=batch.inputs["input_ids"][:, 1:4])
    own = {
        name: copying_loss(task_logits(models["fill_mask"], batch)[0], batch).item()
        for name, models in (("teacher", tiny_teacher), ("student", student))
    }
    cases = [
        (tiny_teacher, None, False, own["teacher"]),
        (student, tiny_teacher, False, own["student"]),
        (student, tiny_teacher, True, own["teacher"] + own["student"]),
    ]
    for models, teacher, learns, wanted in cases:
        plain, penalised = (
            batch_loss(models, teacher, batch, LossWeights(copying=weight), learns)[0].item()
            for weight in (0.0, 3000.0)
        )
        assert penalised - plain == pytest.approx(3000 * wanted, rel=1e-3)


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize("head", HEADS)
def test_task_logits_are_those_of_the_ordinary_forward_pass(head, role, tiny_teacher, batch_of):
    models = tiny_teacher if role == "teacher" else copy_layers(tiny_teacher)
    model, batch = models[head].eval(), batch_of(head)
    inputs = dict(batch.inputs)
    if role == "student":
        inputs.pop("token_type_ids")
    with torch.no_grad():
        logits, hidden = task_logits(model, batch)
        if head == "multiple_choice":
            wanted = _choice_logits(model, inputs, batch)
        elif head == "question_answering":
            output = model(**inputs)
            pair = torch.stack([output.start_logits, output.end_logits])
            wanted = pair.masked_fill(~batch.where, -1e4).flatten(0, 1)
        else:
            wanted = model(**inputs).logits
            if head != "sentiment":
                wanted = wanted[batch.where[:, 0], batch.where[:, 1]]
    assert hidden.shape == (*batch.inputs["input_ids"].shape, model.config.hidden_size)
    assert logits.shape[0] == batch.labels.shape[0]
    assert torch.allclose(logits, wanted, atol=1e-5)


def _choice_logits(model, inputs, batch):
    """One question at a time, as the class of transformers wants it: (1, choices, pieces)."""
    rows = []
    for numbers in batch.where:
        chosen = numbers[numbers >= 0]
        own = model(**{name: tensor[chosen][None] for name, tensor in inputs.items()}).logits[0]
        missing = torch.full((len(numbers) - len(chosen),), -1e4)
        rows.append(torch.cat([own, missing]))
    return torch.stack(rows)


def test_the_loss_of_a_batch_is_the_weighted_sum_of_its_terms(tiny_teacher, batch_of):
    student = {name: model.eval() for name, model in copy_layers(tiny_teacher, (0, 5)).items()}
    for head in HEADS:
        batch = batch_of(head)
        loss, (soft, hard, cosine) = batch_loss(student, tiny_teacher, batch, LossWeights())
        a, b, c = (5.0, 2.0, 1.0) if head == "fill_mask" else (0.7, 0.3, 6.0)
        assert loss.item() == pytest.approx(a * soft + b * hard + c * cosine, rel=1e-5)
        logits = task_logits(student[head], batch)[0]
        assert hard == pytest.approx(cross_entropy(logits, batch.labels).item(), rel=1e-5)
        assert soft > 1e-3
        assert cosine > 1e-3


def test_text_teaches_entities_too_where_a_weight_says_so(tiny_teacher, batch_of):
    student = {name: model.eval() for name, model in copy_layers(tiny_teacher, (0, 5)).items()}
    batch = batch_of("fill_mask")
    batch.inputs["attention_mask"][0, -2:] = 0  # as if its first row were shorter
    plain, tagged = (
        batch_loss(student, tiny_teacher, batch, LossWeights(text_tags=weight))[0]
        for weight in (0.0, 3.0)
    )
    inputs = dict(batch.inputs)
    with torch.no_grad():
        wanted = tiny_teacher["ner"](**inputs).logits
        inputs.pop("token_type_ids")
        own = student["ner"](**inputs).logits
    real = inputs["attention_mask"] == 1
    added = 3 * soft_loss(own[real], wanted[real], 2.0).item()
    assert (tagged - plain).item() == pytest.approx(added, rel=1e-3)
    tagged.backward()
    assert student["ner"].classifier.weight.grad.abs().max() > 0


def test_without_a_teacher_the_loss_is_the_labels_cross_entropy(tiny_teacher, batch_of):
    batch = batch_of("ner")
    loss, parts = batch_loss(tiny_teacher, None, batch, LossWeights())
    logits = task_logits(tiny_teacher["ner"], batch)[0]
    picked = log_softmax(logits, -1)[torch.arange(len(batch.labels)), batch.labels]
    assert loss.item() == pytest.approx(-picked.mean().item(), rel=1e-5)
    assert parts == (0.0, pytest.approx(loss.item()), 0.0)


def test_a_batch_gives_the_logits_of_its_rows_alone(tiny_teacher, tokenizer):
    for head in HEADS:
        stream = Stream(head, {"own": rows_of(head, 6)}, tokenizer, 9999, 0, Limits())
        examples = [
            e for row in stream.rows["own"] for e in heads.of(head).encode(row, stream, _Fixed())
        ]
        with torch.no_grad():
            together = task_logits(tiny_teacher[head], heads.of(head).collate(examples))[0]
            apart = [
                task_logits(tiny_teacher[head], heads.of(head).collate([e]))[0] for e in examples
            ]
        if head == "question_answering":  # all the starts come first, then all the ends
            apart = [one[0] for one in apart] + [one[1] for one in apart]
        else:
            apart = [row for one in apart for row in one]
        for row, alone in zip(together, apart, strict=True):
            assert torch.allclose(row[: len(alone)], alone, atol=1e-4)
            assert (row[len(alone) :] == -1e4).all()


class _Fixed:
    """Draws that are always the first: the same text, whatever the batch."""

    def randrange(self, low, high=None):
        return 0 if high is None else low

    def sample(self, population, count):
        return list(population)[:count]

    def random(self):
        return 0.9

    def randint(self, low, high):
        return low
