"""Do teacher and student give the same answer for the same reasons? Explanations of a whole set.

Both models explain their own answer to every item (`explain.attribution`); for NER, the tags of the
first labelled name. A model's main word is the one that adds most to the explained logits. Each
share is compared with its chance level, that of a random choice among the words: in a text of five
words two models often have the same main word by chance.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from explain.attribution import Attribution, attribute_steps
from explain.attribution.agreement import agreement
from explain.attribution.methods import DEFAULT_METHOD
from explain.attribution.results import Agreement
from explain.evaluation import heads
from explain.evaluation.items import Item
from explain.evaluation.reasons import ExplainedItem, ExplanationSummary, summary
from explain.evaluation.scoring import prepared
from explain.models import Loaded
from explain.records import InputError


def explain(
    items: Sequence[Item], teacher: Loaded, student: Loaded, method: str = DEFAULT_METHOD
) -> Generator[ExplanationSummary, None, None]:
    """A summary after every item, repeated while the next one is explained; close it to cancel.

    Items that cannot be read are left out.
    """
    head = heads.of(teacher.head)
    ready, _ = prepared(items, student, teacher)
    requests = [(item, head.explained(item.row)) for item in ready]
    chosen = [(item, request) for item, request in requests if request is not None]
    left_out, explained = len(items) - len(chosen), list[ExplainedItem]()
    so_far = summary(explained, len(chosen), left_out)
    yield so_far
    for item, (head_input, target) in chosen:
        attributions: list[Attribution] = []
        try:
            for loaded in (teacher, student):
                latest: list[Attribution] = []
                for latest[:] in attribute_steps(head_input, loaded, [target], method):
                    yield so_far
                attributions += latest
        except InputError as error:
            raise InputError(f"{item.place}: {error}") from error
        explained.append(_explained(item, head.text(item.row), agreement(*attributions)))
        so_far = summary(explained, len(chosen), left_out)
        yield so_far


def _explained(item: Item, text: str, result: Agreement) -> ExplainedItem:
    words = result.words
    main = [
        max(range(len(words)), key=lambda i: getattr(words[i], role), default=-1)
        for role in ("teacher", "student")
    ]
    first, second = (words[i].text if i >= 0 else "" for i in main)
    return ExplainedItem(
        item=item,
        text=text,
        same_answer=result.same_target,
        teacher=first,
        student=second,
        same_word=main[0] == main[1] >= 0,
        shared=result.top_shared,
        top=result.top,
        words=len(words),
        spearman=result.spearman,
    )
