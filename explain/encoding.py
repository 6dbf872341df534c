"""Text to rows of ids, and rows to padded batches: what all heads share before the forward pass.

Each `Row` says which stretch of which text its pieces are (`slices`). The Rust tokenizer is called
directly: its Python wrapper costs as much as a quarter of a small model's forward pass. A row is
`[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`; segment ids (0 for the first part and its
[SEP], 1 for the second) are made for BERT and never for DistilBERT.
"""

from __future__ import annotations

import copy
import math
import threading
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import torch

from explain.models import Loaded
from explain.records import InputError
from explain.settings import current
from explain.words import grapheme_end

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from transformers import PreTrainedTokenizerBase

LONGEST_TEXT = current().longest_text  # characters; 50,000 are some 12,000 word pieces of prose
MOST_PIECES = (
    current().most_pieces
)  # of one text; only a text of little but signs and figures has more

_splitters: WeakKeyDictionary[PreTrainedTokenizerBase, Tokenizer] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One field of an input in word pieces, or the stretch of it before or after [MASK]."""

    field: str  # text, prompt, choice 1, question, context
    text: str  # the whole field, as typed
    ids: tuple[int, ...]
    encoding: Encoding
    start: int = 0  # characters of the field in front of this part
    words: tuple[tuple[int, int], ...] | None = None  # characters, if it was cut word by word

    @property
    def tokens(self) -> list[str]:
        """The pieces as the vocabulary writes them, parallel to `ids`."""
        return self.encoding.tokens

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """Characters of the field, end exclusive, parallel to `ids`."""
        if self.words is None:
            spans = [(self.start + a, self.start + b) for a, b in self.encoding.offsets]
        else:
            starts = [0 if word is None else self.words[word][0] for word in self.encoding.word_ids]
            pairs = zip(starts, self.encoding.offsets, strict=True)
            spans = [(start + a, start + b) for start, (a, b) in pairs]
        if self.text.isascii():
            return spans
        return [(start, grapheme_end(self.text, end)) for start, end in spans]


class Stretch(NamedTuple):
    """Some neighbouring pieces of a part."""

    part: Part
    start: int  # index into the part's pieces
    end: int  # exclusive

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of these pieces."""
        return self.part.ids[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Row:
    """One input of the model: ids with special tokens, and where the second part starts."""

    ids: tuple[int, ...]
    second: int  # index of the first piece after the first [SEP]; len(ids) when there is none
    masks: tuple[int, ...] = ()  # indices of the [MASK]s to be filled; () but for fill-mask
    slices: tuple[tuple[int, Stretch], ...] = field(default=(), compare=False)
    """(index of its first piece among `ids`, stretch); pieces outside all of them are special."""


Inputs = dict[str, torch.Tensor]


def now() -> float:
    """A clock to be read again by `since`."""
    return time.perf_counter()


def since(began: float) -> float:
    """Milliseconds since `now()` gave `began`."""
    return 1e3 * (time.perf_counter() - began)


def require_text(text: object, what: str = "text") -> str:
    """The text as typed, if a model can read it; `what` names the field in the sentence."""
    if not isinstance(text, str):
        raise InputError(f"The {what} must be text, not {type(text).__name__}.")
    if not text.strip():
        raise InputError(f"The {what} is empty: type or paste some English.")
    if len(text) > LONGEST_TEXT:
        raise InputError(
            f"The {what} has {len(text):,} characters: shorten it to {LONGEST_TEXT:,} or fewer."
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        sentence = f"The {what} holds half of a character pair: delete it and paste again."
        raise InputError(sentence) from None
    return text


def optional_text(given: object, what: str) -> str | None:
    """A text that may be left out, as typed; None for nothing, or for blanks."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return require_text(given, what)


def require_count(number: object, most: int, what: str) -> int:
    """A number from 1 to `most`; `what` names what is counted."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        raise InputError(f"Ask for 1 to {most} {what}, not {str(number)[:40]}.")
    return number


def several(value: object) -> bool:
    """Whether a verb was given a list of inputs; anything else is one input, right or wrong."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def splitter(loaded: Loaded) -> Tokenizer:
    """The model's Rust tokenizer: no cutting, no padding, and a typed "[SEP]" is text.

    A copy that nobody else holds: calling `loaded.tokenizer` with padding or truncation would set
    them for every later text, in other threads too.
    """
    with _lock:
        splitter = _splitters.get(loaded.tokenizer)
        if splitter is None:
            splitter = copy.deepcopy(loaded.tokenizer.backend_tokenizer)
            splitter.no_truncation()
            splitter.no_padding()
            splitter.encode_special_tokens = True
            _splitters[loaded.tokenizer] = splitter
    return splitter


def pieces(loaded: Loaded, text: str, what: str = "text") -> Encoding:
    """Word pieces of one text, no special tokens, offsets in characters of `text`."""
    encoding = splitter(loaded).encode(text, add_special_tokens=False)
    require_pieces(len(encoding.ids), what)
    return encoding


def require_pieces(count: int, what: str = "text") -> None:
    """Neither none nor more than a model gets through in half a minute."""
    if not count:
        raise InputError(f"The {what} has nothing a model can read: type some English words.")
    if count > MOST_PIECES:
        raise InputError(
            f"The {what} has {count:,} word pieces: shorten it to {MOST_PIECES:,} or fewer."
        )


def part(
    loaded: Loaded, text: str, field: str = "text", start: int = 0, end: int | None = None
) -> Part:
    """The characters from `start` to `end` of a field in word pieces, maybe none."""
    stretch = text[start:end]
    encoding = splitter(loaded).encode(stretch, add_special_tokens=False)
    return Part(field, text, tuple(encoding.ids), encoding, start)


def require_part(loaded: Loaded, text: object, field: str = "text") -> Part:
    """A whole field, checked: some text of a length that a model gets through."""
    checked = part(loaded, require_text(text, field), field)
    require_pieces(len(checked.ids), field)
    require_known(loaded, checked.ids, field)
    return checked


def require_known(loaded: Loaded, ids: Sequence[int], what: str = "text") -> None:
    """At least one of the pieces is in the vocabulary; of none, nothing is asked."""
    if ids and all(piece == loaded.tokenizer.unk_token_id for piece in ids):
        raise InputError(
            f"The {what} has nothing a model can read: none of its signs is in the vocabulary. "
            "Type some English words."
        )


def unknown_signs(loaded: Loaded, rows: Sequence[Row]) -> tuple[str, ...]:
    """What of the texts in `rows` is not in the vocabulary, as typed, each once."""
    unknown = loaded.tokenizer.unk_token_id
    signs: dict[str, None] = {}
    for stretch in (stretch for row in rows if unknown in row.ids for _, stretch in row.slices):
        offsets = stretch.part.offsets
        for index in range(stretch.start, stretch.end):
            if stretch.part.ids[index] == unknown:
                signs[stretch.part.text[slice(*offsets[index])]] = None
    return tuple(signs)


def row(loaded: Loaded, first: Sequence[int], second: Sequence[int] | None = None) -> Row:
    """Put the special tokens around one or two parts."""
    start, stop = loaded.tokenizer.cls_token_id, loaded.tokenizer.sep_token_id
    ids = (start, *first, stop)
    return Row(ids, len(ids)) if second is None else Row((*ids, *second, stop), len(ids))


def row_of(loaded: Loaded, first: Stretch, second: Stretch | None = None) -> Row:
    """Put the special tokens around one or two stretches of text."""
    bare = row(loaded, first.ids, None if second is None else second.ids)
    slices = ((1, first),) if second is None else ((1, first), (bare.second, second))
    return Row(bare.ids, bare.second, slices=slices)


def windows_of(count: int, size: int) -> tuple[tuple[int, int], ...]:
    """Overlapping windows (start, end) over `count` pieces, half a window apart."""
    if count <= size:
        return ((0, count),)
    stride = size // 2
    starts = [*range(0, count - size, stride), count - size]
    return tuple((start, start + size) for start in starts)


def widest_window(windows: Sequence[tuple[int, int]], first: int, last: int) -> int | None:
    """Index of the window that shows the most on either side of the pieces `first` to `last`.

    The ends of the text are as good as far away. None where no window holds all these pieces.
    """
    count = windows[-1][1]
    best, most = None, -1
    for index in reversed(range(bisect_right(windows, (first, count)))):
        start, end = windows[index]
        if end <= last:
            break
        left = count if start == 0 else first - start
        right = count if end == count else end - 1 - last
        if min(left, right) >= most:
            best, most = index, min(left, right)
    return best


def tensors(loaded: Loaded, rows: Sequence[Row]) -> Inputs:
    """Padded `input_ids` and `attention_mask` (rows, pieces), for BERT `token_type_ids` too."""
    batch = padded(rows, loaded.tokenizer.pad_token_id)
    if loaded.model.config.model_type == "bert":
        batch["token_type_ids"] = segments(rows)
    return batch


def padded(rows: Sequence[Row], padding: int) -> Inputs:
    """`input_ids` and `attention_mask`, (rows, pieces of the longest)."""
    longest = max(len(row.ids) for row in rows)
    ids = [(*row.ids, *[padding] * (longest - len(row.ids))) for row in rows]
    mask = [[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in rows]
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def segments(rows: Sequence[Row]) -> torch.Tensor:
    """`token_type_ids`, (rows, pieces of the longest)."""
    longest = max(len(row.ids) for row in rows)
    return torch.tensor(
        [
            [0] * row.second + [1] * (len(row.ids) - row.second) + [0] * (longest - len(row.ids))
            for row in rows
        ]
    )


def log_softmax(scores: Sequence[float]) -> list[float]:
    """Logits of a few answers to log probabilities; for so few, a tensor costs more than it saves.

    In double precision, which single-precision logits cannot overflow.
    """
    highest = max(scores)
    total = highest + math.log(sum(math.exp(score - highest) for score in scores))
    return [score - total for score in scores]
