"""Batches made by other processes are those of the streams themselves."""

from itertools import islice

import pytest

from distill.batches import Limits, Stream
from distill.prefetch import prefetched
from explain.heads.registry import HEADS

from .conftest import rows_of


@pytest.fixture
def streams_of(tokenizer):
    def make():
        return {
            head: Stream(head, {"own": rows_of(head, 20)}, tokenizer, 3000, 7, Limits())
            for head in HEADS
        }

    return make


def same(one, other):
    return (
        one.head == other.head
        and all(one.inputs[name].equal(other.inputs[name]) for name in one.inputs)
        and one.labels.equal(other.labels)
        and one.where.equal(other.where)
    )


def test_batches_and_positions_are_those_of_the_stream(streams_of):
    own, ahead = streams_of(), prefetched(streams_of(), 2)
    for head, stream in own.items():
        pairs = zip(islice(stream, 40), ahead[head], strict=False)
        for number, (batch, made) in enumerate(pairs):
            assert same(batch, made), (head, number)
            assert stream.state() == ahead[head].state(), (head, number)
        assert stream.pool > 0, "no second pool was reached"


def test_a_restored_stream_goes_on_where_it_was(streams_of):
    own = streams_of()["ner"]
    for _ in islice(own, 17):
        pass
    ahead = prefetched(streams_of(), 1)["ner"]
    ahead.restore(own.state())
    for batch, made in zip(islice(own, 30), ahead, strict=False):
        assert same(batch, made)
