"""Which class of transformers a head is, in each family, and which configuration it takes.

Importing this module imports the code of both models, a second or more: whoever needs it imports
it late, so that the page is served first.
"""

from __future__ import annotations

from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForMultipleChoice,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertForMultipleChoice,
    DistilBertForQuestionAnswering,
    DistilBertForSequenceClassification,
    DistilBertForTokenClassification,
    PreTrainedModel,
)

CLASSES: dict[str, dict[str, type[PreTrainedModel]]] = {
    "bert": {
        "fill_mask": BertForMaskedLM,
        "sentiment": BertForSequenceClassification,
        "ner": BertForTokenClassification,
        "multiple_choice": BertForMultipleChoice,
        "question_answering": BertForQuestionAnswering,
    },
    "distilbert": {
        "fill_mask": DistilBertForMaskedLM,
        "sentiment": DistilBertForSequenceClassification,
        "ner": DistilBertForTokenClassification,
        "multiple_choice": DistilBertForMultipleChoice,
        "question_answering": DistilBertForQuestionAnswering,
    },
}
CONFIGS = {"bert": BertConfig, "distilbert": DistilBertConfig}
