"""Both models' configurations line by line, and where their weights come from."""

from __future__ import annotations

from explain.anatomy.inputs import TRUNK_HEAD
from explain.anatomy.records import Origin, Setting
from explain.models import HEADS, PAIRS, ROLES, load

_SETTINGS = (  # meaning, name in BertConfig, name in DistilBertConfig
    ("layers", "num_hidden_layers", "n_layers"),
    ("width of a hidden state", "hidden_size", "dim"),
    ("attention heads per layer", "num_attention_heads", "n_heads"),
    ("width inside feed-forward", "intermediate_size", "hidden_dim"),
    ("word pieces in the vocabulary", "vocab_size", "vocab_size"),
    ("positions, the longest input", "max_position_embeddings", "max_position_embeddings"),
    ("kinds of segment", "type_vocab_size", ""),
    ("sine waves as positions", "", "sinusoidal_pos_embds"),
    ("activation", "hidden_act", "activation"),
    ("dropout", "hidden_dropout_prob", "dropout"),
    ("dropout on attention", "attention_probs_dropout_prob", "attention_dropout"),
    ("dropout before a classifier", "classifier_dropout", "seq_classif_dropout"),
    ("dropout before answer spans", "", "qa_dropout"),
    ("spread of new weights", "initializer_range", "initializer_range"),
    ("added in layer normalisation", "layer_norm_eps", ""),
    ("id of padding", "pad_token_id", "pad_token_id"),
    ("vocabulary head shares embeddings", "tie_word_embeddings", "tie_word_embeddings"),
)


def configuration(pair: str) -> tuple[Setting, ...]:
    """The two configurations line by line, and the article's `DistilBertConfig()`."""
    from transformers import DistilBertConfig

    first, second = (load(TRUNK_HEAD, role, pair).model.config for role in ROLES)
    default = DistilBertConfig()
    rows = []
    for meaning, name, student_name in _SETTINGS:
        left = str(getattr(first, name)) if name else ""
        right = str(getattr(second, student_name)) if student_name else ""
        article = str(getattr(default, student_name)) if student_name else ""
        row = Setting(meaning, name, left, student_name, right, article, left != right)
        rows.append(row)
    return tuple(rows)


def origins(pair: str) -> tuple[Origin, ...]:
    """Every checkpoint of a pair once, teacher before student."""
    checkpoints = [(role, PAIRS[pair][role][head]) for head in HEADS for role in ROLES]
    rows = [Origin(role, entry.name, entry.training, entry.licence) for role, entry in checkpoints]
    return tuple(dict.fromkeys(rows))
