"""Soft targets: what a temperature makes visible of a distribution (Hinton et al., 1503.02531).

At temperature T a distribution is softmax(logits / T). The gradient of KL(teacher || student) at
the student's logits is (q - p) / T; at high T, q - p itself shrinks as 1 / T. The factor T squared
keeps its size, so that the weights of soft and hard targets mean the same at every temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explain.distillation.records import DarkKnowledge, Softened

if TYPE_CHECKING:
    from torch import Tensor

TEMPERATURES = tuple(number / 2 for number in range(1, 41))  # 0.5 to 20
SHOWN = 8  # best outcomes of the teacher


def dark_knowledge(
    text: str,
    teacher: Tensor,
    student: Tensor,
    names: Sequence[str],
    asked: Sequence[int] = (),
) -> DarkKnowledge:
    """Both distributions at every temperature; logits (outcomes,), parallel to `names`.

    Shown are the teacher's best outcomes, then those in `asked`, numbers of outcomes.
    """
    best = [i for i in teacher.topk(min(SHOWN, len(names))).indices.tolist() if i not in asked]
    shown = [*best, *dict.fromkeys(asked)]
    return DarkKnowledge(
        text,
        tuple(names[i] for i in shown),
        len(shown) - len(best),
        _ranks(teacher, shown),
        _ranks(student, shown),
        len(names),
        tuple(softened(teacher, student, t, shown) for t in TEMPERATURES),
    )


def softened(
    teacher: Tensor, student: Tensor, temperature: float, shown: Sequence[int]
) -> Softened:
    """Both distributions at one temperature."""
    p_log = (teacher.float() / temperature).log_softmax(-1)
    q_log = (student.float() / temperature).log_softmax(-1)
    p, q = p_log.exp(), q_log.exp()
    gradient = float((q - p).norm() / temperature)
    return Softened(
        temperature,
        tuple(p[list(shown)].tolist()),
        tuple(q[list(shown)].tolist()),
        float(-(p * p_log).sum()),
        float(-(q * q_log).sum()),
        float((p * (p_log - q_log)).sum()),
        gradient,
        temperature**2 * gradient,
    )


def _ranks(logits: Tensor, shown: Sequence[int]) -> tuple[int, ...]:
    return tuple(1 + int((logits > logits[i]).sum()) for i in shown)
