"""Text for masked language modelling, tokenised once: 16-bit piece ids in one compressed file.

    python -m distill pack --data FOLDER --text work/text.npz

Every paragraph of the `text_*` training sets is cut into sentences, so that `distill.masking` can
draw single sentences as well as windows of a paragraph. Brackets that hold other scripts or left-
over markup ("Moscow (Russian: Москва, ]) is ...") are removed first. Labelled rows become text
too: a prompt and its right answer, uncut. 57 million pieces take 79 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from distill import heads

Row = dict[str, Any]
AT_ONCE = 2_000  # paragraphs tokenised together

_DEBRIS = re.compile(r"\s*\([^()]*[^\x00-\x7f–—’‘“”é\]][^()]*\)|\s*\([^()]*\][^()]*\)|\s\]")
_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"')”’]))\s+(?=[\"'(“‘]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|No|Prof|Gen|Col|Sgt|Lt|Capt|Rev|Hon|Mt|Inc|Ltd|Co|c|ca"
    r"|approx|e\.g|i\.e|U\.S|U\.K)|\b[A-Z])\.$"
)


@dataclass(frozen=True, slots=True)
class PackedText:
    """One set: the pieces of all its sentences, one after the other."""

    pieces: NDArray[np.uint16]
    starts: NDArray[np.uint32]  # of each sentence in `pieces`, and the end of the last one
    paragraphs: NDArray[np.uint32]  # number of the paragraph of each sentence
    leading: NDArray[np.uint8]  # 2: opens a document; 1: in its first paragraph; 0: any other


def split_sentences(text: str) -> list[str]:
    """The sentences of one paragraph; a full stop after an initial or a title ends none."""
    parts: list[str] = []
    for part in _END.split(text):
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return [part for part in (p.strip() for p in parts) if part]


def without_debris(text: str) -> str:
    """The text without brackets that hold other scripts or leftover markup."""
    return _DEBRIS.sub("", text).replace("( ", "(").replace(" ;", ";")


def pack(sets: dict[str, list[Row]], tokenizer: PreTrainedTokenizerBase, path: Path) -> int:
    """Tokenise the paragraphs (`text`, `doc`) of every set into `path`; the number of pieces."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, rows in sets.items():
        packed = _pack_set(rows, tokenizer)
        for field in PackedText.__slots__:
            arrays[f"{name}/{field}"] = getattr(packed, field)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # names are keywords there
    return sum(len(array) for name, array in arrays.items() if name.endswith("/pieces"))


def read(path: Path) -> dict[str, PackedText]:
    """The sets that `pack` stored, by name."""
    with np.load(path) as stored:
        names = sorted({name.split("/")[0] for name in stored.files})
        return {
            name: PackedText(*(stored[f"{name}/{field}"] for field in PackedText.__slots__))
            for name in names
        }


def as_text(head: str, rows: Sequence[Row]) -> list[Row]:
    """Labelled rows of one head as rows of text, each a single sentence to draw."""
    return [heads.of(head).statement(row) | {"whole": True} for row in rows]


def _pack_set(rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase) -> PackedText:
    pieces: list[NDArray[np.uint16]] = []
    starts, paragraphs, leading = [0], [], []
    for numbered in _chunks(_sentences_of(rows), AT_ONCE):
        for number, rank, _ in numbered:
            paragraphs.append(number)
            leading.append(rank)
        texts = [sentence for _, _, sentence in numbered]
        for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]:
            pieces.append(np.asarray(ids, dtype=np.uint16))
            starts.append(starts[-1] + len(ids))
    return PackedText(
        np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.uint16),
        np.asarray(starts, dtype=np.uint32),
        np.asarray(paragraphs, dtype=np.uint32),
        np.asarray(leading, dtype=np.uint8),
    )


def _sentences_of(rows: Sequence[Row]) -> Iterator[tuple[int, int, str]]:
    """(paragraph, rank as in `PackedText.leading`, sentence); a document's paragraphs are adjacent.

    Rows without a document each count as one of their own.
    """
    before: object = None
    for number, row in enumerate(rows):
        opens = row.get("doc") is None or row.get("doc") != before
        before = row.get("doc")
        text = without_debris(row["text"])
        for place, sentence in enumerate([text] if row.get("whole") else split_sentences(text)):
            yield number, (2 if place == 0 else 1) if opens else 0, sentence


def _chunks(
    items: Iterable[tuple[int, int, str]], size: int
) -> Iterator[list[tuple[int, int, str]]]:
    chunk: list[tuple[int, int, str]] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
