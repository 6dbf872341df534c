"""Why did the model answer so? Attributions for five heads and two families, with their proof.

    from explain.attribution import SentimentInput, attribute
    attribute(SentimentInput("A charming journey."), load("sentiment", "student")).words

A score says how a word piece moves a logit, against a baseline. It does not say that a person
would agree, nor that the model would be right.
"""

from explain.attribution.engine import (
    attribute,
    attribute_all,
    attribute_all_steps,
    attribute_entities,
    attribute_steps,
)
from explain.attribution.records import (
    BASELINES,
    METHODS,
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
    "attribute_all_steps",
    "attribute_entities",
    "attribute_steps",
]
