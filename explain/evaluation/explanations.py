"""Do teacher and student give the same answer for the same reasons? Explanations of a whole set.

Both models explain their own answer to every item (`explain.attribution`); of NER, the tags of the
first name that is labelled. A model's main word is the one that adds most to the explained logits.
Beside each share stands what blind choice among the words would give: in a text of five words two
models often have the same main word by luck.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from explain.attribution import (
    Attribution,
    FillMaskInput,
    HeadInput,
    MultipleChoiceInput,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    SentimentInput,
    attribute,
)
from explain.attribution.agreement import agreement
from explain.attribution.methods import DEFAULT_METHOD
from explain.attribution.results import Agreement
from explain.evaluation.items import Item, LabelledRow, prompt
from explain.evaluation.metrics import entities
from explain.evaluation.reasons import ExplainedItem, ExplanationSummary, summary
from explain.evaluation.scoring import asked, prepared
from explain.models import Loaded
from explain.records import InputError


def explain(
    items: Sequence[Item], teacher: Loaded, student: Loaded, method: str = DEFAULT_METHOD
) -> Generator[ExplanationSummary, None, None]:
    """A summary after every item; close it to cancel. Raises `InputError` naming a bad row."""
    head = teacher.head
    ready = [prepared(item, student) for item in items]
    chosen = [item for item in ready if head != "ner" or entities(item.row["tags"])]
    left_out, found = len(ready) - len(chosen), list[ExplainedItem]()
    yield summary(found, len(chosen), left_out)
    for item in chosen:
        try:
            both = [_attribution(head, item.row, one, method) for one in (teacher, student)]
        except InputError as error:
            raise InputError(f"Row {item.number}: {error}") from error
        found.append(_explained(item, asked(head, item.row), agreement(*both)))
        yield summary(found, len(chosen), left_out)


def question(head: str, row: LabelledRow) -> tuple[HeadInput, NerTarget | None]:
    """What is explained of one row; without a target, the model's own answer."""
    if head == "sentiment":
        return SentimentInput(row["text"]), None
    if head == "fill_mask":
        return FillMaskInput(row["text"]), None
    if head == "multiple_choice":
        return MultipleChoiceInput(prompt(row), tuple(row["choices"])), None
    if head == "question_answering":
        return QuestionAnsweringInput(row["question"], row["context"]), None
    _, first, last = min(entities(row["tags"]), key=lambda name: name[1])
    before = sum(len(word) + 1 for word in row["tokens"][:first])
    length = len(" ".join(row["tokens"][first : last + 1]))
    return NerInput(" ".join(row["tokens"])), NerTarget(before, before + length)


def _attribution(head: str, row: LabelledRow, loaded: Loaded, method: str) -> Attribution:
    asked_of, target = question(head, row)
    return attribute(asked_of, loaded, target, method)


def _explained(item: Item, said: str, found: Agreement) -> ExplainedItem:
    words = found.words
    main = [
        max(range(len(words)), key=lambda i: getattr(words[i], role), default=-1)
        for role in ("teacher", "student")
    ]
    first, second = (words[i].text if i >= 0 else "" for i in main)
    return ExplainedItem(
        item=item,
        text=said,
        same_answer=found.same_target,
        teacher=first,
        student=second,
        same_word=main[0] == main[1] >= 0,
        shared=found.top_shared,
        top=found.top,
        words=len(words),
        spearman=found.spearman,
    )
