"""Soft targets against hand computations, and what the factor T squared is for."""

import math

import pytest
import torch

from distill.losses import soft_loss
from explain.distillation.dark_knowledge import TEMPERATURES, dark_knowledge, softened

TEACHER, STUDENT = torch.tensor([2.0, 1.0, 0.0]), torch.tensor([0.0, 1.0, 1.0])


def by_hand(logits, temperature):
    powers = [math.exp(value / temperature) for value in logits.tolist()]
    return [power / sum(powers) for power in powers]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 20.0])
def test_distributions_entropy_and_divergence_are_those_of_a_hand_computation(temperature):
    p, q = by_hand(TEACHER, temperature), by_hand(STUDENT, temperature)
    both = softened(TEACHER, STUDENT, temperature, range(3))
    assert both.teacher == pytest.approx(p, abs=1e-6)
    assert both.student == pytest.approx(q, abs=1e-6)
    assert both.teacher_entropy == pytest.approx(-sum(a * math.log(a) for a in p), abs=1e-6)
    divergence = sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert both.divergence == pytest.approx(divergence, abs=1e-6)
    loss = soft_loss(STUDENT[None], TEACHER[None], temperature).item()
    assert loss == pytest.approx(temperature**2 * divergence, rel=1e-4)


@pytest.mark.parametrize("temperature", [0.5, 3.0, 20.0])
def test_the_gradient_is_that_of_the_loss(temperature):
    student = STUDENT.clone().requires_grad_()
    soft_loss(student[None], TEACHER[None], temperature).backward()
    both = softened(TEACHER, STUDENT, temperature, range(3))
    assert both.scaled == pytest.approx(student.grad.norm().item(), rel=1e-4)
    assert both.gradient == pytest.approx(both.scaled / temperature**2, rel=1e-6)


def test_with_the_factor_the_gradient_keeps_its_size_and_without_it_fades():
    at = {t: softened(TEACHER, STUDENT, t, range(3)) for t in (5.0, 20.0)}
    assert at[20.0].scaled == pytest.approx(at[5.0].scaled, rel=0.1)
    assert at[20.0].gradient == pytest.approx(at[5.0].gradient / 16, rel=0.1)


def test_two_equal_models_have_nothing_to_teach_at_any_temperature():
    same = dark_knowledge("", TEACHER, TEACHER, "abc")
    assert [at.temperature for at in same.softened] == list(TEMPERATURES)
    for at in same.softened:
        assert at.divergence == pytest.approx(0, abs=1e-6)
        assert at.gradient == pytest.approx(0, abs=1e-6)


def test_words_that_are_asked_about_stand_last_and_once():
    logits = torch.arange(12.0)
    found = dark_knowledge("", logits, logits.flip(0), "abcdefghijkl", asked=(11, 0))
    assert found.outcomes == (*"kjihgfe", "l", "a") and found.asked == 2
    assert found.teacher_ranks[-2:] == (1, 12) and found.student_ranks[-2:] == (12, 1)
