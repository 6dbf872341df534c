"""`python app.py --check`: whether the stored pair is whole, before anybody asks it something."""

from __future__ import annotations

from explain.heads.registry import HEADS
from explain.models.checkpoints import ASSETS, PAIRS
from explain.models.loading import load
from explain.records import ROLES, InputError


def check() -> int:
    """Print a line for each model of the pocket pair; 0 if both are whole, else 1."""
    from explain.models import stored

    status = 0
    for role in ROLES:
        checkpoint = next(iter(PAIRS["pocket"][role].values()))  # the same for every head
        try:
            models = [load(head, role) for head in HEADS]
            trunk, heads = stored.sizes(ASSETS / checkpoint.source)
            print(
                f"{checkpoint.name}: whole; files as in {stored.CHECKSUMS}, {len(models)} heads, "
                f"{trunk + heads:,} parameters, all finite"
            )
        except InputError as error:
            print(error)
            status = 1
    return status
