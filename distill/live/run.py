"""A live training: a student and its rival by turns, in a thread of its own, by the clock.

Both are given the same batches in the same order. The clock runs while they train and while they
are examined; it stands still in a pause, while another training has its turn, and while something
is timed that must run alone. The generator watches the thread; closing it ends the training before
its next step. Nothing is written to disk, and no model of the tables of `explain.models` changes.
"""

from __future__ import annotations

import copy
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch

from distill.live import heads, recorded, slot
from distill.live.control import Control
from distill.live.learner import HeldOut, Learner
from distill.live.settings import OWN, RIVALS, checked, title
from distill.live.start import new_student
from distill.live.transfer import Target, TransferSet, held_out, sentences
from distill.live.untrained import examination
from explain.distillation import records
from explain.distillation.records import (
    LiveSettings,
    LiveState,
    Losses,
    Marks,
    Outcomes,
    Point,
    Student,
)
from explain.environment import cores
from explain.models import Loaded, load
from explain.models.layers import trunk
from explain.records import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

EXAMINED_EVERY = 1.6  # seconds, from one to the next: two may not pass without a new point
POLL = 0.4  # seconds between two states
IDLE = 0.05
NAME = "distilbert-live"  # of the student outside of its training
WORDS = "embeddings.word_embeddings"  # never trained, and shared with the teacher
LONGEST_PAUSE = 300.0  # seconds, after which a paused training ends: it holds up to 0.6 GB
NICE = 3  # how far the training thread steps back behind others, on Linux


@dataclass(slots=True)
class _Pupil:
    """A student with all that is recorded of it."""

    name: str
    learner: Learner
    loaded: Loaded
    points: list[Point] = field(default_factory=list)
    recent: list[Losses] = field(default_factory=list)
    answer: Outcomes = ()
    end: Marks | None = None

    def examine(self, held: HeldOut, sentence: str, seconds: float) -> None:
        """Add a point, and the answer to the watched sentence."""
        model = self.learner.model
        losses = _mean(self.recent)
        self.recent.clear()
        self.answer = heads.of(self.loaded.head).answer(sentence, self.loaded)
        self.points.append(Point(seconds, self.learner.steps, losses, held.marks(model)))

    def round_weights(self) -> None:
        """Round the weights to float16, in which they are stored: the download answers alike."""
        with torch.no_grad():
            for tensor in self.learner.model.parameters():
                if tensor.requires_grad:
                    tensor.copy_(tensor.half())


class Training:
    """One training; `run` is the work of its thread, `state` may be read meanwhile."""

    def __init__(
        self, settings: LiveSettings, control: Control, held_up_by: Callable[[], str]
    ) -> None:
        """`held_up_by` names what the training must not disturb now; "" for nothing."""
        self.settings, self.control, self.held_up_by = settings, control, held_up_by
        self.spent = 0.0
        self.phase, self.remark = records.PREPARING, ""
        self.pupils: list[_Pupil] = []
        self.sentences = 0
        self.teacher_answer: Outcomes = ()
        self.teacher_score = self.teacher_end = 0.0
        self.refusal: InputError | None = None
        self.whole = False  # ended as it should
        self.done = threading.Event()
        self._lock = threading.Lock()

    def seconds_left(self) -> float:
        """Of the time that was asked for."""
        return max(0.0, self.settings.seconds - self.spent)

    def state(self) -> LiveState:
        """What there is to show now."""
        head = heads.of(self.settings.head)
        with self._lock:
            students = tuple(
                Student(p.name, tuple(p.points), p.answer, p.end) for p in self.pupils if p.points
            )
            if len(students) < len(self.pupils):
                students = ()
            if students and self.settings.is_rival_recorded:
                students += (self._recorded_rival(students[0]),)
            return LiveState(
                self.phase, self.remark, self.settings, self.spent, self.sentences, students,
                self.teacher_answer, self.teacher_score, self.teacher_end, head.SCORE, head.HARD,
            )  # fmt: skip

    def _recorded_rival(self, own: Student) -> Student:
        """The rival of a recorded run, as far as the visitor's student has come."""
        whole = recorded.rival(self.settings, RIVALS[self.settings.rival].name)
        is_over = own.end is not None and self.seconds_left() == 0
        return whole if is_over else recorded.reached(whole, self.spent)

    def model(self) -> tuple[PreTrainedModel, Loaded]:
        """The visitor's student, and how it is asked."""
        pupil = self.pupils[0]
        return pupil.learner.model, pupil.loaded

    def for_tabs(self) -> Loaded:
        """A copy of the student that answers as fast as the stored models."""
        pupil = self.pupils[0]
        words = trunk(pupil.learner.model).get_submodule(WORDS).weight
        model: PreTrainedModel = copy.deepcopy(pupil.learner.model, {id(words): words})
        model.set_attn_implementation("sdpa")
        return replace(pupil.loaded, model=model.requires_grad_(False).eval(), name=NAME)

    def work(self) -> None:
        """Prepare, train, examine; the thread's work."""
        _step_back()
        try:
            with slot.ticket(title(self.settings), self.seconds_left) as ticket:
                if self._wait(ticket):
                    self._train(ticket)
            self.whole = True
        except InputError as error:  # `follow` raises it for the visitor
            self.refusal = error
        finally:
            self.phase = records.ENDED
            self.done.set()

    def _train(self, ticket: slot.Ticket) -> None:
        settings, control = self.settings, self.control
        teacher = load(settings.head, "teacher")
        self._announce(records.PREPARING)
        texts = settings.text or sentences(settings.head)
        stream = iter(TransferSet(texts, teacher, load("fill_mask", "teacher"), settings.seed))
        held = examination(settings.head)
        self._prepare(teacher, held, len(texts))
        examined = time.perf_counter()
        while self.spent < settings.seconds and self._wait(ticket):
            began = time.perf_counter()
            self._steps(next(stream))
            if time.perf_counter() - examined > EXAMINED_EVERY:
                examined = time.perf_counter()
                self._examine(held)
            self.spent += time.perf_counter() - began
        if self.pupils and not control.left.is_set():
            self._conclude(teacher)

    def _prepare(self, teacher: Loaded, held: HeldOut, texts: int) -> None:
        settings = self.settings
        asked = load(settings.head, "student")
        starts = [(OWN, settings.layers, settings.weights)]
        if settings.rival and not settings.recorded:
            rival = RIVALS[settings.rival]
            starts.append((rival.name, *rival.of(settings)))
        pupils = []
        for name, layers, weights in starts:
            if self.control.stopped.is_set():
                return
            model = new_student(teacher, layers, settings.seed)
            learner = Learner(model, teacher, weights, settings.rate)
            pupils.append(_Pupil(name, learner, replace(asked, model=model, name=name)))
        self.teacher_answer = heads.of(settings.head).answer(settings.sentence, teacher)
        self.teacher_score, self.sentences = held.marks(teacher.model).score, texts
        with self._lock:
            self.pupils = pupils
        self._examine(held)

    def _steps(self, target: Target) -> None:
        share = self.spent / self.settings.seconds
        for pupil in self.pupils:
            pupil.recent.append(pupil.learner.step(target, share))

    def _examine(self, held: HeldOut) -> None:
        for pupil in self.pupils:
            pupil.examine(held, self.settings.sentence, self.spent)

    def _conclude(self, teacher: Loaded) -> None:
        """Both students as they will be stored, on all held-out rows."""
        held = HeldOut.of(teacher, held_out(teacher, 0))
        self.teacher_end = held.marks(teacher.model).score
        for pupil in self.pupils:
            if self.control.left.is_set():
                return
            pupil.round_weights()
            pupil.answer = heads.of(teacher.head).answer(self.settings.sentence, pupil.loaded)
            pupil.end = held.marks(pupil.learner.model)

    def _wait(self, ticket: slot.Ticket) -> bool:
        """Wait for its turn, for the end of a pause; False when the visitor has stopped it."""
        paused_at = time.monotonic()
        while not self.control.stopped.is_set():
            if self.control.paused.is_set():
                ticket.leave()
                self._announce(records.PAUSED)
                if time.monotonic() - paused_at > LONGEST_PAUSE:
                    return False
            else:
                ticket.line_up()
                remark = ticket.ahead() or self.held_up_by()
                if not remark and ticket.is_first():
                    self._announce(records.TRAINING if self.pupils else records.PREPARING)
                    return True
                self._announce(records.WAITING, remark)
            time.sleep(IDLE)
        return False

    def _announce(self, phase: str, remark: str = "") -> None:
        self.phase, self.remark = phase, remark


def follow(
    settings: LiveSettings, control: Control, held_up_by: Callable[[], str] = lambda: ""
) -> Generator[tuple[LiveState, Training], None, None]:
    """States of a training, the last with its end; closing it ends the training.

    Raises `InputError` for settings that cannot be trained with.
    """
    training = Training(checked(settings), control, held_up_by)
    thread = threading.Thread(target=training.work, daemon=True, name="live distillation")
    thread.start()
    try:
        while not training.done.wait(POLL):
            yield training.state(), training
    finally:
        if not training.done.is_set():
            control.leave()
        thread.join()
    if training.refusal:
        raise training.refusal
    assert training.whole, "the training thread has failed: its error is in the log"
    yield training.state(), training


def _mean(losses: list[Losses]) -> Losses | None:
    if not losses:
        return None
    parts: Iterator[float] = (
        sum(getattr(one, part) for one in losses) / len(losses) for part in records.PARTS
    )
    return Losses(*parts)


def _step_back() -> None:
    """Leave half of the processors to others, and on Linux go behind them.

    A number of threads is the calling thread's own, but becomes that of threads made later too;
    so it is set back from a thread that ends at once.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, cores() // 2)))
    restoring = threading.Thread(target=torch.set_num_threads, args=(before,))
    restoring.start()
    restoring.join()
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
