"""The two colours of signs: not those of the models, and told apart with any colour vision."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

ASSETS = Path(__file__).resolve().parents[2] / "assets"
VISION = {  # linear RGB as seen, Machado et al. 2009, severity 1
    "normal": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
PAPER = {"light": (255, 255, 255), "dark": (30, 41, 59)}
INK = {"light": (30, 41, 59), "dark": (241, 245, 249)}
MODELS = {"light": ((37, 99, 235), (217, 119, 6)), "dark": ((96, 165, 250), (245, 158, 11))}
DEPTH = 0.6  # of the largest score


def signs(theme: str) -> tuple[tuple[int, ...], ...]:
    """Support and opposition, as the style sheet has them."""
    css = (ASSETS / "style-why.css").read_text(encoding="utf-8")
    selector = {"light": ":root", "dark": r"\.dark"}[theme]
    found = re.search(rf"^{selector} \{{ --supports: ([\d ]+); --opposes: ([\d ]+);", css, re.M)
    assert found
    return tuple(tuple(map(int, colour.split())) for colour in found.groups())


def tint(colour: tuple[int, ...], theme: str) -> np.ndarray:
    """On the page's background, in the deepest shade."""
    return DEPTH * np.array(colour) + (1 - DEPTH) * np.array(PAPER[theme])


def linear(colour: np.ndarray) -> np.ndarray:
    part = np.asarray(colour) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colour: np.ndarray, vision: str) -> np.ndarray:
    """CIELAB of a colour as it is seen."""
    seen = np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ seen / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(first: np.ndarray, second: np.ndarray, vision: str) -> float:
    return float(np.linalg.norm(lab(first, vision) - lab(second, vision)))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", PAPER)
def test_support_opposition_and_paper_are_told_apart(theme: str, vision: str) -> None:
    support, opposition = (tint(colour, theme) for colour in signs(theme))
    paper = np.array(PAPER[theme])
    assert difference(support, opposition, vision) > 25
    assert min(difference(each, paper, vision) for each in (support, opposition)) > 20


@pytest.mark.parametrize("theme", PAPER)
def test_signs_do_not_have_the_colours_of_the_models(theme: str) -> None:
    for sign in signs(theme):
        for model in MODELS[theme]:
            assert difference(tint(sign, theme), tint(model, theme), "normal") > 20


@pytest.mark.parametrize("theme", PAPER)
def test_words_are_readable_on_the_deepest_shade(theme: str) -> None:
    weights = [0.2126, 0.7152, 0.0722]
    for sign in signs(theme):
        low, high = sorted(float(weights @ linear(c)) for c in (tint(sign, theme), INK[theme]))
        assert (high + 0.05) / (low + 0.05) >= 4.5
