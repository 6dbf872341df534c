"""Why did the model answer so? Attributions for five heads and two families, with their proof.

    from explain.attribution import SentimentInput, attribute
    attribute(SentimentInput("A charming journey."), load("sentiment", "student")).words

A score says how a word piece moves a logit, against a baseline. It does not say that a person
would agree, nor that the model would be right.
"""

from explain.attribution.engine import (
    attribute,
    attribute_all,
    attribute_entities,
    attribute_steps,
)
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.attribution.records import (
    BASELINES,
    Attribution,
    FillMaskInput,
    FillMaskTarget,
    HeadInput,
    Ledger,
    MultipleChoiceInput,
    MultipleChoiceTarget,
    NerInput,
    NerTarget,
    Piece,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    SentimentTarget,
    Target,
    Term,
    Word,
)

__all__ = [
    "BASELINES",
    "DEFAULT_METHOD",
    "METHODS",
    "Attribution",
    "FillMaskInput",
    "FillMaskTarget",
    "HeadInput",
    "Ledger",
    "MultipleChoiceInput",
    "MultipleChoiceTarget",
    "NerInput",
    "NerTarget",
    "Piece",
    "QuestionAnsweringInput",
    "QuestionAnsweringTarget",
    "SentimentInput",
    "SentimentTarget",
    "Target",
    "Term",
    "Word",
    "attribute",
    "attribute_all",
    "attribute_entities",
    "attribute_steps",
]
