"""Answers computed by another process: the same, sent again when it is gone, refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import torch
from starlette.requests import Request
from starlette.responses import Response

from explain.encoding import Row
from explain.heads import fill_mask, question_answering, sentiment, steps
from explain.heads.registry import module
from explain.models import Loaded, fresh_classifier, load
from explain.records import InputError
from explain.serving import wire
from explain.serving.batching import MicroBatcher
from explain.serving.remote import ATTEMPTS, AWAY, MODEL, RemoteHeads
from tests.hosting.conftest import serving


class Elsewhere:
    """What computes, as an ASGI application; `faults` are answered before anything else."""

    def __init__(self) -> None:
        self.batcher = MicroBatcher()
        self.faults: list[int] = []
        self.models: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.models.append(request.headers[MODEL])
        answer = Response("", self.faults.pop(0)) if self.faults else await self.computed(request)
        await answer(scope, receive, send)

    async def computed(self, request: Request) -> Response:
        work = wire.read_work(await request.body())
        passes = self.batcher.submit(
            load(work.head, work.role, work.pair), work.rows,
            module("explain.heads", work.head).forward,
        )  # fmt: skip
        return Response(wire.write_logits(*await asyncio.wrap_future(passes)))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Elsewhere, str]]:
    elsewhere = Elsewhere()
    with serving(elsewhere) as address:
        yield elsewhere, address
    elsewhere.batcher.close()


@pytest.fixture
def elsewhere(running: tuple[Elsewhere, str]) -> Elsewhere:
    running[0].models.clear()
    return running[0]


@pytest.fixture
def remote(running: tuple[Elsewhere, str]) -> Iterator[RemoteHeads]:
    heads = RemoteHeads(running[1], MicroBatcher())
    yield heads
    heads.close()


def computed(heads: RemoteHeads, loaded: Loaded, rows: Any, forward: steps.Forward) -> Any:
    return heads.submit(loaded, rows, forward).result(60)


def test_an_answer_is_that_of_this_process(elsewhere: Elsewhere, remote: RemoteHeads) -> None:
    texts = ("A charming journey.", "Paris is the [MASK] of France.")
    for text, verb, head in zip(
        texts, (sentiment.classify, fill_mask.fill), ("sentiment", "fill_mask"), strict=True
    ):
        here = verb(text, load(head, "student"))
        with steps.computed_by(lambda *work: computed(remote, *work)):
            there = verb(text, load(head, "student"))
        assert str(there.__class__) == str(here.__class__)
        assert torch.allclose(_numbers(there), _numbers(here), atol=1e-4)
    assert elsewhere.models == ["sentiment/student/pocket", "fill_mask/student/pocket"]


def _numbers(result: Any) -> torch.Tensor:
    if hasattr(result, "probabilities"):
        return torch.tensor(result.probabilities)
    return torch.tensor([each.probability for each in result.candidates])


def test_windows_of_a_long_context_come_back_in_order(remote: RemoteHeads) -> None:
    loaded = load("question_answering", "student")
    context = "It rained for days. " * 120 + "Ada Lovelace wrote the first program. " + "x y. " * 90
    here = question_answering.answer("Who wrote the first program?", context, loaded)
    with steps.computed_by(lambda *work: computed(remote, *work)):
        there = question_answering.answer("Who wrote the first program?", context, loaded)
    assert [span.text for span in there.spans] == [span.text for span in here.spans]


def test_a_request_whose_process_fails_is_sent_once_more(
    elsewhere: Elsewhere, remote: RemoteHeads
) -> None:
    elsewhere.faults = [503]
    with steps.computed_by(lambda *work: computed(remote, *work)):
        assert sentiment.classify("A fine film.", load("sentiment", "student")).label == "positive"
    assert len(elsewhere.models) == 2


def test_after_that_it_is_refused_in_a_sentence(elsewhere: Elsewhere, remote: RemoteHeads) -> None:
    elsewhere.faults = [500] * ATTEMPTS
    with (
        steps.computed_by(lambda *work: computed(remote, *work)),
        pytest.raises(InputError, match="kept: press again"),
    ):
        sentiment.classify("A fine film.", load("sentiment", "student"))
    assert elsewhere.faults == []


def test_nobody_there_is_the_same_sentence() -> None:
    heads = RemoteHeads("http://127.0.0.1:9", MicroBatcher())
    loaded = load("sentiment", "student")
    with (
        steps.computed_by(lambda *work: computed(heads, *work)),
        pytest.raises(InputError, match=AWAY[:40]),
    ):
        sentiment.classify("A fine film.", loaded)
    assert heads.waiting().startswith("0 answers")
    heads.close()


def test_a_model_of_this_process_alone_is_computed_here(
    elsewhere: Elsewhere, remote: RemoteHeads
) -> None:
    untrained = fresh_classifier(load("sentiment", "student"))
    with steps.computed_by(lambda *work: computed(remote, *work)):
        there = sentiment.classify("A fine film.", untrained)
    assert there.logits == pytest.approx(sentiment.classify("A fine film.", untrained).logits, 1e-4)
    assert elsewhere.models == []


ROW = Row((101, 2023, 102), 3)


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"[]", b"{}", b'{"head": "sentiment"}',
        wire.write_work(wire.Work("colour", "student", "pocket", (ROW,))),
        wire.write_work(wire.Work("sentiment", "parrot", "pocket", (ROW,))),
        wire.write_work(wire.Work("sentiment", "student", "pocket", ())),
        wire.write_work(wire.Work("sentiment", "student", "pocket", (Row((), 0),))),
        wire.write_work(wire.Work("ner", "student", "pocket", (ROW,))).replace(b"2023", b'"x"'),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    with pytest.raises(InputError, match=r"request"):
        wire.read_work(sent)


def test_rows_and_logits_survive_the_way() -> None:
    row = Row((101, 103, 102), 3, (1,))
    work = wire.Work("fill_mask", "teacher", "base", (row, ROW))
    assert wire.read_work(wire.write_work(work)) == work
    logits = torch.randn(4, 3).split((1, 3))
    back, milliseconds = wire.read_logits(wire.write_logits(logits, 1.5), 2)
    assert milliseconds == 1.5
    assert all(map(torch.equal, back, logits))


WHOLE = wire.write_logits([torch.zeros(3)], 1.0)


@pytest.mark.parametrize(
    "sent", [b"", b"12345678", b"<html>", wire.write_logits([], 1.0), WHOLE[:-4]]
)
def test_what_are_no_logits_is_an_error(sent: bytes) -> None:
    with pytest.raises(ValueError, match="no logits of 1 rows"):
        wire.read_logits(sent, 1)


def test_a_server_that_answers_something_else_is_refused() -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await Response("<html>")(scope, receive, send)

    with serving(page) as address:
        heads = RemoteHeads(address, MicroBatcher())
        with pytest.raises(InputError, match=AWAY[:40]):
            computed(heads, load("sentiment", "student"), (ROW,), sentiment.forward)
        heads.close()


def test_the_peer_of_this_file_is_reached_over_http(running: tuple[Elsewhere, str]) -> None:
    sent = wire.write_work(wire.Work("sentiment", "student", "pocket", (ROW,)))
    answer = httpx.post(running[1], content=sent, headers={MODEL: "any"})
    assert answer.status_code == 200
