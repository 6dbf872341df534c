"""Question answering: a context, a question and its accepted answers, scored as SQuAD is."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from explain.attribution import QuestionAnsweringInput
from explain.evaluation.heads import EvaluationHead, HubSet
from explain.evaluation.items import LabelledRow, ScoredAnswer
from explain.evaluation.metrics import Metric
from explain.evaluation.schemas import are_texts, is_text
from explain.heads.question_answering import answer, encode
from explain.models import Loaded
from explain.words import find

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
EXACT, PARTIAL, WRONG = OUTCOMES = ("exactly", "in part", "not at all")


def fault(row: LabelledRow) -> str | None:
    """What is wrong with a row; None if nothing is."""
    if not is_text(row["context"]) or not is_text(row["question"]):
        return "'context' and 'question' must be text that is not empty"
    answers = row["answers"]
    if not isinstance(answers, dict) or not are_texts(answers.get("text")):
        return "'answers' must hold 'text', a list with at least one answer"
    return None


def visitor_fault(row: LabelledRow) -> str | None:
    """An answer that is not in the context, in whole words, can never be found."""
    if any(find(row["context"], text, whole=True) for text in row["answers"]["text"]):
        return None
    return "none of the answers stands in 'context'"


def from_hub(row: dict[str, Any]) -> LabelledRow:
    """A row of SQuAD."""
    return {key: row[key] for key in ("context", "question", "answers")}


def normalise(text: str) -> str:
    """SQuAD's form of an answer: lower case, no punctuation, no articles, single spaces.

    And accents composed: what reads the same is the same.
    """
    composed = unicodedata.normalize("NFC", text).lower()
    return " ".join(_ARTICLES.sub(" ", composed.translate(_PUNCTUATION)).split())


def exact_match(answer: str, expected: Sequence[str]) -> float:
    """1.0 if the answer equals an expected one, after SQuAD's normalisation, else 0.0."""
    return float(any(normalise(answer) == normalise(text) for text in expected))


def answer_f1(answer: str, expected: Sequence[str]) -> float:
    """SQuAD's F1 over the words of the answer, the best over the expected ones."""
    return max(_word_f1(normalise(answer).split(), normalise(text).split()) for text in expected)


def _word_f1(answer: list[str], expected: list[str]) -> float:
    if not answer or not expected:
        return float(answer == expected)
    common = sum((Counter(answer) & Counter(expected)).values())
    return 2 * common / (len(answer) + len(expected))


def score(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    """Tally: row, exact match, F1."""
    questions, contexts = [row["question"] for row in rows], [row["context"] for row in rows]
    answers = []
    for result, row in zip(answer(questions, contexts, loaded, top=1), rows, strict=True):
        span, expected = result.spans[0], row["answers"]["text"]
        exact, f1 = exact_match(span.text, expected), answer_f1(span.text, expected)
        answers.append(
            ScoredAnswer(
                answer=span.text,
                right=exact == 1,
                probability=span.probability,
                loss=None,
                tally=(1, exact, f1),
                cells=(("answers met", EXACT if exact else PARTIAL if f1 else WRONG),),
            )
        )
    return answers


HEAD = EvaluationHead(
    unit="questions, answers normalised as for SQuAD",
    official=HubSet("SQuAD 1.1", "rajpurkar/squad", None),
    columns=("rows", "exact", "f1"),
    metrics=(
        Metric("f1", {"f1": 1}, {"rows": 1}),
        Metric("exact_match", {"exact": 1}, {"rows": 1}, proportion=True),
    ),
    fault=fault,
    visitor_fault=visitor_fault,
    from_hub=from_hub,
    text=lambda row: f"{row['question']} {row['context']}",
    expected=lambda row: " / ".join(dict.fromkeys(row["answers"]["text"])),
    score=score,
    encoded=lambda row, loaded: encode(row["question"], row["context"], loaded),
    agree=lambda first, second: normalise(first.answer) == normalise(second.answer),
    explained=lambda row: (QuestionAnsweringInput(row["question"], row["context"]), None),
    outcomes=OUTCOMES,
    cells={
        "answers": lambda cell: {"text": [part.strip() for part in cell.split("|") if part.strip()]}
    },
)
