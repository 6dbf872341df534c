"""Handlers of the Why? panel: both models' attributions, for the page and as an endpoint."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import gradio as gr

from demos.answers import exclusive_compute
from demos.common import visitor_errors
from demos.why.running import OFTEN
from explain.attribution.engine import DEFAULT_BASELINE, estimate, pair_steps, require
from explain.attribution.export import pair_to_plain
from explain.attribution.heads import attribution_head
from explain.attribution.inputs import FixedTargets, fixed_targets, offered, read, rivals_of
from explain.attribution.methods import DEFAULT_METHOD, METHODS
from explain.attribution.records import BASELINES, HeadInput
from explain.attribution.results import Estimate, PairAttribution
from explain.models import ROLES, Loaded, fresh_classifier, load
from explain.race import lock
from explain.records import InputError
from explain.render import attribution as drawing
from explain.render import notices

LONG = 400  # characters from which the time is estimated first
TURN = 0.002  # seconds between two steps, in which a waiting answer acquires the lock
PAIR_CHANGED = "The answers above are those of the other pair: press Compare first, then Why?"
INPUT_CHANGED = "The answers above are of another input: press Compare first, then Why?"
NO_ANSWER = "There is no answer to explain yet: press Compare first, then Why?"


class PanelUpdate(NamedTuple):
    """One value per output of the panel."""

    status: str
    result: Any  # HTML
    attributions: PairAttribution | None  # once they are complete
    follow_ups: Any  # visible once there are attributions
    stop: Any  # visible while something runs


def update(
    status: str,
    result: Any = "",
    attributions: PairAttribution | None = None,
    running: bool = False,
) -> PanelUpdate:
    """What the panel shows; without arguments but a status, nothing of an earlier explanation."""
    shown = gr.update(visible=attributions is not None)
    return PanelUpdate(status, result, attributions, shown, gr.update(visible=running))


def models(head: str, pair: str, values: Mapping[str, object]) -> tuple[Loaded, Loaded]:
    """Teacher and student, with the classifier that the tab's switch asks for."""
    teacher, student = (load(head, role, pair) for role in ROLES)
    if head == "multiple_choice" and values.get("untrained") is True:
        return fresh_classifier(teacher), fresh_classifier(student)
    return teacher, student


@visitor_errors
def attribute(
    head: str,
    inputs: dict[str, Any],
    target: str = "",
    against: str = "",
    method: str = DEFAULT_METHOD,
    baseline: str = DEFAULT_BASELINE,
    pair: str = "pocket",
) -> dict[str, Any]:
    """What every word piece adds to one logit of each model, with the ledger and the words.

    `inputs` has the fields of the head: text; prompt and choices; question and context. `target` is
    an answer, as text: a word, a label, "Paris as LOC" or "all" (the others are in `more`), the
    number of a choice, words of the context (after "start of" or "end of" for one end alone); ""
    is each model's own. `against` is a rival answer: then the difference of both is explained.
    """
    head_input = read(head, inputs)
    loaded = models(head, pair, inputs)
    with exclusive_compute():
        fixed = fixed_targets(head_input, loaded, target, against)
    steps = pair_steps(head_input, loaded, fixed.targets, method, baseline, fixed.left_out)
    *_, last = _in_turns(steps)
    return {"pair": pair, "head": head, **pair_to_plain(last)}


def _in_turns(steps: Iterator[PairAttribution]) -> Iterator[PairAttribution]:
    """The steps, each computed alone; the answers that wait are computed between two of them."""
    while True:
        with exclusive_compute():
            step = next(steps, None)
        if step is None:
            return
        yield step
        time.sleep(TURN)


Answered = tuple[Any, ...]  # the fields that the answers above are of, and their pair


def explain_answered(
    head: str, names: Sequence[str], answered: Answered | None, *given: Any
) -> Iterator[PanelUpdate]:
    """Both models' attributions of the answers that stand above: of their input and their pair."""
    *fields, pair = answered or ("",)
    *shown, _, _, _, _, chosen = given
    if answered is None or fields != shown or pair != chosen:
        sentence = NO_ANSWER if answered is None else INPUT_CHANGED
        if answered is not None and pair != chosen:
            sentence = PAIR_CHANGED
        yield update(notices.refusal(sentence))
        return
    yield from explain(head, names, *given)


def explain(head: str, names: Sequence[str], *given: Any) -> Iterator[PanelUpdate]:
    """Both models' attributions, step by step; `given` are the fields and the four choices."""
    with lock.announce_job("an explanation") as job:
        yield from _explain(job, head, dict(zip(names, given, strict=False)), *given[len(names) :])


def _explain(
    job: lock.RunningJob, head: str, values: Mapping[str, Any],
    target: str, against: str, method: str, baseline: str, pair: str,
) -> Iterator[PanelUpdate]:  # fmt: skip
    try:
        require(method, METHODS, "method")
        require(baseline, BASELINES, "baseline")
        head_input = read(head, values)
        loaded = models(head, pair, values)
        yield update(notices.queued("", "Working …"), running=True)
        fixed = fixed_targets(head_input, loaded, target or "", against or "")
        estimated = ""
        is_slow = METHODS[method].most_pieces is not None
        if is_slow or sum(len(str(value)) for value in values.values()) > LONG:
            estimates = _estimates(head_input, loaded, fixed, method, baseline)
            estimated = drawing.estimate(estimates, len(fixed.targets[0]))
            job.expect(len(fixed.targets[0]) * sum(model.seconds[1] for model in estimates))
            yield update(notices.status(estimated), gr.skip(), running=True)
        drawn = 0.0
        for step in pair_steps(head_input, loaded, fixed.targets, method, baseline, fixed.left_out):
            if step.done:
                yield update("", drawing.result(step, 0), step)
            elif time.monotonic() - drawn > OFTEN:
                drawn = time.monotonic()
                status = notices.status(f"{drawing.progress(step)} {estimated}")
                yield update(status, drawing.result(step, 0), running=True)
    except InputError as error:
        yield update(notices.refusal(str(error)))


def _estimates(
    head_input: HeadInput, loaded: Sequence[Loaded], fixed: FixedTargets, method: str, baseline: str
) -> list[Estimate]:
    """How long each model will take for one target, from one pass."""
    return [
        estimate(head_input, model, targets[0], method, baseline)
        for model, targets in zip(loaded, fixed.targets, strict=True)
    ]


def begun() -> PanelUpdate:
    """Shown at once after Why?: that it runs, or what runs before it."""
    return update(notices.queued(lock.blocking_job(), "Working …"), running=True)


def stopped() -> tuple[Any, ...]:
    """Status and stop button after Stop: what has been drawn stays."""
    status = "Stopped. What is shown is as far as it came."
    return notices.status(status), gr.update(visible=False)


def clear_status() -> tuple[Any, ...]:
    """Status and stop button after a new press of Compare: nothing runs."""
    return "", gr.update(visible=False)


def clear_results() -> PanelUpdate:
    """The panel after the other pair was chosen: an earlier explanation is not of its models."""
    return update("")


def new_answer(*answered: Any) -> tuple[Any, ...]:
    """The panel after a new answer, and what the answer is of: its fields, then its pair."""
    return *clear_results(), answered


def offer(head: str, names: Sequence[str], *given: Any) -> tuple[Any, ...]:
    """Targets and rivals that fit a new answer."""
    *fields, named, target, against, pair = given
    values = dict(zip(names, fields, strict=True))
    try:
        menus = offered(read(head, values), models(head, pair, values), named)
    except InputError:  # shown by the head itself
        menus = attribution_head(head).options, rivals_of(head)
    return tuple(
        gr.update(
            choices=list(options),
            value=chosen if chosen in dict(options).values() else options[0][1],
        )
        for options, chosen in zip(menus, (target, against), strict=True)
    )
