"""What every tab shares: the theme, the visitor's errors, how events are queued."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from explain.records import InputError
from explain.settings import current

TEACHER_COLOUR, STUDENT_COLOUR = "#2563eb", "#d97706"
MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1}  # one at a time
ANSWERS_AT_ONCE = current().answers_at_once  # handled side by side, computed in shared batches
ANSWER: dict[str, Any] = {"concurrency_id": "answer", "concurrency_limit": ANSWERS_AT_ONCE}
ENTER_RUNS = "Enter runs, Shift + Enter starts a new line"

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
DOWNLOAD = gr.Progress(track_tqdm=True)  # shows the Hub client's bars while a model is fetched

P = ParamSpec("P")
R = TypeVar("R")


def theme() -> gr.themes.Base:
    """System fonts, blue for what can be pressed, room to breathe."""
    fonts = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "sans-serif")
    mono = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
    return gr.themes.Base(
        primary_hue="blue", secondary_hue="amber", neutral_hue="slate", font=fonts, font_mono=mono,
        radius_size="md", text_size="md",
    ).set(
        body_background_fill="*neutral_50", body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_600",  # the default is too faint to read on white
        link_text_color="*primary_600", link_text_color_dark="*primary_400",
        link_text_color_hover="*primary_700", link_text_color_hover_dark="*primary_300",
        link_text_color_visited="*primary_600", link_text_color_visited_dark="*primary_400",
        link_text_color_active="*primary_700", link_text_color_active_dark="*primary_300",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_700",
    )  # fmt: skip


def visitor_errors(handler: Callable[P, R]) -> Callable[P, R]:
    """Raise an `InputError` as `gr.Error`, escaped; everything else propagates and is logged."""

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except InputError as error:
            message = html.escape(str(error), quote=False)
            raise gr.Error(message, title="Please check", print_exception=False) from error

    return guarded
