"""Why did the model answer so? Attributions for every head and both families, checked to add up.

    from explain.attribution import SentimentInput, attribute
    attribute(SentimentInput("A charming journey."), load("sentiment", "student")).words

A score says how a word piece moves a logit, against a baseline. It does not say that a person
would agree, nor that the model would be right.
"""

from explain.attribution.engine import (
    attribute,
    attribute_all,
    attribute_steps,
)
from explain.attribution.heads.fill_mask import FillMaskInput, FillMaskTarget
from explain.attribution.heads.multiple_choice import MultipleChoiceInput, MultipleChoiceTarget
from explain.attribution.heads.ner import NerInput, NerTarget
from explain.attribution.heads.question_answering import (
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
)
from explain.attribution.heads.sentiment import SentimentInput, SentimentTarget
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.attribution.records import (
    BASELINES,
    Attribution,
    HeadInput,
    Ledger,
    Piece,
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
    "attribute_steps",
]
