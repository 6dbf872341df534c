"""The same questions put to teacher and student, turn by turn, so that both can be seen to grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explain.attribution.agreement import agreement
from explain.attribution.engine import attribute_all_steps
from explain.attribution.records import Attribution, HeadInput, Target
from explain.attribution.results import Both
from explain.models import Loaded


def both_steps(
    head_input: HeadInput,
    loaded: Sequence[Loaded],
    targets: Sequence[Target],
    method: str = "integrated_gradients",
    baseline: str = "mask",
    left_out: int = 0,
) -> Iterator[Both]:
    """One step of the teacher, one of the student, until both are done; close it to cancel."""
    runs = [attribute_all_steps(head_input, one, targets, method, baseline) for one in loaded]
    found: list[tuple[Attribution, ...]] = [(), ()]
    unfinished = {0, 1}
    while unfinished:
        for side in sorted(unfinished):
            step = next(runs[side], None)
            if step is None:
                unfinished.discard(side)
                if unfinished:
                    continue
            else:
                found[side] = step
            teacher, student = found
            same = tuple(map(agreement, teacher, student))
            yield Both(teacher, student, same, not unfinished, left_out)
