"""One input a head, and the hard ones: one piece, more than a window, repetition, emoji."""

from __future__ import annotations

from dataclasses import replace

import torch

from explain.attribution import (
    FillMaskInput,
    HeadInput,
    MultipleChoiceInput,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    SentimentInput,
    Target,
)
from explain.models import HEADS, ROLES, Loaded, architectures, load, multitask
from tests.tiny import tiny, tiny_config

EVERY = [(pair, role, head) for pair in ("tiny", "pocket") for role in ROLES for head in HEADS]

PLAIN: dict[str, HeadInput] = {
    "fill_mask": FillMaskInput("The capital of France is [MASK]."),
    "sentiment": SentimentInput("A charming and often  affecting journey."),
    "ner": NerInput("Jim Henson met Jim in Greenville."),
    "multiple_choice": MultipleChoiceInput(
        "She opened the umbrella because", ("it had begun to rain.", "she was hungry.", "of tea.")
    ),
    "question_answering": QuestionAnsweringInput(
        "Where was Jim Henson born?", "Jim Henson was born in Greenville, Mississippi."
    ),
}


def model(pair: str, role: str, head: str, window: int = 512) -> Loaded:
    """A tiny random model, or the real pocket one."""
    return tiny(head, role, window) if pair == "tiny" else load(head, role)


def smallest(head: str, role: str) -> Loaded:
    """One layer with one head of attention, for what takes hundreds of long rows."""
    torch.manual_seed(0)
    depth = {"num_hidden_layers": 1, "num_attention_heads": 1}
    if role == "student":
        depth = {"n_layers": 1, "n_heads": 1}
    config = multitask.head_config(tiny_config(role, **depth), head)
    own = architectures.model_class(config.model_type, head)(config).eval()
    return replace(tiny(head, role, 512), model=own)


def asked(head_input: HeadInput) -> Target | None:
    """The model's own answer, but for names: a random model may find none."""
    if not isinstance(head_input, NerInput):
        return None
    first = next(i for i, character in enumerate(head_input.text) if not character.isspace())
    return NerTarget(first, first + 1, "PER")


def about(head: str, text: str) -> HeadInput:
    """An input of one head that is made of little else than a text."""
    if head == "fill_mask":
        return FillMaskInput(f"{text} [MASK]")
    if head == "multiple_choice":
        return MultipleChoiceInput(text, ("yes", "no"))
    if head == "question_answering":
        return QuestionAnsweringInput("who", text)
    return {"sentiment": SentimentInput, "ner": NerInput}[head](text)
