"""Text to rows of ids, and rows to padded batches: what all five heads share before decoding.

The Rust tokenizer is called directly: its Python wrapper costs as much as a quarter of a small
model's forward pass. A row is `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`; segment ids
(0 for the first part and its [SEP], 1 for the second) are made for BERT and never for DistilBERT.
"""

from __future__ import annotations

import copy
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import torch

from explain.models import Loaded
from explain.records import InputError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from transformers import PreTrainedTokenizerBase

LONGEST_TEXT = 50_000  # characters; some 12,000 word pieces of prose
MOST_PIECES = 20_000  # of one text; only a text of little but signs and figures has more
PADDED_BUDGET = 1_024  # word pieces of one padded batch, padding included: its arrays stay in cache

_splitters: WeakKeyDictionary[PreTrainedTokenizerBase, Tokenizer] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Row:
    """One input of the model: ids with special tokens, and where the second part starts."""

    ids: tuple[int, ...]
    second: int  # index of the first piece after the first [SEP]; len(ids) when there is none


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
        own = _splitters.get(loaded.tokenizer)
        if own is None:
            own = copy.deepcopy(loaded.tokenizer.backend_tokenizer)
            own.no_truncation()
            own.no_padding()
            own.encode_special_tokens = True
            _splitters[loaded.tokenizer] = own
    return own


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


def row(loaded: Loaded, first: Sequence[int], second: Sequence[int] | None = None) -> Row:
    """Put the special tokens around one or two parts."""
    start, stop = loaded.tokenizer.cls_token_id, loaded.tokenizer.sep_token_id
    ids = (start, *first, stop)
    return Row(ids, len(ids)) if second is None else Row((*ids, *second, stop), len(ids))


def tensors(loaded: Loaded, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
    """Padded `input_ids` and `attention_mask` (rows, pieces), for BERT `token_type_ids` too."""
    longest = max(len(one.ids) for one in rows)
    padding = loaded.tokenizer.pad_token_id
    ids = [(*one.ids, *[padding] * (longest - len(one.ids))) for one in rows]
    mask = [[1] * len(one.ids) + [0] * (longest - len(one.ids)) for one in rows]
    batch = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
    if loaded.model.config.model_type == "bert":
        segments = [
            [0] * one.second + [1] * (len(one.ids) - one.second) + [0] * (longest - len(one.ids))
            for one in rows
        ]
        batch["token_type_ids"] = torch.tensor(segments)
    return batch


def log_softmax(scores: Sequence[float]) -> list[float]:
    """Logits of a few answers to log probabilities; for so few, a tensor costs more than it saves.

    In double precision, which single-precision logits cannot overflow.
    """
    highest = max(scores)
    total = highest + math.log(sum(math.exp(score - highest) for score in scores))
    return [score - total for score in scores]


def batches(rows: Sequence[Row]) -> Iterator[list[int]]:
    """Indices of rows that go through the model together: by length, within the budget."""
    order = sorted(range(len(rows)), key=lambda index: -len(rows[index].ids))
    group: list[int] = []
    for index in order:
        if group and (len(group) + 1) * len(rows[group[0]].ids) > PADDED_BUDGET:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


def run(
    loaded: Loaded,
    rows: Sequence[Row],
    logits: Callable[[dict[str, torch.Tensor], list[int]], Sequence[torch.Tensor]],
) -> tuple[list[torch.Tensor], float]:
    """What `logits(inputs, indices)` gives for every row, in the order of `rows`, and the ms.

    `logits` gets a padded batch and the indices of its rows, and returns one item a row.
    """
    began = now()
    if len(rows) == 1:  # one answer: what is left out here is felt
        inputs = tensors(loaded, rows)
        del inputs["attention_mask"]  # nothing is padded
        with torch.inference_mode():
            return [*logits(inputs, [0])], since(began)
    found: dict[int, torch.Tensor] = {}
    with torch.inference_mode():
        for group in batches(rows):
            inputs = tensors(loaded, [rows[index] for index in group])
            found |= zip(group, logits(inputs, group), strict=True)
    return [found[index] for index in range(len(rows))], since(began)
