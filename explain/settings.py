"""Settings of the app: flags of `python app.py`, or environment variables of the same names.

`--queue-size 500` and `QUEUE_SIZE=500` say the same; the flag wins. This module imports the
standard library alone, so that `--help` and a mistake are answered at once.
"""

from __future__ import annotations

import argparse
import functools
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

PAIRS = ("pocket", "base")
TORCH = {  # read when torch is imported
    "OMP_WAIT_POLICY": "passive",  # no busy waiting
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",  # else memory grows with every shape of a batch
}
GRADIO_HOST, SPACE = "GRADIO_SERVER_NAME", "SPACE_ID"  # what a hosted Space sets


def _choice(default: str, choices: Sequence[str], text: str) -> Any:
    return field(default=default, metadata={"choices": tuple(choices), "help": text})


def _number(default: float, least: float, most: float, text: str) -> Any:
    return field(default=default, metadata={"range": (least, most), "help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set, each with its default and its range."""

    host: str = field(default="127.0.0.1", metadata={
        "help": "address to listen at; 0.0.0.0 serves the local network"})  # fmt: skip
    port: int = _number(7860, 1, 65_535, "TCP port to listen at")
    pair: str = _choice("pocket", PAIRS, "pair of models chosen at first")
    longest_text: int = _number(50_000, 100, 1_000_000, "characters of one text")
    most_pieces: int = _number(20_000, 64, 500_000, "word pieces of one text")
    most_rows: int = _number(2_000, 1, 100_000, "rows of an uploaded file")
    upload_bytes: int = _number(5_000_000, 1_000, 1_000_000_000, "bytes of an uploaded file")
    queue_size: int = _number(1_000, 1, 100_000, "requests that may wait, of all visitors together")
    queue_per_visitor: int = _number(40, 1, 100_000, "requests of one visitor that may wait")
    answers_at_once: int = _number(64, 1, 1_000, "answers prepared side by side")
    batch_pieces: int = _number(4_096, 64, 100_000, "word pieces computed together")
    batch_window: float = _number(2.0, 0.0, 100.0, "milliseconds a batch waits for more requests")
    heads: str = field(
        default="",
        metadata={
            "help": "address of the processes that compute answers (`make serve`); none: this one"
        },
    )
    threads: int = _number(0, 0, 1_024, "threads of a forward pass; 0 leaves the choice to torch")
    base_models: int = _number(
        0, 0, 10, "models of the base pair in memory, about 350 MB each; 0: all if 8 GB allow it"
    )
    log_requests: str = _choice("yes", ("yes", "no"), "whether each request gives one log line")


def read(arguments: Sequence[str] = (), environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a command line and an environment; a mistake ends the program in words."""
    parser = argparse.ArgumentParser(
        prog="app.py", description="DistilBERT Explorer: serve the page.",
        epilog="Environment variables of the same names (PORT, QUEUE_SIZE, ...) set the defaults. "
        "`app.py --check` tells whether the stored models are whole, and serves nothing.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )  # fmt: skip
    for entry in fields(Settings):
        default = environment.get(entry.name.upper(), "") or _usual(entry.name, environment)
        parser.add_argument(
            f"--{entry.name.replace('_', '-')}", type=str, metavar=_metavar(entry.metadata),
            default=default or str(entry.default), help=entry.metadata["help"],
        )  # fmt: skip
    given = vars(parser.parse_args(list(arguments)))
    try:
        return Settings(**{e.name: _checked(e, given[e.name]) for e in fields(Settings)})
    except ValueError as error:
        parser.error(str(error))


def apply(settings: Settings) -> None:
    """Make these the `current` settings, also of programs that this one starts."""
    for entry in fields(Settings):
        os.environ[entry.name.upper()] = str(getattr(settings, entry.name))
    current.cache_clear()


@functools.cache
def current() -> Settings:
    """The settings of this program: those applied last, or the environment's."""
    return read()


def bind(settings: Settings) -> socket.socket:
    """A socket bound to the address; a port that cannot be had ends the program in one sentence."""
    bound = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        other = settings.port % 65_535 + 1
        raise SystemExit(
            f"Port {settings.port} of {settings.host} cannot be used: {error.strerror}. Stop the "
            f"program that uses it, or choose another port, as in PORT={other}."
        ) from None
    return bound


def _usual(name: str, environment: Mapping[str, str]) -> str:
    """The default of a hosted Space, which must be reached from outside its container."""
    if name != "host":
        return ""
    return environment.get(GRADIO_HOST, "") or ("0.0.0.0" if SPACE in environment else "")


def _metavar(metadata: Mapping[str, Any]) -> str | None:
    if "choices" in metadata:
        return "{" + ",".join(metadata["choices"]) + "}"
    return None


def _checked(entry: Any, value: str) -> Any:
    """The value of one setting; raises ValueError with what is wrong and what is allowed."""
    name = f"{entry.name.upper()} (--{entry.name.replace('_', '-')})"
    if "choices" in entry.metadata:
        if value not in entry.metadata["choices"]:
            raise ValueError(f"{name} is {' or '.join(entry.metadata['choices'])}, not {value!r}")
        return value
    if "range" not in entry.metadata:
        return value
    least, most = entry.metadata["range"]
    kind = type(entry.default)
    try:
        number = kind(value)
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise ValueError(f"{name} is a number from {least:,} to {most:,}, not {value!r}")
    return number
