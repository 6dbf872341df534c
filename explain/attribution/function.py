"""The explained number F, as a function of the word embeddings of the rows that are read.

Everything that is done to a text, by any method, goes through here: a path from the baseline, a
piece put out, a coalition kept. Pieces are replaced by the id of [MASK] or [PAD] (or by a zero
vector) where they stand: nothing is decoded and split again, attention mask, positions and
segments stay, and so do [CLS], [SEP] and the [MASK] to be filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from explain import encoding
from explain.attribution.reading import Reading
from explain.attribution.records import Term
from explain.models import Loaded
from explain.models.layers import trunk

if TYPE_CHECKING:
    from transformers import PreTrainedModel

GRADIENT_BUDGET = 1_024  # word pieces of one batch that goes forward and backward
FORWARD_BUDGET = 4_096  # word pieces of one batch that only goes forward


class Function:
    """F of one reading, for one or several targets that share the forward pass."""

    def __init__(
        self, loaded: Loaded, reading: Reading, targets: Sequence[Sequence[Term]], baseline: str
    ) -> None:
        """Embed the rows and their baseline; the model is only read."""
        self.loaded = loaded
        every = [term for target in targets for term in target]
        self._masks = sorted({term.position for term in every})
        self._words = sorted({term.output for term in every})
        self.places = [self._indices(target) for target in targets]
        inputs = encoding.tensors(loaded, reading.rows)
        ids = inputs.pop("input_ids")  # (rows, pieces)
        self._extra = inputs
        self._owner = _owner(reading, ids.shape[1])
        with torch.no_grad():
            self.input = self._embed(ids)  # (rows, pieces, width)
            self.baseline = self._replaced(ids, baseline)  # like input
        self.count = len(reading.pieces)
        self.ordinary = reading.ordinary
        self.forward_passes = 0
        self.backward_passes = 0

    def __call__(self, embeddings: Tensor) -> Tensor:
        """F of every target: (N, rows, pieces, width) -> (N, targets)."""
        number, rows = embeddings.shape[:2]
        self.forward_passes += number
        extra = {name: t.expand(number, *t.shape) for name, t in self._extra.items()}
        flat = {name: t.reshape(number * rows, -1) for name, t in extra.items()}
        flat["inputs_embeds"] = embeddings.flatten(0, 1)
        scores = self._scores(flat).unflatten(0, (number, rows))
        sums = [(scores[:, *where] * weights).sum(1) for where, weights in self.places]
        return torch.stack(sums, 1)

    def ends(self) -> tuple[Tensor, Tensor]:
        """F of the text and F of the baseline, (targets,) each."""
        with torch.no_grad():
            value, empty = self(torch.stack([self.input, self.baseline]))
        return value, empty

    def at(self, fractions: Sequence[float]) -> Tensor:
        """F on the straight path, from baseline (0) to text (1): (fractions, targets)."""
        with torch.no_grad():
            points = torch.stack([self.point(fraction) for fraction in fractions])
            return torch.cat([self(chunk) for chunk in points.split(self.chunk(FORWARD_BUDGET))])

    def point(self, fraction: float) -> Tensor:
        """The embeddings at one place of the path, (rows, pieces, width)."""
        return torch.lerp(self.baseline, self.input, fraction)

    def gradients(self, points: Tensor) -> Tensor:
        """Of every target at every point: (N, rows, pieces, width) -> (N, targets, ...)."""
        found = []
        for chunk in points.detach().split(self.chunk(GRADIENT_BUDGET)):
            chunk = chunk.clone().requires_grad_()
            with torch.enable_grad():
                sums = self(chunk).sum(0).unbind()
            last = len(sums) - 1
            each = [
                torch.autograd.grad(one, chunk, retain_graph=number < last)[0]
                for number, one in enumerate(sums)
            ]
            self.backward_passes += len(chunk) * len(sums)
            found.append(torch.stack(each, 1))
        return torch.cat(found)

    def kept(self, keep: Tensor) -> Tensor:
        """F with only some pieces kept: (N, pieces of the reading) of bool -> (N, targets)."""
        found = list(self.kept_in_batches(keep))
        return torch.cat(found) if found else torch.zeros(0, len(self.places))

    def kept_in_batches(self, keep: Tensor) -> Iterator[Tensor]:
        """Like `kept`, batch by batch; nothing for no rows."""
        if not len(keep):
            return
        always = torch.ones(len(keep), 1, dtype=torch.bool)
        for chunk in torch.cat([keep, always], 1).split(self.chunk(FORWARD_BUDGET)):
            with torch.no_grad():
                here = chunk[:, self._owner][..., None]  # (N, rows, pieces, 1)
                found = self(torch.where(here, self.input, self.baseline))
            yield found  # outside: whoever reads on must not be left without gradients

    def by_piece(self, embeddings: Tensor) -> Tensor:
        """Sum what lies at the places of each piece: (..., rows, pieces, width) -> (..., count)."""
        places = embeddings.sum(-1).flatten(-2)
        sums = torch.zeros(*places.shape[:-1], self.count + 1, dtype=places.dtype)
        return sums.index_add(-1, self._owner.flatten() % (self.count + 1), places)[..., :-1]

    def chunk(self, budget: int) -> int:
        """How many inputs go through the model at once."""
        return max(1, budget // self._owner.numel())

    def _embed(self, ids: Tensor) -> Tensor:
        return self.loaded.model.get_input_embeddings()(ids)

    def _replaced(self, ids: Tensor, baseline: str) -> Tensor:
        tokenizer = self.loaded.tokenizer
        if baseline == "zero":
            other = torch.zeros_like(self.input)
        else:
            id_ = tokenizer.mask_token_id if baseline == "mask" else tokenizer.pad_token_id
            other = self._embed(torch.full_like(ids, id_))
        return torch.where((self._owner < 0)[..., None], self.input, other)

    def _scores(self, inputs: dict[str, Tensor]) -> Tensor:
        """The logits a target may read: (inputs, positions, outputs)."""
        model, head = self.loaded.model, self.loaded.head
        if head == "sentiment":
            return model(**inputs).logits[:, None]
        if head == "ner":
            return model(**inputs).logits
        if head == "multiple_choice":  # one choice at a time: its score depends on no other
            return model(**{name: t[:, None] for name, t in inputs.items()}).logits[..., None]
        if head == "question_answering":
            output = model(**inputs)
            return torch.stack([output.start_logits, output.end_logits], -1)
        hidden = trunk(model)(**inputs).last_hidden_state
        return word_logits(model, hidden[:, self._masks], self._words)

    def _indices(self, target: Sequence[Term]) -> tuple[tuple[Tensor, ...], Tensor]:
        """Rows, positions and outputs of a target's logits among the scores, and their weights."""
        chosen = self.loaded.head == "fill_mask"  # where only some positions and words are scored
        positions = [self._masks.index(t.position) if chosen else t.position for t in target]
        outputs = [self._words.index(t.output) if chosen else t.output for t in target]
        where = [t.row for t in target], positions, outputs
        return tuple(map(torch.tensor, where)), torch.tensor([t.weight for t in target])


def word_logits(model: PreTrainedModel, hidden: Tensor, words: Sequence[int]) -> Tensor:
    """The masked-language-model head for some words of the vocabulary only: (..., words)."""
    if model.config.model_type == "bert":
        hidden, vocabulary = model.cls.predictions.transform(hidden), model.cls.predictions.decoder
    else:
        hidden = model.vocab_layer_norm(model.activation(model.vocab_transform(hidden)))
        vocabulary = model.vocab_projector
    return functional.linear(hidden, vocabulary.weight[words], vocabulary.bias[words])


def _owner(reading: Reading, width: int) -> Tensor:
    """(rows, width): the piece at every place; -1 where nothing is replaced."""
    return torch.tensor(
        [
            [-1 if reading.pieces[i].is_special else i for i in row] + [-1] * (width - len(row))
            for row in reading.layout
        ]
    )


class CoalitionCache:
    """F of a text of which only some units are kept; each coalition of units is computed once.

    A coalition is a bit mask, bit 0 for the first unit.
    """

    def __init__(
        self, function: Function, units: Sequence[Sequence[int]], ends: tuple[Tensor, Tensor]
    ) -> None:
        """A unit is some pieces that come and go together; `ends` are F of all and of none."""
        self.whole = (1 << len(units)) - 1
        self._function = function
        self._units = units
        self._known = {0: ends[1], self.whole: ends[0]}

    def __len__(self) -> int:
        """How many coalitions are known."""
        return len(self._known)

    def values(self, masks: Iterable[int]) -> Tensor:
        """F of every coalition, (coalitions, targets); unknown ones are computed in batches."""
        wanted = list(masks)
        unknown = [mask for mask in dict.fromkeys(wanted) if mask not in self._known]
        if unknown:
            keep = torch.zeros(len(unknown), self._function.count, dtype=torch.bool)
            for row, mask in zip(keep, unknown, strict=True):
                row[
                    [i for bit, unit in enumerate(self._units) if mask >> bit & 1 for i in unit]
                ] = True
            self._known.update(zip(unknown, self._function.kept(keep), strict=True))
        return torch.stack([self._known[mask] for mask in wanted])
