"""How often is each model right? Labelled items through one model, or through both of a pair.

Items go through the same functions as a visitor's text (`explain.heads`), as one list: sorted by
length there, padded to the longest of a batch. Padding changes nothing: probabilities equal those
of one item at a time to 1e-4.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence

from explain import encoding
from explain.evaluation import heads
from explain.evaluation.items import EvaluationProgress, Item, ScoredAnswer, ScoredItem
from explain.heads import steps
from explain.models import Loaded
from explain.records import InputError

ITEMS_AT_ONCE = 32
PIECES_AT_ONCE = steps.PADDED_BUDGET  # word pieces per batch, so that each is done soon
PADDING = 40  # word pieces per batch: one more batch costs about as much time
SEED = 0  # of the order of the batches


def score(items: Sequence[Item], loaded: Loaded) -> Sequence[ScoredAnswer]:
    """One answer per item, in their order; all of them must be `readable`."""
    return heads.of(loaded.head).score([item.row for item in items], loaded)


def prepared(items: Sequence[Item], *models: Loaded) -> tuple[list[Item], tuple[str, ...]]:
    """Items as both models are given them (each fill-mask text with one [MASK]), or why not."""
    ready, faults = list[Item](), list[str]()
    for item in items:
        try:
            ready.append(heads.of(models[0].head).prepared(item, models[0]))
        except InputError as error:
            faults.append(str(error))
    read, unread = readable(ready, *models)
    if not read:
        raise InputError(f"No row can be read. {(*faults, *unread)[0]}")
    return read, (*faults, *unread)


def readable(items: Sequence[Item], *models: Loaded) -> tuple[list[Item], tuple[str, ...]]:
    """The items that all models can read, by the rules of their head, and why the others cannot."""
    read, faults = list[Item](), list[str]()
    for item in items:
        try:
            for loaded in models:
                heads.of(loaded.head).encoded(item.row, loaded)
        except InputError as error:
            faults.append(f"{item.place}: {error}")
        else:
            read.append(item)
    return read, tuple(faults)


def evaluate(
    items: Sequence[Item], teacher: Loaded, student: Loaded
) -> Generator[EvaluationProgress, None, None]:
    """Progress after every batch; close it to cancel. Items that cannot be read are left out.

    Batches come in a random order, so that the running score is not that of the shortest items.
    """
    assert teacher.head == student.head, "two tasks cannot be compared"
    head, scored = heads.of(student.head), dict[int, ScoredItem]()
    ready, left_out = prepared(items, student, teacher)
    yield EvaluationProgress(len(ready), (), left_out)
    for batch in batches(ready, student):
        chosen = [ready[index] for index in batch]
        answers = zip(score(chosen, teacher), score(chosen, student), strict=True)
        for index, item, (first, second) in zip(batch, chosen, answers, strict=True):
            scored[index] = ScoredItem(
                item=item,
                text=head.text(item.row),
                expected=head.expected(item.row),
                teacher=first,
                student=second,
                agree=head.agree(first, second),
            )
        yield EvaluationProgress(
            len(ready), tuple(scored[index] for index in sorted(scored)), left_out
        )


def batches(items: Sequence[Item], loaded: Loaded) -> list[list[int]]:
    """Indices of items that are computed together: of similar length, in a random order."""
    split, head = encoding.splitter(loaded), heads.of(loaded.head)
    lengths = [
        len(split.encode(head.text(item.row), add_special_tokens=False).ids) for item in items
    ]
    groups: list[list[int]] = []
    padding = 0
    for index in sorted(range(len(items)), key=lambda index: lengths[index]):
        group = groups[-1] if groups else []
        more = len(group) * (lengths[index] - lengths[group[-1]]) if group else 0
        room = min(ITEMS_AT_ONCE, PIECES_AT_ONCE // max(1, lengths[index]))
        if group and len(group) < room and padding + more <= PADDING:
            group.append(index)
            padding += more
        else:
            groups.append([index])
            padding = 0
    random.Random(SEED).shuffle(groups)
    return groups
