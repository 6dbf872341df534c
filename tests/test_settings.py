"""Every setting is a flag and an environment variable, checked, and answered at once."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from explain import settings
from explain.models import PAIRS

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = [entry.name for entry in fields(settings.Settings) if "range" in entry.metadata]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_comes_from_a_flag_or_the_environment(name: str) -> None:
    least = next(e for e in fields(settings.Settings) if e.name == name).metadata["range"][0]
    flag = f"--{name.replace('_', '-')}"
    assert getattr(settings.read([flag, str(least)], {}), name) == least
    assert getattr(settings.read([], {name.upper(): str(least)}), name) == least


def test_a_flag_wins_over_the_environment_and_defaults_hold_without_either() -> None:
    assert settings.read(["--port", "8000"], {"PORT": "9000"}).port == 8000
    assert settings.read([], {}) == settings.Settings()
    assert settings.read([], {"PAIR": ""}).pair == "pocket"


def test_a_hosted_space_is_reached_from_outside() -> None:
    assert settings.read([], {"SPACE_ID": "someone/something"}).host == "0.0.0.0"
    assert settings.read([], {"GRADIO_SERVER_NAME": "::"}).host == "::"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"PORT": "x"}, "PORT (--port) is a number from 1 to 65,535, not 'x'"),
        ({"PORT": "70000"}, "not '70000'"),
        ({"QUEUE_SIZE": "1.5"}, "QUEUE_SIZE (--queue-size) is a number from 1 to 100,000"),
        ({"BATCH_WINDOW": "nan"}, "not 'nan'"),
        ({"PAIR": "large"}, "PAIR (--pair) is pocket or base, not 'large'"),
        ({"LOG_REQUESTS": "maybe"}, "yes or no, not 'maybe'"),
    ],
)
def test_a_mistake_ends_the_program_in_words(
    given: dict[str, str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        settings.read([], given)
    assert sentence in capsys.readouterr().err


def test_the_pairs_are_those_of_the_models() -> None:
    assert tuple(PAIRS) == settings.PAIRS


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        asked = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port)]
        ended = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"Port {port} of 127.0.0.1 cannot be used: Address already in use." in ended.stderr


def test_an_address_that_this_machine_does_not_have_is_one_sentence() -> None:
    for host in ("192.0.2.1", "no such host"):
        with pytest.raises(SystemExit, match="cannot be used"):
            settings.bind(replace(settings.Settings(), host=host))
