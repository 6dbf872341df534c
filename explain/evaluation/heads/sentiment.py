"""Sentiment: a text and its label, scored by accuracy."""

from __future__ import annotations

from typing import Any

from explain.attribution import SentimentInput
from explain.evaluation.heads import EvaluationHead, HubSet
from explain.evaluation.items import LabelledRow, ScoredAnswer
from explain.evaluation.metrics import Metric
from explain.evaluation.schemas import is_index, is_text
from explain.evaluation.spreadsheet import whole_number
from explain.heads.sentiment import LABELS, classify, encode, label_of
from explain.models import Loaded


def fault(row: LabelledRow) -> str | None:
    """What is wrong with a row; None if nothing is."""
    if not is_text(row["text"]):
        return "'text' must be text that is not empty"
    return None if is_index(row["label"], 2) else "'label' must be 0 or 1 (positive)"


def from_hub(row: dict[str, Any]) -> LabelledRow:
    """A row of SST-2."""
    return {"text": row["sentence"].strip(), "label": row["label"]}


def score(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    """Tally: row, right, loss."""
    names = [LABELS[row["label"]] for row in rows]
    results = classify([row["text"] for row in rows], loaded, names)
    answers = []
    for result, name in zip(results, names, strict=True):
        right, loss, probability = result.label == name, result.loss, max(result.probabilities)
        assert loss is not None
        answers.append(
            ScoredAnswer(
                answer=result.label,
                right=right,
                probability=probability,
                loss=loss,
                tally=(1, right, loss),
                cells=((name, result.label),),
                unread=result.unread,
                decisions=((probability, right),),
            )
        )
    return answers


def label_cell(cell: str) -> object:
    """0 or 1 for a label in words or figures; anything else is left for `fault` to refuse."""
    name = label_of(cell)
    return whole_number(cell) if name is None else LABELS.index(name)


HEAD = EvaluationHead(
    unit="texts",
    official=HubSet("SST-2", "stanfordnlp/sst2", None),
    columns=("rows", "right", "loss"),
    metrics=(
        Metric("accuracy", {"right": 1}, {"rows": 1}, proportion=True),
        Metric("loss", {"loss": 1}, {"rows": 1}, gain=False, unit="nats"),
    ),
    fault=fault,
    from_hub=from_hub,
    text=lambda row: str(row["text"]),
    expected=lambda row: LABELS[row["label"]],
    score=score,
    encoded=lambda row, loaded: encode(row["text"], loaded),
    explained=lambda row: (SentimentInput(row["text"]), None),
    outcomes=LABELS,
    cells={"label": label_cell},
)
