"""The tokenizers of BERT and DistilBERT, from a vocabulary alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST = 512  # word pieces, what the position embeddings of both families allow


def read_tokenizer(vocabulary: Path, family: str) -> PreTrainedTokenizerBase:
    """BERT's or DistilBERT's tokenizer over the file of a tokenizer (`.json`) or a `vocab.txt`.

    Capitals are kept if the vocabulary has any: repositories do not always say. DistilBERT's
    class makes no segment ids.
    """
    from transformers import BertTokenizer, DistilBertTokenizer

    kind = {"bert": BertTokenizer, "distilbert": DistilBertTokenizer}[family]
    text = vocabulary.read_text(encoding="utf-8")
    if vocabulary.suffix == ".json":
        ids = dict(json.loads(text)["model"]["vocab"])
    else:
        lines = text.removesuffix("\n").split("\n")
        ids = {piece.removesuffix("\r"): number for number, piece in enumerate(lines)}
    if not ids.keys() >= set(SPECIAL):
        raise ValueError(f"{vocabulary} lacks one of {', '.join(SPECIAL)}")
    cased = any(piece != piece.lower() for piece in ids if piece not in SPECIAL)
    return kind(vocab=ids, do_lower_case=not cased, model_max_length=LONGEST)
