"""Which class of transformers a head is, in each family, and which configuration it takes.

Calling these imports the code of both models, a second or more: the page is served before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from explain.heads.registry import HEADS

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

PREFIXES = {"bert": "Bert", "distilbert": "DistilBert"}


def model_class(family: str, head: str) -> type[PreTrainedModel]:
    """`BertForMaskedLM` for bert and fill_mask, and so on."""
    import transformers

    kind: type[PreTrainedModel] = getattr(transformers, class_name(family, head))
    return kind


def class_name(family: str, head: str) -> str:
    """The name of `model_class`, as a stored configuration gives it."""
    return PREFIXES[family] + HEADS[head].architecture


def config_class(family: str) -> type[PreTrainedConfig]:
    """`BertConfig` or `DistilBertConfig`."""
    import transformers

    kind: type[PreTrainedConfig] = getattr(transformers, f"{PREFIXES[family]}Config")
    return kind
