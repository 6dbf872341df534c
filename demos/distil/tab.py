"""The Distil tab: its four parts, in the order in which a student is made."""

from __future__ import annotations

import gradio as gr

from demos.distil.live import build as build_live
from demos.distil.losses import build as build_losses
from demos.distil.soft_targets import EXAMPLES as EXAMPLES
from demos.distil.soft_targets import build as build_soft_targets
from demos.distil.starts import build as build_starts

TITLE = "Distil"


def build(pair: gr.components.Component) -> None:
    """Lay the tab out inside the gr.Tab that app.py has opened."""
    build_soft_targets(pair)
    build_losses(pair)
    build_live(build_starts())
