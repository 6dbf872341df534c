"""Files of a result, written for download buttons."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

DOWNLOADS_KEPT = 32  # folders of the newest offered files; Gradio serves its own copies
_downloads: deque[tempfile.TemporaryDirectory[str]] = deque()


def offered(files: Mapping[str, str]) -> list[Any]:
    """Updates of download buttons, one per file: its name and its text.

    Where the disk has no room for the files, the result is shown without them, and a note says so.
    """
    try:
        return _written(files)
    except OSError as error:
        gr.Warning(f"The files of this result cannot be offered: {error.strerror}.")
        return [gr.update(visible=False) for _ in files]


def _written(files: Mapping[str, str]) -> list[Any]:
    folder = tempfile.TemporaryDirectory(prefix="distilbert-explorer-")
    _downloads.append(folder)
    if len(_downloads) > DOWNLOADS_KEPT:
        _downloads.popleft().cleanup()
    updates = []
    for name, text in files.items():
        path = Path(folder.name, name)
        path.write_bytes(text.encode())
        updates.append(gr.update(value=str(path), visible=True))
    return updates
