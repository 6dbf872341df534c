"""What a live distillation needs to know of each head that it offers: one module per head.

FILES     the sentences it is distilled on, unless a visitor pastes some
SCORE     what the score on labelled rows counts
HARD      what the loss against labels is called
WATCHED   a sentence to watch
example   one text without a label, ready to be masked or asked
prepared  the example as one batch shows it: for fill-mask with pieces masked
held_out  a labelled row as an example
tally     predictions against references of some held-out rows, as counts
answer    what it says of one sentence: outcomes with their probabilities
"""

from __future__ import annotations

import pkgutil
from typing import Any

from explain.heads import registry


def of(head: str) -> Any:
    """The module of one head, by its name in the registry."""
    return registry.module(__name__, head)


def names() -> tuple[str, ...]:
    """The heads that can be distilled live, in the registry's order."""
    ours = {module.name for module in pkgutil.iter_modules(__path__)}
    return tuple(head for head in registry.HEADS if head in ours)
