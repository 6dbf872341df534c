"""How often is each model right? Both models of a pair on the items of a set, batch by batch.

Batches hold items of about one length in word pieces, so that little is padded, and come in a
random order, so that the running score is not that of the shortest items. Padding changes nothing:
probabilities equal those of one item at a time to 1e-4.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence

from explain import encoding
from explain.evaluation.items import EvaluationProgress, Item, ScoredItem
from explain.evaluation.scoring import agree, asked, judge, prepared, wanted
from explain.models import Loaded

ITEMS_AT_ONCE = 32
PIECES_AT_ONCE = encoding.PADDED_BUDGET  # word pieces of one batch, so that it is soon done
PADDING = 40  # word pieces of one batch: a batch more costs about as much time
SEED = 0  # of the order of the batches


def evaluate(
    items: Sequence[Item], teacher: Loaded, student: Loaded
) -> Generator[EvaluationProgress, None, None]:
    """Progress after every batch; close it to cancel. Raises `InputError` naming a bad row."""
    assert teacher.head == student.head, "two tasks cannot be compared"
    ready = [prepared(item, student) for item in items]
    head, done = student.head, dict[int, ScoredItem]()
    yield EvaluationProgress(len(ready), ())
    for group in batches(ready, student):
        batch = [ready[index] for index in group]
        pairs = zip(judge(batch, teacher), judge(batch, student), strict=True)
        for index, item, (first, second) in zip(group, batch, pairs, strict=True):
            said = asked(head, item.row), wanted(head, item.row)
            done[index] = ScoredItem(item, *said, first, second, agree(head, first, second))
        yield EvaluationProgress(len(ready), tuple(done[index] for index in sorted(done)))


def batches(items: Sequence[Item], loaded: Loaded) -> list[list[int]]:
    """Indices of items that go together: of like length, in a random order of batches."""
    split = encoding.splitter(loaded)
    lengths = [
        len(split.encode(asked(loaded.head, item.row), add_special_tokens=False).ids)
        for item in items
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
