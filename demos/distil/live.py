"""Live distillation: a student trained while the visitor watches, beside a rival, by the clock."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos.common import QUIET
from demos.distil.starts import Fields
from demos.jobs import HIDDEN, UNCHANGED
from demos.own_student import keep, switch
from demos.prose import prose
from distill.live import control, heads, recorded, settings, slot
from distill.live.download import FOLDER, write_zip
from distill.live.run import Training, follow
from distill.live.transfer import FEWEST, pasted
from explain.distillation import records
from explain.distillation.records import LiveSettings, LiveState, Weights
from explain.heads.registry import HEADS
from explain.race import contestants, lock
from explain.records import InputError
from explain.render import distillation as render
from explain.render import notices
from explain.render.formats import significant

TRAININGS = 3  # at once: one trains, others wait or are paused; 0.6 GB each at most
EVENTS: dict[str, Any] = {
    **QUIET, "concurrency_id": "distillation", "concurrency_limit": TRAININGS,
    "trigger_mode": "multiple",
}  # fmt: skip
FILES_KEPT = 4
NOW, RECORDED = "now", "recorded"  # where the rival comes from
USE, TAKE_OUT = "Use it in the tabs", "Take it out of the tabs"
RATES = (3e-5, 1e-4, 2e-4, 3e-4, 1e-3)
INTRO = (
    "## Live distillation\n\nA student of these layers is distilled from the pocket teacher, here "
    "and now, on sentences written for this page and varied by the teacher itself. Beside it runs "
    "a **rival** that differs in one respect: it takes turns with the student in the same time, or "
    "is drawn from a recorded run."
)
_files: deque[tempfile.TemporaryDirectory[str]] = deque()


class View(NamedTuple):
    """Everything that the page shows of a training, in the order of the outputs."""

    status: Any
    shown: Any = ""
    file: Any = HIDDEN
    use: Any = HIDDEN
    train: Any = UNCHANGED
    pause: Any = UNCHANGED
    stop: Any = UNCHANGED


def started(request: gr.Request) -> View:
    """What the page shows at once after Train; an earlier training of the visitor ends."""
    ahead = slot.waiting()
    control.begin(str(request.session_hash))
    status = notices.starting(ahead, "The student is cut out of its teacher.")
    return View(status, "", HIDDEN, HIDDEN, *_buttons(True))


def run(request: gr.Request, *values: Any) -> Iterator[View]:
    """The training, drawn as it goes on; closing it ends the training.

    The last view comes twice, since the page may drop an update that another follows at once.
    Gradio takes the value out of an update that it sends, so each is sent as a copy.
    """
    visitor = str(request.session_hash)
    own = control.take(visitor)
    view = View(*[UNCHANGED] * len(View._fields))
    if own is None:
        yield view
        return
    try:
        with closing(follow(settings_of(*values), own, _held_up_by)) as states:
            drawn = -1.0
            for state, training in states:
                if own.left.is_set():
                    return  # started anew: that training draws
                latest = state.students[0].points[-1].seconds if state.students else 0.0
                view = _view(state, training, latest != drawn, visitor)
                drawn = latest if state.students else drawn
                yield View(*(dict(each) if isinstance(each, dict) else each for each in view))
    except InputError as error:
        view = View(notices.refusal(str(error)), "", HIDDEN, HIDDEN, *_buttons(running=False))
    finally:
        control.end(visitor, own)
    yield view


def pause(request: gr.Request) -> Any:
    """Pause the visitor's training, or let it go on; the button says what it does next."""
    own = control.find(str(request.session_hash))
    if own is None:
        return UNCHANGED
    (own.paused.clear if own.paused.is_set() else own.paused.set)()
    return gr.update(value="Continue" if own.paused.is_set() else "Pause")


def stop(request: gr.Request) -> Any:
    """End the visitor's training; what it has learned is scored and can be downloaded."""
    if own := control.find(str(request.session_hash)):
        own.stopped.set()
    return gr.update(interactive=False)


def use(request: gr.Request) -> tuple[Any, str]:
    """The visitor's student is put into the tabs, or taken out: the button, and a sentence."""
    try:
        student = switch(str(request.session_hash))
    except InputError as error:
        return HIDDEN, notices.refusal(str(error))
    tab = HEADS[student.loaded.head].title
    if not student.in_tabs:
        return gr.update(value=USE), notices.status(f"{tab} answers without your student again.")
    raced = " It can be raced too." if student.loaded.head == contestants.HEAD else ""
    sentence = f"Press Compare in {tab}: your student answers below both models.{raced}"
    return gr.update(value=TAKE_OUT), notices.status(sentence)


def settings_of(
    head: str, layers: list[int], sentence: str, soft: float, hard: float, cosine: float,
    temperature: float, rate: float, seed: float, seconds: float, rival: str, of: str,
    text: str | None,
) -> LiveSettings:  # fmt: skip
    """The settings given by the fields."""
    return LiveSettings(
        head, tuple(sorted(layers)), Weights(soft, hard, cosine, temperature), rate, int(seed or 0),
        int(seconds), rival, sentence, pasted(text) if text and text.strip() else (),
        of == RECORDED,
    )  # fmt: skip


def _held_up_by() -> str:
    """What must run alone just now: a race; answers of the models may run beside a training."""
    job = lock.current_job()
    return "" if job == lock.PREDICTION else job


def _view(state: LiveState, training: Training, redraw: bool, visitor: str) -> View:
    ended = state.phase == records.ENDED
    file = in_tabs = HIDDEN
    if ended and state.students and state.students[0].end:
        file = gr.update(value=_offered(state, training), visible=True)
        keep(visitor, training.for_tabs())
        in_tabs = gr.update(value=USE, visible=True)
    shown = render.live(state) if redraw or ended else UNCHANGED
    paused = state.phase == records.PAUSED
    return View(render.live_status(state), shown, file, in_tabs, *_buttons(not ended, paused))


def _buttons(running: bool, paused: bool = False) -> tuple[Any, Any, Any]:
    """The states of Train, Pause and Stop."""
    return (
        gr.update(value="Start anew" if running else "Train"),
        gr.update(value="Continue" if paused else "Pause", interactive=running),
        gr.update(interactive=running),
    )


def _offered(state: LiveState, training: Training) -> str:
    """The student as a zip; the newest few are kept."""
    folder = tempfile.TemporaryDirectory(prefix="distilbert-explorer-")
    _files.append(folder)
    if len(_files) > FILES_KEPT:
        _files.popleft().cleanup()
    path = Path(folder.name, f"{FOLDER}.zip")
    model, loaded = training.model()
    write_zip(model, loaded.tokenizer, state, path)
    return str(path)


def build(fields: Fields) -> None:
    """Lay the part out; `fields` are those of the start."""
    prose(INTRO)
    inputs = [*fields, *_fields()]
    with gr.Row(elem_classes="rx-buttons"):
        train = gr.Button("Train", variant="primary", elem_id="distil-train", scale=0,
                          min_width=140)  # fmt: skip
        others = [
            gr.Button(name, interactive=False, elem_id=f"distil-{name.lower()}", scale=0,
                      min_width=120)
            for name in ("Pause", "Stop")
        ]  # fmt: skip
        file = gr.DownloadButton("Download the student", visible=False, scale=0, min_width=180,
                                 elem_id="distil-file")  # fmt: skip
        in_tabs = gr.Button(USE, visible=False, scale=0, min_width=180, elem_id="distil-use")
    status = gr.HTML(
        notices.announcement("Ready", "Press Train."), elem_id="distil-status",
        elem_classes="sx-flush",
    )  # fmt: skip
    shown = gr.HTML(elem_id="distil-live", elem_classes="sx-flush")
    note = gr.HTML(elem_id="distil-use-note", elem_classes="sx-flush")
    with gr.Accordion("All rivals, at the end of recorded runs", open=False):
        gr.HTML(_recorded(), elem_id="distil-recorded", elem_classes="sx-flush")
    outputs: list[Any] = [status, shown, file, in_tabs, train, *others]
    train.click(started, None, outputs, queue=False, **QUIET).then(run, inputs, outputs, **EVENTS)
    in_tabs.click(use, None, [in_tabs, note], queue=False, **QUIET)
    train.click(lambda: "", None, note, queue=False, **QUIET)
    others[0].click(pause, None, others[0], queue=False, **QUIET)
    others[1].click(stop, None, others[1], queue=False, **QUIET)


def _recorded() -> str:
    """What every rival ended with in the recorded runs, on each head."""
    names = {recorded.WHOLE: recorded.WHOLE}
    names |= {key: rival.name for key, rival in settings.RIVALS.items()}
    found = {head: recorded.agreements(head) for head in heads.names()}
    ends = {name: [found[head][key] for head in found] for key, name in names.items()}
    titles = [HEADS[head].title for head in found]
    return render.recorded(titles, ends, recorded.extent(), recorded.origin())


def _fields() -> list[gr.components.Component]:
    rivals = [(rival.name, key) for key, rival in settings.RIVALS.items()]
    with gr.Row(elem_classes="rx-fields"):
        seconds = gr.Slider(*settings.SECONDS, value=60, step=10, label="Seconds", min_width=180,
                            elem_id="distil-seconds")  # fmt: skip
        rival = gr.Radio([*rivals, ("none", "")], value="random", label="Rival", min_width=300,
                         elem_id="distil-rival")  # fmt: skip
        of = gr.Radio([("trained now, by turns", NOW), ("drawn from a recorded run", RECORDED)],
                      value=NOW, label="The rival is", min_width=280,
                      elem_id="distil-rival-of")  # fmt: skip
    with gr.Accordion("Weights, temperature, learning rate, seed, your own text", open=False):
        with gr.Row(elem_classes="rx-fields"):
            weights = [
                gr.Slider(0, settings.HEAVIEST, value=value, step=0.5, label=f"Weight of {name}",
                          min_width=160, elem_id=f"distil-live-{key}")
                for name, key, value in (("L_ce", "soft", 5), ("hard labels, L_mlm", "hard", 2),
                                         ("L_cos", "cosine", 1))
            ]  # fmt: skip
            temperature = gr.Slider(*settings.TEMPERATURES, value=2, step=0.5, min_width=160,
                                    label="Temperature", elem_id="distil-live-heat")  # fmt: skip
        with gr.Row(elem_classes="rx-fields"):
            rates = [(significant(rate, 1), rate) for rate in RATES]
            rate = gr.Radio(rates, value=2e-4, min_width=280,
                            label="Learning rate at its peak", elem_id="distil-rate")  # fmt: skip
            seed = gr.Number(0, label="Seed", precision=0, minimum=0, min_width=120,
                             elem_id="distil-seed")  # fmt: skip
        text = gr.Textbox(
            label="Your own sentences, in place of ours", lines=3, elem_id="distil-own",
            info=f"At least {FEWEST}; no labels are needed: the teacher gives its answers",
        )  # fmt: skip
    return [*weights, temperature, rate, seed, seconds, rival, of, text]
