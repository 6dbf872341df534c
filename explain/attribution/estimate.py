"""How long will an attribution take here? One forward and one backward pass, timed now."""

from __future__ import annotations

import time

from explain.attribution.methods.integrated_gradients import MOST_STEPS, NODES
from explain.attribution.methods.shapley import MOST_SETS, PAIRS_AT_ONCE
from explain.attribution.question import function_of, question_of
from explain.attribution.records import HeadInput, Target
from explain.attribution.results import Estimate
from explain.models import Loaded


def estimate(
    head_input: HeadInput,
    loaded: Loaded,
    target: Target | None = None,
    method: str = "integrated_gradients",
    baseline: str = "mask",
) -> Estimate:
    """Least and most passes and seconds; in a batch a pass is faster than the one timed."""
    question = question_of(head_input, loaded, target)
    function = function_of(question, loaded, baseline)
    began = time.perf_counter()
    function.ends()
    forward = (time.perf_counter() - began) / 2
    began = time.perf_counter()
    function.gradients(function.input[None])
    both = time.perf_counter() - began
    count = len(function.ordinary)
    each, passes = {
        "integrated_gradients": (both, (2 * NODES, MOST_STEPS)),
        "gradient_x_input": (both, (1, 1)),
        "occlusion": (forward, (count, count)),
        "shapley": (forward, (2 * PAIRS_AT_ONCE * max(0, count - 1), MOST_SETS)),
    }[method]
    read, unread = sum(map(len, question.reading.layout)), question.reading.unread
    return Estimate(read, unread, passes, (each * passes[0], each * passes[1]))
