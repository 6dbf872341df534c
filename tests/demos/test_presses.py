"""An answer that is ready after a newer press is not shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from demos.presses import Presses
from demos.wiring import Controls, wire


@contextmanager
def visitor(session: str | None) -> Iterator[None]:
    token = LocalContext.request.set(SimpleNamespace(session_hash=session))  # type: ignore[arg-type]
    try:
        yield
    finally:
        LocalContext.request.reset(token)


def press(presses: Presses, session: str | None, button: str = "run") -> Any:
    with visitor(session):
        return presses.begun(button)


def test_only_the_last_press_of_a_button_by_a_visitor_is_the_newest() -> None:
    presses = Presses()
    first, other, elsewhere = (
        press(presses, "a"), press(presses, "b"), press(presses, "a", "why")
    )  # fmt: skip
    second = press(presses, "a")
    newest = [presses.is_newest(each) for each in (first, other, elsewhere, second)]
    assert newest == [False, True, True, True]


def test_programs_without_a_session_all_get_their_answers() -> None:
    presses = Presses()
    first, second = press(presses, None), press(presses, None)
    assert presses.is_newest(first) and presses.is_newest(second)


def test_few_presses_are_remembered_and_a_forgotten_one_is_shown() -> None:
    presses = Presses(kept=2)
    first, *_ = (press(presses, name) for name in "abc")
    assert presses.is_newest(first)
    assert len(presses._newest) == 2


def test_an_answer_that_is_ready_after_the_next_one_is_not_shown() -> None:
    release, shown = threading.Event(), {}

    def answer(text: str, _: str) -> tuple[str, str]:
        if text == "slow":
            assert release.wait(30)
        return f"panel of {text}", f"verdict of {text}"

    with gr.Blocks() as blocks:
        text, pair = gr.Textbox(), gr.Radio(["pocket"])
        panel, verdict = gr.HTML(), gr.HTML()
        run = gr.Button(elem_id="run")
        chosen = gr.Button().click(None)
        wire(answer, Controls(run, chosen, gr.HTML()), [], [text, pair], [panel, verdict])
    handler = next(fn.fn for fn in blocks.fns.values() if fn.name == "answer")

    def ask(text: str) -> None:
        with visitor("a"):
            shown[text] = handler(text, "pocket")

    slow = threading.Thread(target=ask, args=("slow",))
    slow.start()
    ask("quick")
    release.set()
    slow.join()
    assert shown["quick"][1] == "panel of quick"
    assert shown["slow"] == [gr.skip()] * 3
