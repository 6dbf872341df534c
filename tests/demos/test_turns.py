"""One answer at a time, and nobody waits for another visitor's download.

The app runs in this process, and the Hub is played by one that delivers when the test says so.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from huggingface_hub import constants

import app as program
from demos import answers as answering
from demos import tabs
from demos.answers import both, exclusive_compute
from demos.common import MODEL
from demos.why import handlers
from explain.attribution.engine import pair_steps
from explain.heads import sentiment
from explain.heads.fill_mask import fill
from explain.heads.sentiment import classify
from explain.models import PAIRS, ROLES, checkpoints, hub, load
from explain.models import loading as models
from explain.race import lock
from explain.race.records import Settings
from explain.race.run import run
from explain.race.sweeps import sweep
from explain.records import InputError, SentimentResult, Timing
from explain.render import comparison
from tests.hub_cache import files_of, model_of, publish, vocabulary

REVIEW = "A charming and often affecting journey."
AT_ONCE = 120.0  # seconds, on a busy machine; the download below lasts until it is released


class SlowHub:
    """`hub.fetch`, which waits until the test lets it go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.delivers, self.fetch = threading.Event(), threading.Event(), hub.fetch
        monkeypatch.setattr(hub, "fetch", self)

    def __call__(self, checkpoint: models.Checkpoint) -> tuple[Path, Path]:
        self.asked.set()
        assert self.delivers.wait(300)
        return self.fetch(checkpoint)


@pytest.fixture
def slow_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowHub]:
    """A cache with the base pair's sentiment and fill-mask models, which comes late."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setitem(checkpoints.COPIED_LAYERS, "base", (0, 1))  # both have two layers
    monkeypatch.setattr(models, "_cache", {k: v for k, v in models._cache.items() if "pocket" in k})
    for head in ("sentiment", "fill_mask"):
        for role in ROLES:
            model = model_of(head, role, len(vocabulary()))
            publish(tmp_path, PAIRS["base"][role][head].source, files_of(model))
    slow = SlowHub(monkeypatch)
    yield slow
    slow.delivers.set()


@pytest.fixture(scope="module")
def blocks() -> Iterator[gr.Blocks]:
    page = program.page().queue(default_concurrency_limit=4)
    page.launch(prevent_thread_lock=True, quiet=True, **program.launch_settings())
    yield page
    page.close()


@pytest.fixture
def client(blocks: gr.Blocks) -> Iterator[Client]:
    connected = Client(blocks.local_url, verbose=False, analytics_enabled=False)
    yield connected
    connected.close()


def test_a_download_for_one_program_does_not_hold_up_another(
    client: Client, slow_hub: SlowHub
) -> None:
    late = client.submit(REVIEW, "", "base", api_name="/sentiment")
    assert slow_hub.asked.wait(AT_ONCE)
    for endpoint in ("/sentiment", "/ner", "/tokenize"):
        assert client.submit(REVIEW, api_name=endpoint).result(AT_ONCE)["pair"] == "pocket"
    assert not late.done()
    slow_hub.delivers.set()
    assert late.result(AT_ONCE)["pair"] == "base"


def test_what_cannot_be_read_is_refused_before_a_download(slow_hub: SlowHub) -> None:
    with pytest.raises(InputError, match="exactly one"):
        both("fill_mask", "base", lambda loaded: fill("No gap.", loaded))
    assert not slow_hub.asked.is_set()


def name(event: Any) -> str:
    """The full name of an event's handler, where it is a function."""
    return f"{getattr(event.fn, '__module__', '')}.{getattr(event.fn, '__qualname__', '')}"


def press(blocks: gr.Blocks, handler: str, values: list[Any], visitor: str) -> list[Any]:
    """What the page shows after the event of a handler, as a browser asks for it."""
    events = [e for e in blocks.fns.values() if name(e) == handler]
    path = f"{blocks.local_url}gradio_api/queue"
    body = {"data": values, "fn_index": events[0]._id, "session_hash": visitor}
    httpx.post(f"{path}/join", json=body).raise_for_status()
    with httpx.stream(
        "GET", f"{path}/data", params={"session_hash": visitor}, timeout=AT_ONCE
    ) as answer:
        for line in answer.iter_lines():
            said = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
            if said.get("msg") == "process_completed":
                return list(said["output"]["data"])
    raise AssertionError("the stream ended without an answer")


@pytest.mark.parametrize(
    ("handler", "values"),
    [
        ("demos.sentiment.compare", [REVIEW, "not given", "pocket"]),
        ("demos.anatomy.inspection.inspect", [REVIEW, "", False, "pocket"]),
    ],
)
def test_a_download_for_one_visitor_does_not_hold_up_another(
    blocks: gr.Blocks, slow_hub: SlowHub, handler: str, values: list[Any]
) -> None:
    late: list[Any] = []
    waiting = threading.Thread(
        target=lambda: late.extend(press(blocks, handler, [*values[:-1], "base"], f"a{handler}"))
    )
    waiting.start()
    assert slow_hub.asked.wait(AT_ONCE)
    notice, first, *_ = press(blocks, handler, values, f"b{handler}")
    assert notice == "" and first
    assert not late
    slow_hub.delivers.set()
    waiting.join(AT_ONCE)
    assert late[0] == "" and late[1] != first


def test_the_events_of_the_task_tabs_may_wait_for_the_hub_side_by_side(blocks: gr.Blocks) -> None:
    heads = {module.__name__ for module in tabs() if hasattr(module, "HEAD")}
    own = [e for e in blocks.fns.values() if name(e).rpartition(".")[0] in heads]
    assert len(own) >= 2 * len(heads)
    assert not [e for e in own if e.concurrency_id == MODEL["concurrency_id"]]


def test_the_passes_of_many_visitors_are_computed_on_one_thread_each_answer_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passes: list[str] = []
    answers: list[str] = []
    forward = sentiment.forward

    def counted(*arguments: Any) -> Any:
        passes.append(threading.current_thread().name)
        return forward(*arguments)

    def answer(loaded: models.Loaded) -> SentimentResult:
        answers.append(loaded.role)
        return classify(REVIEW, loaded)

    monkeypatch.setattr(sentiment, "forward", counted)
    crowd = [threading.Thread(target=both, args=("sentiment", "pocket", answer)) for _ in range(9)]
    with exclusive_compute():  # all of them wait
        for visitor in crowd:
            visitor.start()
        while len(answering._batcher) < 8:  # one is taken out of the queue, for the next batch
            threading.Event().wait(0.01)
        assert passes == []
    for visitor in crowd:
        visitor.join()
    assert sorted(answers) == ["student"] * 9 + ["teacher"] * 9
    assert len(set(passes)) == 1 and len(passes) < 18  # shared


def test_a_visitor_whose_answer_waits_for_a_race_sees_for_what() -> None:
    seen: list[str] = []
    done = threading.Event()

    def answer() -> None:
        progress: Any = lambda _, desc: seen.append(desc)  # noqa: E731
        both("sentiment", "pocket", lambda loaded: classify(REVIEW, loaded), progress)
        done.set()

    load("sentiment", "student")
    assert lock.acquire("teacher against student", 0)
    try:
        threading.Thread(target=answer).start()
        assert not done.wait(1.5)
    finally:
        lock.release()
    assert done.wait(AT_ONCE)
    assert "Waiting for its turn. Running now: teacher against student." in seen


def test_an_answer_waits_for_a_race_and_says_so() -> None:
    told: list[str] = []
    done = threading.Event()
    load("sentiment", "student")

    def answer() -> None:
        with exclusive_compute(lambda _, desc: told.append(desc)):  # type: ignore[arg-type]
            done.set()

    assert lock.acquire("teacher against student", 0)
    try:
        threading.Thread(target=answer).start()
        assert not done.wait(1.0)
    finally:
        lock.release()
    assert done.wait(AT_ONCE)
    assert "Waiting for its turn. Running now: teacher against student." in told


def test_a_race_does_not_start_in_the_middle_of_an_answer() -> None:
    with exclusive_compute():
        assert not lock.acquire("a race", 0)
    assert lock.acquire("a race", 0)
    lock.release()


def test_answers_are_computed_between_the_steps_of_a_programs_explanation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def answer() -> None:
        with exclusive_compute():
            answered.set()

    def steps(*given: Any) -> Iterator[Any]:
        *_, last = pair_steps(*given)
        threading.Thread(target=answer).start()
        for _ in range(5_000):
            yield last
            if answered.is_set():
                return

    monkeypatch.setattr(handlers, "pair_steps", steps)
    explained = handlers.attribute("sentiment", {"text": REVIEW})
    assert answered.is_set() and explained["student"]["words"]


@pytest.mark.parametrize("begin", [run, sweep])
def test_a_race_acquires_the_lock_when_its_models_are_there(slow_hub: SlowHub, begin: Any) -> None:
    going = begin(Settings(("student",), "base", length=16, batch=1, threads=1, laps=10))
    assert "distilbert-base-uncased-sst2; the first time it is downloaded" in next(going).status
    late = threading.Thread(target=next, args=(going,))
    late.start()
    assert slow_hub.asked.wait(AT_ONCE)
    with exclusive_compute():
        assert lock.current_job() == lock.PREDICTION
    slow_hub.delivers.set()
    late.join(AT_ONCE)
    assert lock.current_job() not in ("", lock.PREDICTION)
    going.close()
    assert lock.current_job() == ""


def test_an_error_in_a_pass_reaches_its_visitor_and_releases_the_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr(sentiment, "forward", fail)
    with pytest.raises(KeyError):
        both("sentiment", "pocket", lambda loaded: classify(REVIEW, loaded))
    monkeypatch.undo()
    assert both("sentiment", "pocket", lambda loaded: classify(REVIEW, loaded))
    assert lock.acquire("a race", AT_ONCE)
    lock.release()


def test_an_answer_is_computed_once_by_each_model_and_says_so() -> None:
    calls: list[str] = []

    def answer(loaded: models.Loaded) -> SentimentResult:
        calls.append(loaded.role)
        times = {"teacher": 8.0, "student": 4.0}
        return replace(classify(REVIEW, loaded), timing=Timing(0.5, times[loaded.role], 9))

    answers = both("sentiment", "pocket", answer)
    assert calls == ["teacher", "student"]
    assert comparison.times_of_one_run(*answers) == (
        "Time of this one run: teacher 8.50 ms, student 4.50 ms; the Race tab measures "
        "which model is faster."
    )
    assert answers.to_plain("pocket")["teacher"]["timing"]["runs"] == 1
