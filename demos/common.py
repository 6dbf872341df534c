"""What every tab shares: the theme, the visitor's errors, the row of two panels, examples."""

from __future__ import annotations

import functools
import html
import itertools
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

import gradio as gr

from explain import encoding
from explain.heads import steps
from explain.models import ROLES, Loaded, is_loaded, load
from explain.race import lock
from explain.records import InputError
from explain.render import notices
from explain.serving.batching import Logits, MicroBatcher

TEACHER_COLOUR, STUDENT_COLOUR = "#2563eb", "#d97706"
MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1}  # one at a time
ANSWERS_AT_ONCE = 64  # handled side by side, computed in shared batches
ANSWER: dict[str, Any] = {"concurrency_id": "answer", "concurrency_limit": ANSWERS_AT_ONCE}
PATIENCE = 0.5  # seconds between two progress messages to a visitor who waits
DOWNLOADS_KEPT = 32  # folders of the newest offered files; Gradio serves its own copies
ENTER_RUNS = "Enter runs, Shift + Enter starts a new line"
_answers = itertools.count()
_downloads: deque[tempfile.TemporaryDirectory[str]] = deque()

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
DOWNLOAD = gr.Progress(track_tqdm=True)  # shows the Hub client's bars while a model is fetched

P = ParamSpec("P")
R = TypeVar("R")


def theme() -> gr.themes.Base:
    """System fonts, blue for what can be pressed, room to breathe."""
    fonts = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "sans-serif")
    mono = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
    return gr.themes.Base(
        primary_hue="blue", secondary_hue="amber", neutral_hue="slate", font=fonts, font_mono=mono,
        radius_size="md", text_size="md",
    ).set(
        body_background_fill="*neutral_50", body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_600",  # the default is too faint to read on white
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_500",
    )  # fmt: skip


def visitor_errors(handler: Callable[P, R]) -> Callable[P, R]:
    """Raise an `InputError` as `gr.Error`, escaped; everything else propagates and is logged."""

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except InputError as error:
            message = html.escape(str(error), quote=False)
            raise gr.Error(message, title="Please check", print_exception=False) from error

    return guarded


class Controls(NamedTuple):
    """What starts an answer, and where a refusal is shown."""

    run: gr.Button
    example_chosen: gr.events.Dependency  # after it, an example's values are in the inputs
    notice: gr.HTML


@contextmanager
def exclusive_compute(progress: gr.Progress | None = None) -> Iterator[None]:
    """Compute something while no race and no other answer is computed; waiting is shown.

    Models are loaded before: handlers of `ANSWER` events may wait for the Hub side by side, and a
    visitor whose models are in memory does not wait for their downloads.
    """
    while not lock.acquire(lock.PREDICTION, PATIENCE):
        if progress is not None:
            progress(None, desc=f"Waiting for its turn: {lock.current_job()} is running")
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


def _batched(
    progress: gr.Progress | None,
    loaded: Loaded,
    rows: Sequence[encoding.Row],
    forward: steps.Forward,
) -> Logits:
    """The rows' logits, computed in a shared batch; a visitor who waits sees what runs before."""
    logits = _batcher.submit(loaded, rows, forward)
    while not logits.done():
        wait([logits], PATIENCE)
        if progress is not None and not logits.done():
            job = lock.blocking_job() or f"{len(_batcher) + 1} answers"
            progress(None, desc=f"Waiting for its turn: {job} first")
    return logits.result()


_batcher = MicroBatcher(exclusive_compute)


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


def controls(
    head: str, rows: Sequence[tuple[Any, ...]], inputs: Sequence[gr.components.Component]
) -> Controls:
    """The Compare button, with examples beside it: rows of (label, a value for each input)."""
    with gr.Row(elem_classes="dx-controls"):
        run = gr.Button("Compare", variant="primary", elem_id=f"{head}-run", scale=0, min_width=180)
        with gr.Column(min_width=280):
            table = gr.Examples(
                [list(row[1:]) for row in rows], list(inputs), elem_id=f"{head}-examples",
                example_labels=[row[0] for row in rows], label="Examples", cache_examples=False,
                examples_per_page=20, api_visibility="private",
            )  # fmt: skip
    notice = gr.HTML(elem_id=f"{head}-notice", elem_classes="dx-notice")
    return Controls(run, table.load_input_event, notice)


def offered(files: Mapping[str, str]) -> list[Any]:
    """Updates of download buttons, one per file: its name and its text."""
    folder = tempfile.TemporaryDirectory(prefix="distilbert-explorer-")
    _downloads.append(folder)
    if len(_downloads) > DOWNLOADS_KEPT:
        _downloads.popleft().cleanup()
    updates = []
    for name, text in files.items():
        path = Path(folder.name, name)
        path.write_bytes(text.encode())
        updates.append(gr.update(value=str(path), visible=True))
    return updates


def panels(head: str) -> list[gr.HTML]:
    """The row of teacher and student, and the verdict below: three outputs."""
    sides = []
    with gr.Row(equal_height=True, elem_classes="dx-pair"):
        for role in ROLES:
            with gr.Column(min_width=300):
                sides.append(gr.HTML(notices.waiting(role), elem_id=f"{head}-{role}"))
    return [*sides, gr.HTML("", elem_id=f"{head}-verdict")]


def wire(
    handler: Callable[..., Sequence[Any]],
    controls: Controls,
    others: Sequence[Any],
    inputs: Sequence[gr.components.Component],
    outputs: Sequence[gr.components.Component],
) -> None:
    """Call `handler` on the button; an example and each of `others` (Enter, switches) press it.

    The last of `inputs` is the pair: choosing the other one cancels answers not yet computed. The
    last of `outputs` is an HTML that changes with every answer, so that other panels can listen to
    it. An `InputError` of the handler is shown in the notice; the last answer stays, faint.
    """
    run, example_chosen, notice = controls

    @functools.wraps(handler)
    def answer_or_refuse(*values: Any) -> list[Any]:
        try:
            *shown, last = handler(*values)
        except InputError as error:
            return [notices.refusal(str(error)), *(gr.skip() for _ in outputs)]
        return ["", *shown, f"{last}<!-- {next(_answers)} -->"]

    answering = run.click(
        answer_or_refuse, list(inputs), [notice, *outputs], api_visibility="private",
        show_progress="full", trigger_mode="always_last", **ANSWER,
    )  # fmt: skip
    press = f"() => document.getElementById('{run.elem_id}').click()"
    gr.on(list(others), None, js=press, api_visibility="private")
    example_chosen.then(None, js=press, api_visibility="private")
    pair: Any = inputs[-1]
    pair.input(None, cancels=[answering], api_visibility="private")
