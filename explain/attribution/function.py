"""The explained number F, as a function of the word embeddings of the rows that are read.

Every method works through this function: a point on the path from the baseline, a piece left out, a
coalition kept. Pieces are replaced in place by the id of [MASK] or [PAD] (or by a zero vector):
nothing is tokenised again, and attention mask, positions, segments, [CLS], [SEP] and the [MASK] to
be filled stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from explain import encoding
from explain.attribution.piece_rows import PieceRows
from explain.attribution.records import Term
from explain.heads import registry
from explain.models import Loaded

GRADIENT_BUDGET = 1_024  # word pieces of one batch that goes forward and backward
FORWARD_BUDGET = 4_096  # word pieces of one batch that only goes forward


class Function:
    """F of some rows, for one or several targets that share the forward pass."""

    def __init__(
        self,
        loaded: Loaded,
        piece_rows: PieceRows,
        targets: Sequence[Sequence[Term]],
        baseline: str,
    ) -> None:
        """Embed the rows and their baseline; the model is only read."""
        self._loaded = loaded
        self._rows = piece_rows.rows
        self._outputs = sorted({term.output for target in targets for term in target})
        self.places = [self._places(target) for target in targets]
        inputs = encoding.tensors(loaded, piece_rows.rows)
        ids = inputs.pop("input_ids")  # (rows, pieces)
        self._extra = inputs
        self._owner = _owner(piece_rows, ids.shape[1])
        with torch.no_grad():
            self.input = self._embed(ids)  # (rows, pieces, width)
            self.baseline = self._replaced(ids, baseline)  # like input
        self.count = len(piece_rows.pieces)
        self.ordinary = piece_rows.ordinary
        self.forward_passes = 0
        self.backward_passes = 0

    def __call__(self, embeddings: Tensor) -> Tensor:
        """F of every target: (N, rows, pieces, width) -> (N, targets)."""
        number, rows = embeddings.shape[:2]
        self.forward_passes += number
        extra = {name: t.expand(number, *t.shape) for name, t in self._extra.items()}
        inputs = {name: t.reshape(number * rows, -1) for name, t in extra.items()}
        inputs["inputs_embeds"] = embeddings.flatten(0, 1)
        logits = self._logits(inputs, number)
        sums = [
            (logits[:, row, place, output] * weight).sum(1)
            for row, place, output, weight in self.places
        ]
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
        gradients = []
        for chunk in points.detach().split(self.chunk(GRADIENT_BUDGET)):
            chunk = chunk.clone().requires_grad_()
            with torch.enable_grad():
                sums = self(chunk).sum(0).unbind()
            last = len(sums) - 1
            by_target = [
                torch.autograd.grad(total, chunk, retain_graph=number < last)[0]
                for number, total in enumerate(sums)
            ]
            self.backward_passes += len(chunk) * len(sums)
            gradients.append(torch.stack(by_target, 1))
        return torch.cat(gradients)

    def kept(self, keep: Tensor) -> Tensor:
        """F with only some pieces kept: (N, pieces) of bool -> (N, targets)."""
        values = list(self.kept_in_batches(keep))
        return torch.cat(values) if values else torch.zeros(0, len(self.places))

    def kept_in_batches(self, keep: Tensor) -> Iterator[Tensor]:
        """Like `kept`, batch by batch; nothing for no rows."""
        if not len(keep):
            return
        always = torch.ones(len(keep), 1, dtype=torch.bool)
        for chunk in torch.cat([keep, always], 1).split(self.chunk(FORWARD_BUDGET)):
            with torch.no_grad():
                here = chunk[:, self._owner][..., None]  # (N, rows, pieces, 1)
                values = self(torch.where(here, self.input, self.baseline))
            yield values  # outside `no_grad`, which a suspended generator would leave on

    def by_piece(self, embeddings: Tensor) -> Tensor:
        """Sum what lies at the places of each piece: (..., rows, pieces, width) -> (..., count)."""
        places = embeddings.sum(-1).flatten(-2)
        sums = torch.zeros(*places.shape[:-1], self.count + 1, dtype=places.dtype)
        return sums.index_add(-1, self._owner.flatten() % (self.count + 1), places)[..., :-1]

    def chunk(self, budget: int) -> int:
        """How many inputs go through the model at once."""
        return max(1, budget // self._owner.numel())

    def _embed(self, ids: Tensor) -> Tensor:
        return self._loaded.model.get_input_embeddings()(ids)

    def _replaced(self, ids: Tensor, baseline: str) -> Tensor:
        tokenizer = self._loaded.tokenizer
        if baseline == "zero":
            other = torch.zeros_like(self.input)
        else:
            id_ = tokenizer.mask_token_id if baseline == "mask" else tokenizer.pad_token_id
            other = self._embed(torch.full_like(ids, id_))
        return torch.where((self._owner < 0)[..., None], self.input, other)

    def _logits(self, inputs: encoding.Inputs, repeats: int) -> Tensor:
        """The head's logits of the repeated rows: (repeats, rows, places, outputs)."""
        forward = registry.module("explain.heads", self._loaded.head).forward
        if self._rows[0].masks:  # fill-mask: the whole vocabulary would take as long as the encoder
            forward = partial(forward, words=self._outputs)
        logits = forward(self._loaded, inputs, self._rows * repeats)
        return torch.stack(list(logits)).unflatten(0, (repeats, len(self._rows)))

    def _places(self, target: Sequence[Term]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Row, place and output of the logits of a target in those of the head; their weights."""
        masks = self._rows[0].masks
        rows = torch.tensor([term.row for term in target])
        places = [masks.index(t.position) if masks else t.position for t in target]
        outputs = [self._outputs.index(t.output) if masks else t.output for t in target]
        weights = torch.tensor([term.weight for term in target])
        return rows, torch.tensor(places), torch.tensor(outputs), weights


def _owner(piece_rows: PieceRows, width: int) -> Tensor:
    """(rows, width): the piece at every place; -1 where nothing is replaced."""
    return torch.tensor(
        [
            [-1 if piece_rows.pieces[i].is_special else i for i in row] + [-1] * (width - len(row))
            for row in piece_rows.layout
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
