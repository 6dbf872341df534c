"""Text of the page, as Markdown in which technical terms are explained."""

from __future__ import annotations

from typing import Any

import gradio as gr

from explain.render.notices import prose as explained


def prose(text: str, **settings: Any) -> gr.Markdown:
    """Our own text, which is not sanitized; the first mention of each term is explained."""
    return gr.Markdown(explained(text), sanitize_html=False, **settings)
