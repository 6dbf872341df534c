"""Where training rows come from: a folder of JSON lines, in the schemas of the five heads.

Training reads `train*.jsonl(.gz)` only; `validation` and `test` files are for `evaluation`.
`HUB` names the data sets of the Hugging Face Hub that hold the same kind of rows; `--data hub`
trains on them, for readers who have the Hub and not the folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from explain.evaluation.items import LabelledRow
from explain.evaluation.lines import read_lines
from explain.evaluation.sets import from_hub
from explain.records import InputError

PREFIXES = {
    "fill_mask": "text_",
    "sentiment": "sentiment_",
    "ner": "ner_",
    "multiple_choice": "mc_",
    "question_answering": "qa_",
}

# How often each set is drawn within its task. A set that is not named is left out; where none of a
# task is named, each is drawn by its size.
SHARES: dict[str, dict[str, float]] = {
    "fill_mask": {
        "text_wikipedia": 0.80, "text_wikipedia_recent": 0.03, "text_openstax": 0.04,
        "text_novels": 0.05, "text_imdb": 0.06, "text_factbook": 0.02,
    },
    "sentiment": {
        "sentiment_sst2": 0.42, "sentiment_sst2_phrases": 0.33, "sentiment_mr": 0.10,
        "sentiment_cr": 0.05, "sentiment_uci": 0.05, "sentiment_imdb": 0.05,
    },
    "ner": {
        "ner_wikigold": 0.30, "ner_crossner": 0.15, "ner_gum": 0.15, "ner_uner_ewt": 0.10,
        "ner_litbank": 0.08, "ner_btc": 0.06, "ner_wnut17": 0.07, "ner_tweebank": 0.04,
        "ner_re3d": 0.05,
    },
    "multiple_choice": {
        "mc_comve": 0.28, "mc_ecare": 0.28, "mc_copa": 0.05, "mc_hellaswag": 0.06,
        "mc_codah": 0.08, "mc_cosmosqa": 0.06, "mc_socialiqa": 0.07, "mc_arc_easy": 0.09,
        "mc_winogrande": 0.03,
    },
    "question_answering": {
        "qa_squad_dev": 0.30, "qa_squadshifts_wiki": 0.28, "qa_squadshifts_amazon": 0.10,
        "qa_qamr": 0.27, "qa_fairytale": 0.05,
    },
}  # fmt: skip

HUB = {  # head -> name of the set here, repository, configuration
    "fill_mask": ("text_wikipedia", "wikimedia/wikipedia", "20231101.en"),
    "sentiment": ("sentiment_sst2", "stanfordnlp/sst2", None),
    "ner": ("ner_conll2003", "lhoestq/conll2003", None),
    "multiple_choice": ("mc_swag", "allenai/swag", "regular"),
    "question_answering": ("qa_squad", "rajpurkar/squad", None),
}
HUB_ROWS = 50_000  # of each set, streamed
PASSAGE = 2_000  # characters of an article on the Hub that are read


def split_files(data: Path, head: str, split: str) -> dict[str, list[Path]]:
    """Set name to its files of one split ("train", "validation" or "test")."""
    sets = {}
    for folder in sorted(data.glob(PREFIXES[head] + "*")):
        files = sorted(folder.glob(f"{split}*.jsonl*"))
        if files:
            sets[folder.name] = files
    return sets


ON_HUB = Path("hub")  # stands for a folder: rows come from the Hugging Face Hub


def training_rows(data: Path, head: str, hub_rows: int = HUB_ROWS) -> dict[str, list[LabelledRow]]:
    """The training rows of every set of one head, by set name.

    `ON_HUB` instead of a folder gives at most `hub_rows` rows of the head's set on the Hub.
    """
    if data == ON_HUB:
        return {HUB[head][0]: list(_hub_rows(head, hub_rows))}
    return {
        name: [line.row() for file in files for line in read_lines(file)]
        for name, files in split_files(data, head, "train").items()
    }


def _hub_rows(head: str, limit: int) -> Iterator[LabelledRow]:
    """Rows of the Hub's set for one head, streamed, in the schemas of the folder."""
    from datasets import load_dataset

    _, repository, configuration = HUB[head]
    try:
        stream = load_dataset(repository, configuration, split="train", streaming=True)
        for row in from_hub(head, stream.take(limit)):
            yield row | {"text": row["text"][:PASSAGE]} if "text" in row else row
    except (OSError, ValueError, RuntimeError) as error:  # no network; no such set; a script
        raise InputError(
            f"{repository} could not be read from the Hugging Face Hub ({error}): check the "
            "connection, or give --data a folder."
        ) from error
