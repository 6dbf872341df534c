"""How each head is trained: one module per head, found by its name.

PREFIX   what the names of its training sets begin with
SHARES   how often each set is drawn; a set that is not named is left out
HUB      a set of the Hugging Face Hub: its name here, repository, configuration
POOL     how many rows are drawn, sorted by length and cut into batches together
AS_TEXT  sets whose right answers are also read as text; `statement` makes a row of text of a row
encode   a row as examples
collate  examples as a padded batch
logits   what the loss is computed from: (N, K) for the N labels of a batch

and of the heads whose answers may be none at all (`distill.thresholds`):

ANSWERED    what its labelled rows are, in words
doubtful    rows without a right answer, by what they are, in words
surenesses  how sure a model is of its best answer to each row
"""

from __future__ import annotations

from typing import Any

from explain.heads.registry import module


def of(head: str) -> Any:
    """The module of one head, by its name in the registry."""
    return module("distill.heads", head)
