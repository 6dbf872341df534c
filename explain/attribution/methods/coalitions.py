"""F of a text of which only some units are kept; each set of units is computed once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from explain.attribution.function import Function


class Sets:
    """F of sets of units; a set is a bit mask, bit 0 for the first unit."""

    def __init__(
        self, function: Function, units: Sequence[Sequence[int]], ends: tuple[Tensor, Tensor]
    ) -> None:
        """A unit is some pieces that come and go together; `ends` are F of all and of none."""
        self.whole = (1 << len(units)) - 1
        self._function = function
        self._units = units
        self._known = {0: ends[1], self.whole: ends[0]}

    def __len__(self) -> int:
        """How many sets are known."""
        return len(self._known)

    def values(self, masks: Iterable[int]) -> Tensor:
        """F of every set, (sets, targets); those not known yet go through the model together."""
        asked = list(masks)
        wanted = [mask for mask in dict.fromkeys(asked) if mask not in self._known]
        if wanted:
            keep = torch.zeros(len(wanted), self._function.count, dtype=torch.bool)
            for row, mask in zip(keep, wanted, strict=True):
                row[
                    [i for bit, unit in enumerate(self._units) if mask >> bit & 1 for i in unit]
                ] = True
            self._known.update(zip(wanted, self._function.kept(keep), strict=True))
        return torch.stack([self._known[mask] for mask in asked])
