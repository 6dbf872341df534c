"""What both models answer to one input, computed in batches with the requests of others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Generic, NamedTuple, TypeVar

import gradio as gr

from explain import encoding
from explain.heads import steps
from explain.models import ROLES, Loaded, is_loaded, load
from explain.race import lock
from explain.records import InputError
from explain.render import notices
from explain.serving.batching import Logits, MicroBatcher
from explain.serving.remote import RemoteHeads
from explain.settings import current

PATIENCE = 0.5  # seconds between two progress messages to a visitor who waits

R = TypeVar("R")
G = TypeVar("G")


@contextmanager
def exclusive_compute(progress: gr.Progress | None = None) -> Iterator[None]:
    """Compute something while no race and no other answer is computed; waiting is shown.

    Models are loaded before: handlers of `ANSWER` events may wait for the Hub side by side, and a
    visitor whose models are in memory does not wait for their downloads.
    """
    while not lock.acquire(lock.PREDICTION, PATIENCE):
        if progress is not None:
            progress(None, desc=f"Waiting for its turn. Running now: {lock.current_job()}.")
    try:
        yield
    finally:
        lock.release()


class Answers(NamedTuple, Generic[R]):
    """What both models answer to one input."""

    teacher: R
    student: R

    def to_plain(self, pair: str) -> dict[str, Any]:
        """The answer of an endpoint; `pair` is the pair that answered."""
        records: tuple[Any, Any] = self
        teacher, student = map(asdict, records)
        return {"pair": pair, "teacher": teacher, "student": student}


class Shown(NamedTuple):
    """The row of two panels and the sentence below, as HTML."""

    teacher: str
    student: str
    verdict: str


def both(
    head: str, pair: str, verb: Callable[[Loaded], R], progress: gr.Progress | None = None
) -> Answers[R]:
    """The answers of teacher and student: `verb` is called once with each loaded model.

    Its forward passes are computed in batches with those of other visitors.
    """
    with steps.computed_by(functools.partial(_batched, progress)):
        if pair != "pocket" and not all(is_loaded(head, role, pair) for role in ROLES):
            verb(load(head, "student"))  # bad input is refused before a download, not after
        teacher, student = (load(head, role, pair) for role in ROLES)
        return Answers(verb(teacher), verb(student))


def alone(loaded: Loaded, verb: Callable[[Loaded], R]) -> R:
    """The answer of one model, computed in batches with other requests."""
    with steps.computed_by(functools.partial(_batched, None)):
        return verb(loaded)


def with_gold(answer: Callable[[G | None], Answers[R]], gold: G | None) -> tuple[Answers[R], str]:
    """The answers to an input, and why its optional right answer has no loss; "" if it has one.

    `answer` is called with the right answer, and once more without it if that was refused: what
    stays in an optional box never costs a visitor the prediction.
    """
    try:
        return answer(gold), ""
    except InputError as error:
        if gold is None:
            raise
        return answer(None), f" No loss is shown: {str(error)[0].lower()}{str(error)[1:]}"


def _batched(
    progress: gr.Progress | None,
    loaded: Loaded,
    rows: Sequence[encoding.Row],
    forward: steps.Forward,
) -> Logits:
    """The rows' logits, computed in a shared batch; a visitor who waits sees what runs before."""
    logits = _engine.submit(loaded, rows, forward)
    while not logits.done():
        wait([logits], PATIENCE)
        if progress is not None and not logits.done():
            job = lock.current_job()
            ahead = _engine.waiting() if job in ("", lock.PREDICTION) else f"Running now: {job}."
            progress(None, desc=f"Waiting for its turn. {ahead}")
    return logits.result()


_batcher = MicroBatcher(exclusive_compute)
_engine = RemoteHeads(current().heads, _batcher) if current().heads else _batcher
"""The seam between the page and the models: in this process, or in others (`deploy.cluster`)."""


def show(
    answers: Answers[R], names: Sequence[str], panel: Callable[[R, str, str], str], sentence: str
) -> Shown:
    """Draw both answers by `panel` (of a result, its role and its model's name)."""
    teacher, student = map(panel, answers, ROLES, names)
    return Shown(teacher, student, notices.verdict(sentence))


def names(head: str, pair: str) -> tuple[str, str]:
    """The two models' names."""
    teacher, student = (load(head, role, pair).name for role in ROLES)
    return teacher, student
