"""The article's losses: every term worked out here, every mean the loss of the model class."""

import pytest
import torch

from explain.anatomy.losses import article_losses
from explain.models import ROLES, load
from explain.render import losses as render

SECTIONS = {each.section: each for each in article_losses("pocket")}


def own(role, head, inputs, **labels):
    """The loss as the article computes it, with the tokenizer of transformers."""
    loaded = load(head, role)
    with torch.inference_mode():
        inputs = loaded.tokenizer(*inputs, return_tensors="pt", padding=True)
        if head == "multiple_choice":
            inputs = {name: tensor.unsqueeze(0) for name, tensor in inputs.items()}
        return float(loaded.model(**inputs, **labels).loss)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_mean_of_the_terms_is_the_loss(section):
    for case in SECTIONS[section].cases:
        for role in ROLES:
            terms = [getattr(term, role) for term in case.terms]
            assert sum(terms) / len(terms) == pytest.approx(getattr(case, role), abs=1e-4)
            assert all(term >= 0 for term in terms)


@pytest.mark.parametrize("role", ROLES)
def test_the_losses_are_those_of_the_article_code(role):
    pizza = (
        "In Italy, pizza served in formal settings, such as at a restaurant, is presented unsliced."
    )
    choices = ("It is eaten with a fork and a knife.", "It is eaten while held in the hand.")
    dog, ones = "Hello, my dog is cute", torch.tensor([[1] * 8])
    gap, jim = "The capital of France is [MASK].", "Jim Henson was a nice puppet"
    paris = load("fill_mask", role).tokenizer("The capital of France is Paris.")["input_ids"]
    start, end = torch.tensor([1]), torch.tensor([3])
    expected = {
        "D": own(role, "fill_mask", [gap], labels=torch.tensor([paris])),
        "E": own(role, "sentiment", [dog], labels=torch.tensor([1]).unsqueeze(0)),
        "F": own(role, "multiple_choice", [[[pizza, choice] for choice in choices]],
                 labels=torch.tensor(0).unsqueeze(0)),
        "G": own(role, "ner", [dog], labels=ones),
        "H": own(role, "question_answering", ["Who was Jim Henson?", jim],
                 start_positions=start, end_positions=end),
    }  # fmt: skip
    for section, loss in expected.items():
        assert getattr(SECTIONS[section].cases[0], role) == pytest.approx(loss, abs=1e-4), section


def test_what_the_article_labels_is_named():
    article, right = SECTIONS["H"].cases
    assert [term.label for term in article.terms] == ["1: who", "3: jim"]
    assert [term.label for term in right.terms] == ["10: a", "12: puppet"]
    everywhere, mask = SECTIONS["D"].cases
    assert [term.place for term in mask.terms] == ["[MASK]"] and len(everywhere.terms) == 9
    assert mask.terms[0] in everywhere.terms
    assert {term.label for term in SECTIONS["G"].cases[1].terms} == {"O"}


def test_every_term_is_on_the_page():
    shown = render.losses(tuple(SECTIONS.values()))
    terms = [term for each in SECTIONS.values() for case in each.cases for term in case.terms]
    assert all(f"<td>{term.student:.4f}</td>" in shown for term in terms)
