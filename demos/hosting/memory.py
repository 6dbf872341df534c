"""Freed memory given back to the system.

The C library of GNU keeps what a large batch has freed, in pieces that the next one may not fit:
under load the process held some 200 MB that nothing used.
"""

from __future__ import annotations

import ctypes
import sys


def release() -> None:
    """Give back what is free; does nothing where the C library cannot."""
    if sys.platform.startswith("linux"):
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):
            library.malloc_trim(0)
