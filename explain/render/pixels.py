"""A small table of numbers as a picture: one pixel per cell, the stronger the more opaque."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

LEVELS = 16  # of opacity; two pixels per byte


def picture(rows: Sequence[Sequence[float]], colour: tuple[int, int, int]) -> str:
    """A PNG as a `data:` address. Cells are 0..1; opacity is their square root, as on the page."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 4, 3, 0, 0, 0)
    palette = bytes(colour) * LEVELS
    opacity = bytes(round(255 * level / (LEVELS - 1)) for level in range(LEVELS))
    lines = b"".join(b"\0" + _packed([_level(cell) for cell in row]) for row in rows)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", palette),
        (b"tRNS", opacity),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _level(cell: float) -> int:
    return round((LEVELS - 1) * min(1.0, max(0.0, cell)) ** 0.5)


def _packed(levels: list[int]) -> bytes:
    if len(levels) % 2:
        levels = [*levels, 0]
    return bytes(16 * left + right for left, right in zip(levels[::2], levels[1::2], strict=True))


def _chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
