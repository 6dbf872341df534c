"""Requests of many threads in shared batches: the same answers, errors apart, one thread."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import pytest

from explain import encoding
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment, steps
from explain.heads.registry import module
from explain.models import ROLES, Loaded, fresh_classifier, load
from explain.models.layers import trunk_layers
from explain.serving.batching import MicroBatcher

WORDS = ("bread", "ships", "the old harbour wall", "a violin", "nine small islands in the north")


def sentence(n: int) -> str:
    return " and ".join(WORDS[i % len(WORDS)] for i in range(n, n + 1 + n % 4)) + " are here"


VERBS: dict[str, Callable[[int, Any], Any]] = {
    "fill_mask": lambda n, loaded: fill_mask.fill(f"We saw [MASK] where {sentence(n)}.", loaded),
    "sentiment": lambda n, loaded: sentiment.classify(f"I like that {sentence(n)}!", loaded),
    "ner": lambda n, loaded: ner.tag(f"In Oslo {sentence(n)}, says Jim Hart.", loaded),
    "multiple_choice": lambda n, loaded: multiple_choice.choose(
        f"Look, {sentence(n)}.",
        ["They stay.", sentence(n + 1), "Nobody knows."][: 2 + n % 2],
        loaded,
    ),
    "question_answering": lambda n, loaded: question_answering.answer(
        "What is here?", f"{sentence(n)}. The rest is far away.", loaded
    ),
}


@contextmanager
def batcher(**settings: Any):
    made = MicroBatcher(**settings)
    try:
        yield made
    finally:
        made.close()


def via(made: MicroBatcher) -> encoding.Runner:
    return lambda loaded, rows, forward: made.submit(loaded, rows, forward).result(60)


def numbers(record: Any) -> list[float]:
    """Every float of a record but its times."""
    if isinstance(record, dict):
        return [x for key, value in record.items() if key != "timing" for x in numbers(value)]
    if isinstance(record, (list, tuple)):
        return [x for value in record for x in numbers(value)]
    return [record] if isinstance(record, float) else []


def test_answers_of_many_threads_are_those_of_single_calls() -> None:
    asked = [(head, role, n) for n in range(8) for head in VERBS for role in ROLES]

    def answer(request: tuple[str, str, int]) -> Any:
        head, role, n = request
        with steps.computed_by(via(made)):
            return VERBS[head](n, load(head, role))

    with batcher(window=0.05) as made, ThreadPoolExecutor(24) as pool:
        together = list(pool.map(answer, asked))
    for (head, role, n), result in zip(asked, together, strict=True):
        alone = asdict(VERBS[head](n, load(head, role)))
        assert numbers(asdict(result)) == pytest.approx(numbers(alone), abs=1e-4), (head, role, n)


def test_requests_of_one_model_share_a_batch_and_one_thread_computes() -> None:
    loaded = load("sentiment", "student")
    batches: list[tuple[int, str]] = []

    def forward(model: Any, inputs: Any, rows: Any) -> Any:
        batches.append((len(rows), threading.current_thread().name))
        return sentiment.forward(model, inputs, rows)

    free = threading.Event()

    @contextmanager
    def exclusive():
        free.wait(10)  # until all requests wait
        yield

    rows = [sentiment.encode(sentence(n), loaded).rows for n in range(6)]
    with batcher(exclusive=exclusive) as made:
        futures = [made.submit(loaded, each, forward) for each in rows]
        free.set()
        found = [future.result(60) for future in futures]
    assert [size for size, _ in batches] == [6]
    assert {name.rpartition("_")[0] for _, name in batches} == {"compute"}
    alone = [steps.run(loaded, each, sentiment.forward)[0][0] for each in rows]
    for (logits, milliseconds), expected in zip(found, alone, strict=True):
        assert len(logits) == 1 and milliseconds > 0
        assert logits[0].flatten().tolist() == pytest.approx(expected.flatten().tolist(), abs=1e-4)


def test_what_many_ask_at_once_is_computed_once() -> None:
    loaded, other = load("sentiment", "student"), load("ner", "student")
    rows = sentiment.encode(sentence(1), loaded).rows
    passes: list[int] = []
    layers = trunk_layers(loaded.model)
    counting = layers[0].register_forward_hook(lambda _, given, __: passes.append(len(given[0])))
    free = threading.Event()

    @contextmanager
    def exclusive():
        assert free.wait(60)  # until all requests wait
        yield

    try:
        with batcher(exclusive=exclusive, most_pieces=3 * len(rows[0].ids)) as made:
            futures = [made.submit(loaded, rows, sentiment.forward) for _ in range(50)]
            futures += [made.submit(other, rows, ner.forward)]
            free.set()
            found = [future.result(60) for future in futures]
    finally:
        counting.remove()
    assert sum(passes) == 2  # the other head's row is its own
    assert len({(tuple(logits[0].flatten().tolist()), spent) for logits, spent in found[:50]}) == 1
    assert found[-1][0][0].shape == (len(rows[0].ids), len(other.labels))


@pytest.mark.parametrize("role", ROLES)
def test_heads_on_one_trunk_share_its_pass(role: str) -> None:
    requests = [(load(head, role), row) for n in range(3) for head, row in rows_of(role, n)]
    requests += [(fresh_classifier(loaded), row) for loaded, row in requests if choosing(loaded)]
    passes: list[int] = []
    layers = trunk_layers(load("ner", role).model)
    counting = layers[0].register_forward_hook(lambda _, given, __: passes.append(len(given[0])))
    try:
        with batcher(window=0.5) as made:
            futures = [
                made.submit(loaded, [row], steps_of(loaded).forward) for loaded, row in requests
            ]
            together = [future.result(60)[0][0] for future in futures]
    finally:
        counting.remove()
    assert sum(passes) == len(requests) and len(passes) <= 3, passes
    for (loaded, row), logits in zip(requests, together, strict=True):
        alone = steps.run(loaded, [row], steps_of(loaded).forward)[0][0]
        read = logits[: len(alone)]  # what stands at padding means nothing
        assert read.flatten().tolist() == pytest.approx(alone.flatten().tolist(), abs=1e-4)


def test_a_model_with_a_trunk_of_its_own_is_computed_alone() -> None:
    loaded = load("sentiment", "student")
    own = replace(loaded, model=copy.deepcopy(loaded.model))
    rows = sentiment.encode("of another student", loaded).rows
    stored, trained = (steps.Passes(each, rows, sentiment.forward) for each in (loaded, own))
    other = steps.Passes(load("ner", "student"), rows, ner.forward)
    assert stored.key == other.key
    assert stored.key != trained.key


def rows_of(role: str, n: int) -> list[tuple[str, encoding.Row]]:
    """A row of each head."""
    text = f"In Oslo {sentence(n)}."
    return [
        ("fill_mask", fill_mask.encode(f"{text} It is [MASK].", load("fill_mask", role)).rows[0]),
        ("sentiment", sentiment.encode(text, load("sentiment", role)).rows[0]),
        ("ner", ner.encode(text, load("ner", role)).rows[0]),
        (
            "multiple_choice",
            multiple_choice.encode(text, ["Yes.", text], load("multiple_choice", role)).rows[1],
        ),
        (
            "question_answering",
            question_answering.encode("Where?", text, load("question_answering", role)).rows[0],
        ),
    ]


def choosing(loaded: Loaded) -> bool:
    return loaded.head == "multiple_choice"


def steps_of(loaded: Loaded) -> Any:
    return module("explain.heads", loaded.head)


def test_a_batch_holds_no_more_pieces_than_it_may() -> None:
    loaded = load("sentiment", "student")
    sizes: list[int] = []

    def forward(model: Any, inputs: Any, rows: Any) -> Any:
        sizes.append(sum(len(row.ids) for row in rows))
        return sentiment.forward(model, inputs, rows)

    rows = [sentiment.encode(sentence(n), loaded).rows for n in range(12)]
    with batcher(window=0.2, most_pieces=40) as made:
        futures = [made.submit(loaded, each, forward) for each in rows]
        assert all(future.result(60) for future in futures)
    assert sum(sizes) == sum(len(row.ids) for each in rows for row in each)
    assert max(sizes) <= 40


def test_what_fails_fails_alone() -> None:
    loaded = load("sentiment", "student")
    rows = [sentiment.encode(f"text number {n}", loaded).rows for n in range(5)]
    bad = rows[2][0].ids

    def forward(model: Any, inputs: Any, rows: Any) -> Any:
        if any(row.ids == bad for row in rows):
            raise ZeroDivisionError("a fault of one request")
        return sentiment.forward(model, inputs, rows)

    with batcher(window=0.2) as made:
        futures = [made.submit(loaded, each, forward) for each in rows]
        errors = [future.exception(60) for future in futures]
        assert [type(error) for error in errors] == [
            type(None), type(None), ZeroDivisionError, type(None), type(None),
        ]  # fmt: skip
        assert made.submit(loaded, rows[0], forward).result(60)  # it goes on


def test_a_cancelled_request_is_not_computed_and_a_closed_batcher_takes_none() -> None:
    loaded = load("sentiment", "student")
    rows = sentiment.encode("never computed", loaded).rows
    with batcher(window=0.3) as made:
        future = made.submit(loaded, rows, sentiment.forward)
        assert future.cancel()
    with pytest.raises(RuntimeError, match="closed"):
        made.submit(loaded, rows, sentiment.forward)
    assert len(made) == 0


def test_only_the_thread_that_asks_for_it_is_batched() -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("not for this thread")

    with steps.computed_by(refuse), ThreadPoolExecutor(1) as pool:
        loaded = load("sentiment", "student")
        assert pool.submit(sentiment.classify, "Fine.", loaded).result(60).label
        with pytest.raises(AssertionError, match="not for this thread"):
            sentiment.classify("Fine.", loaded)
    assert sentiment.classify("Fine.", loaded).label
