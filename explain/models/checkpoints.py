"""The checkpoints of both model pairs: names, sources, licences, windows.

`pocket` is stored in `assets/models/`, one folder per model with five heads on one trunk. `base` is
one repository of the Hugging Face Hub per head and model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.heads.registry import HEADS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

FAMILY = {"teacher": "bert", "student": "distilbert"}
COPIED_LAYERS = {"pocket": (0, 2, 5), "base": (0, 2, 4, 7, 9, 11)}
"""Teacher layer, counted from 0, that each student layer was initialised from, by pair."""
ASSETS = Path(__file__).resolve().parents[2] / "assets" / "models"
PINS: dict[str, dict[str, Any]] = json.loads((ASSETS / "pins.json").read_text(encoding="utf-8"))
"""Commit and files of every repository of the Hub; `main` until `make pin` fills the commit in."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where one model comes from, and under which terms."""

    name: str
    source: str  # a folder of assets/models, or a repository of the Hub
    window: int  # longest row, word pieces with special tokens; longer text is read in windows
    licence: str
    training: str  # what it was trained on
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One head of one model, ready to be called."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    head: str
    role: str
    pair: str
    name: str
    labels: tuple[str, ...]  # normalised names, parallel to the logits; () where there are none
    window: int  # word pieces, special tokens included


def _pocket(name: str, training: str) -> dict[str, Checkpoint]:
    return {
        name_of_head: Checkpoint(name, name, head.window, "Apache-2.0", training)
        for name_of_head, head in HEADS.items()
    }


def _hub(name: str, source: str, window: int, licence: str, training: str) -> Checkpoint:
    return Checkpoint(name, source, window, licence, training, str(PINS[source]["revision"]))


PAIRS: dict[str, dict[str, dict[str, Checkpoint]]] = {
    "pocket": {
        "teacher": _pocket("bert-pocket", "Wikipedia text and public labelled sets"),
        "student": _pocket("distilbert-pocket", "distilled from bert-pocket on the same rows"),
    },
    "base": {
        "teacher": {
            "fill_mask": _hub(
                "bert-base-uncased", "google-bert/bert-base-uncased", 512, "Apache-2.0",
                "English Wikipedia and BookCorpus",
            ),
            "sentiment": _hub(
                "bert-base-uncased-sst2", "JeremiahZ/bert-base-uncased-sst2", 512, "Apache-2.0",
                "SST-2",
            ),
            "ner": _hub(
                "bert-base-NER (cased)", "dslim/bert-base-NER", 512, "MIT", "CoNLL-2003",
            ),
            "multiple_choice": _hub(
                "bert-base-uncased-swag", "yefo-ufpe/bert-base-uncased-swag-full", 512,
                "Apache-2.0, of its base model", "SWAG, 5 epochs",
            ),
            "question_answering": _hub(
                "bert-base-uncased-squad-v1", "csarron/bert-base-uncased-squad-v1", 384, "MIT",
                "SQuAD 1.1",
            ),
        },
        "student": {
            "fill_mask": _hub(
                "distilbert-base-uncased", "distilbert/distilbert-base-uncased", 512,
                "Apache-2.0", "English Wikipedia and BookCorpus",
            ),
            "sentiment": _hub(
                "distilbert-base-uncased-sst2",
                "distilbert/distilbert-base-uncased-finetuned-sst-2-english", 512, "Apache-2.0",
                "SST-2",
            ),
            "ner": _hub(
                "distilbert-NER (cased)", "dslim/distilbert-NER", 512, "Apache-2.0", "CoNLL-2003",
            ),
            "multiple_choice": _hub(
                "distilbert-base-uncased-swag", "yefo-ufpe/distilbert-base-uncased-swag-full", 512,
                "Apache-2.0, of its base model", "SWAG, 5 epochs",
            ),
            "question_answering": _hub(
                "distilbert-base-uncased-distilled-squad",
                "distilbert/distilbert-base-uncased-distilled-squad", 384, "Apache-2.0",
                "SQuAD 1.1, distilled from a BERT that was trained on it",
            ),
        },
    },
}  # fmt: skip
