"""How often is each model right? Both models of a pair on the items of a set, batch by batch.

Batches hold items of about one length, so that little is padded, and come in a random order, so
that the running score is not that of the shortest items. Padding changes nothing: probabilities
equal those of one item at a time to 1e-4.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence

from explain.models import Loaded
from race.items import Item, Judged, Progress
from race.judging import agree, asked, judge, prepared, wanted

ITEMS_AT_ONCE = 32
CHARACTERS_AT_ONCE = 4_000  # of one batch, padding counted: more pads more and gains nothing
SEED = 0  # of the order of the batches


def evaluate(
    items: Sequence[Item], teacher: Loaded, student: Loaded
) -> Generator[Progress, None, None]:
    """Progress after every batch; close it to cancel. Raises `InputError` naming a bad row."""
    assert teacher.head == student.head, "two tasks cannot be compared"
    ready = [prepared(item, student) for item in items]
    head, done = student.head, dict[int, Judged]()
    yield Progress(len(ready), ())
    for group in batches(ready):
        batch = [ready[index] for index in group]
        pairs = zip(judge(batch, teacher), judge(batch, student), strict=True)
        for index, item, (first, second) in zip(group, batch, pairs, strict=True):
            said = asked(head, item.row), wanted(head, item.row)
            done[index] = Judged(item, *said, first, second, agree(head, first, second))
        yield Progress(len(ready), tuple(done[index] for index in sorted(done)))


def batches(items: Sequence[Item]) -> list[list[int]]:
    """Indices of items that go together: of like length, in a random order of batches."""
    lengths = [len(str(item.row)) for item in items]
    groups: list[list[int]] = []
    for index in sorted(range(len(items)), key=lambda index: lengths[index]):
        group = groups[-1] if groups else []
        room = min(ITEMS_AT_ONCE, CHARACTERS_AT_ONCE // lengths[index])
        if group and len(group) < room:
            group.append(index)
        else:
            groups.append([index])
    random.Random(SEED).shuffle(groups)
    return groups
