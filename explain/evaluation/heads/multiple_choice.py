"""Multiple choice: a context, a question and 2 to 8 choices, scored by accuracy."""

from __future__ import annotations

from typing import Any

from explain.attribution import MultipleChoiceInput
from explain.evaluation.heads import EvaluationHead, HubSet
from explain.evaluation.items import LabelledRow, ScoredAnswer, prompt
from explain.evaluation.metrics import Metric
from explain.evaluation.schemas import are_texts, is_index, is_text
from explain.evaluation.spreadsheet import whole_number
from explain.heads.multiple_choice import choose, encode
from explain.models import Loaded


def fault(row: LabelledRow) -> str | None:
    """What is wrong with a row; None if nothing is."""
    parts = row["context"], row["question"]
    if not all(isinstance(part, str) for part in parts) or not any(map(is_text, parts)):
        return "'context' and 'question' must be text, and one of them not empty"
    choices = row["choices"]
    if not are_texts(choices) or not all(map(is_text, choices)) or not 2 <= len(choices) <= 8:
        return "'choices' must be a list of 2 to 8 texts, none empty"
    if not is_index(row["label"], len(choices)):
        return f"'label' must be the index of a choice, 0 to {len(choices) - 1}"
    return None


def from_hub(row: dict[str, Any]) -> LabelledRow:
    """A row of SWAG; every ending continues the second sentence."""
    choices = [f"{row['sent2']} {row[f'ending{number}']}".strip() for number in range(4)]
    return {"context": row["sent1"], "question": "", "choices": choices, "label": row["label"]}


def choice(row: LabelledRow, index: int) -> str:
    """A choice after its number, which counts from 1."""
    return f"({index + 1}) {row['choices'][index]}"


def text(row: LabelledRow) -> str:
    """Prompt and choices."""
    return " ".join([prompt(row), *(choice(row, index) for index in range(len(row["choices"])))])


def score(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    """Tally: row, right, accuracy of a random guess, loss."""
    labels = [row["label"] for row in rows]
    choices = [row["choices"] for row in rows]
    results = choose([prompt(row) for row in rows], choices, loaded, labels)
    answers = []
    for result, row, label in zip(results, rows, labels, strict=True):
        best, loss = result.best, result.loss
        right = result.logits[best] == result.logits[label]  # a choice that reads alike is as good
        assert loss is not None
        probability = result.probabilities[result.best]
        answers.append(
            ScoredAnswer(
                answer=choice(row, result.best),
                right=right,
                probability=probability,
                loss=loss,
                tally=(1, right, 1 / len(result.choices), loss),
                cells=((f"choice {label + 1}", f"choice {result.best + 1}"),),
                decisions=((probability, right),),
            )
        )
    return answers


HEAD = EvaluationHead(
    unit="questions",
    official=HubSet("SWAG", "allenai/swag", "regular"),
    columns=("rows", "right", "chance", "loss"),
    metrics=(
        Metric(
            "points_above_chance",
            {"right": 100, "chance": -100}, {"rows": 1}, unit="",
        ),
        Metric("accuracy", {"right": 1}, {"rows": 1}, proportion=True),
        Metric("loss", {"loss": 1}, {"rows": 1}, gain=False, unit="nats"),
    ),
    fault=fault,
    from_hub=from_hub,
    text=text,
    expected=lambda row: choice(row, row["label"]),
    score=score,
    encoded=lambda row, loaded: encode(prompt(row), tuple(row["choices"]), loaded),
    explained=lambda row: (MultipleChoiceInput(prompt(row), tuple(row["choices"])), None),
    cells={
        # an empty choice keeps its number, and is left for `fault` to refuse
        "choices": lambda cell: [part.strip() for part in cell.split("|")],
        "label": whole_number,
    },
)  # fmt: skip
