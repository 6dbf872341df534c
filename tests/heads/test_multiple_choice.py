"""Multiple choice: one score a pair, a softmax over the choices, 2 to 8 of them."""

from __future__ import annotations

import pytest
import torch

from explain.heads.multiple_choice import choose
from explain.models import ROLES
from explain.records import InputError
from tests.tiny import tiny

PROMPT = "In Italy, pizza served in formal settings is presented unsliced."
CHOICES = [
    "It is eaten with a fork and a knife.",
    "It is eaten while held in the hand.",
    "It is cold.",
    "Nobody knows.",
    "It sings.",
    "It is eaten with a spoon, slowly, by the whole family at one long table.",
    "No.",
    "Cheese!",
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("count", range(2, 9))
def test_logits_and_loss_are_those_of_the_model_itself(role: str, count: int) -> None:
    loaded = tiny("multiple_choice", role)
    choices = CHOICES[:count]
    batch = loaded.tokenizer([PROMPT] * count, choices, return_tensors="pt", padding=True)
    right = count - 1
    with torch.inference_mode():
        inputs = {name: tensor[None] for name, tensor in batch.items()}
        output = loaded.model(**inputs, labels=torch.tensor([right]))
    found = choose(PROMPT, choices, loaded, right)
    assert found.logits == pytest.approx(output.logits[0].tolist(), abs=1e-4)
    assert found.loss == pytest.approx(float(output.loss), abs=1e-4)
    assert found.probabilities == pytest.approx(output.logits[0].softmax(-1).tolist(), abs=1e-4)
    assert sum(found.probabilities) == pytest.approx(1.0)
    assert found.best == int(output.logits[0].argmax())


@pytest.mark.parametrize("role", ROLES)
def test_a_choices_score_does_not_depend_on_the_others(role: str) -> None:
    loaded = tiny("multiple_choice", role)
    forth = choose(PROMPT, CHOICES, loaded)
    back = choose(PROMPT, CHOICES[::-1], loaded)
    two = choose(PROMPT, [CHOICES[2], CHOICES[5]], loaded)
    assert back.logits[::-1] == pytest.approx(forth.logits, abs=1e-4)
    assert two.logits == pytest.approx((forth.logits[2], forth.logits[5]), abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_a_list_gives_what_its_questions_give_one_by_one(role: str) -> None:
    loaded = tiny("multiple_choice", role)
    prompts = [PROMPT, "The glass fell.", "Why?"]
    sets = [CHOICES[:2], CHOICES, CHOICES[3:6]]
    together = choose(prompts, sets, loaded, [1, None, 0])
    for both, prompt, choices, right in zip(together, prompts, sets, [1, None, 0], strict=True):
        alone = choose(prompt, choices, loaded, right)
        assert (both.prompt, both.choices) == (prompt, tuple(choices))
        assert both.logits == pytest.approx(alone.logits, abs=1e-4)
        assert both.loss == pytest.approx(alone.loss, abs=1e-4)
        assert (both.best, both.timing.pieces) == (alone.best, alone.timing.pieces)
    assert choose([], [], loaded) == ()


@pytest.mark.parametrize("count", [0, 1, 9, 20])
def test_fewer_than_2_or_more_than_8_choices_are_counted_in_the_sentence(count: int) -> None:
    with pytest.raises(InputError) as refused:
        choose(PROMPT, ["A choice."] * count, tiny("multiple_choice", "teacher"))
    assert str(refused.value) == f"Give 2 to 8 choices, one per line; found {count}."


@pytest.mark.parametrize("choices", ["It broke.\nIt sang.", None, 7])
def test_what_is_no_list_of_choices_is_one_choice(choices: object) -> None:
    with pytest.raises(InputError, match=r"^Give 2 to 8 choices, one per line; found 1\.$"):
        choose(PROMPT, choices, tiny("multiple_choice", "teacher"))  # type: ignore[call-overload]


@pytest.mark.parametrize(("right", "named"), [(2, "3"), (-1, "0"), ("b", "b"), (0.5, "0.5")])
def test_the_right_choice_is_one_of_them(right: object, named: str) -> None:
    with pytest.raises(InputError) as refused:
        choose(PROMPT, CHOICES[:2], tiny("multiple_choice", "teacher"), right)  # type: ignore
    assert str(refused.value) == f"The right choice must be one of 1 to 2, not {named}."


def test_an_empty_choice_is_named_by_its_number() -> None:
    with pytest.raises(InputError, match=r"^The choice 2 is empty"):
        choose(PROMPT, ["One.", " ", "Three."], tiny("multiple_choice", "teacher"))


def test_a_pair_that_is_too_long_is_refused_and_not_cut() -> None:
    loaded = tiny("multiple_choice", "student", window=32)
    assert choose("so " * 24, ["it is", "it was"], loaded).logits  # 24 + 2 + 3 + room
    with pytest.raises(InputError) as refused:
        choose("so " * 24, ["it is", "and " * 6], loaded)
    assert str(refused.value) == (
        "The prompt and choice 2 are 33 word pieces together: shorten them to 32."
    )
