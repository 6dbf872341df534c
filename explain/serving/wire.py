"""Rows and logits as bytes: what a page and the processes that compute for it send each other.

A request is JSON: the model, and of each row what a forward pass reads. An answer is a safetensors
file with one tensor per row, and the milliseconds of the passes in its metadata. Neither side reads
anything but data.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from explain.encoding import Row
from explain.heads.registry import HEADS
from explain.models import PAIRS, ROLES
from explain.records import InputError

MILLISECONDS = "milliseconds"


class Work(NamedTuple):
    """The forward passes of one request."""

    head: str
    role: str
    pair: str
    rows: tuple[Row, ...]


def write_work(work: Work) -> bytes:
    """The request as JSON."""
    rows = [{"ids": row.ids, "second": row.second, "masks": row.masks} for row in work.rows]
    return json.dumps({**work._asdict(), "rows": rows}).encode()


def read_work(sent: bytes) -> Work:
    """The request; an `InputError` if it is none."""
    try:
        given = json.loads(sent)
        rows = tuple(
            Row(tuple(map(int, row["ids"])), int(row["second"]), tuple(map(int, row["masks"])))
            for row in given["rows"]
        )
        work = Work(given["head"], given["role"], given["pair"], rows)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"This is no request for a forward pass: {error!r}.") from error
    known = work.head in HEADS and work.role in ROLES and work.pair in PAIRS
    if not known or not rows or not all(row.ids for row in rows):
        raise InputError("A request names a head, a role and a pair, and has rows with ids.")
    return work


def write_logits(logits: Sequence[torch.Tensor], milliseconds: float) -> bytes:
    """The answer as a safetensors file."""
    named = {str(number): tensor.contiguous().clone() for number, tensor in enumerate(logits)}
    return write_tensors(named, {MILLISECONDS: repr(milliseconds)})


def read_logits(sent: bytes, count: int) -> tuple[list[torch.Tensor], float]:
    """`count` tensors, and the milliseconds; ValueError if the answer is another."""
    size = int.from_bytes(sent[:8], "little")
    try:
        metadata = json.loads(sent[8 : 8 + size])["__metadata__"]
        tensors = read_tensors(sent)
        return [tensors[str(number)] for number in range(count)], float(metadata[MILLISECONDS])
    except (KeyError, ValueError, TypeError, OverflowError, SafetensorError) as error:
        raise ValueError(f"no logits of {count} rows: {error!r}") from error
