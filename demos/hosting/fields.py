"""What the fields of a page are sent: values that they do not take are refused in a sentence.

The page itself sends what its fields hold, so these come from other programs. Gradio would log each
with its traceback, as if the app were at fault.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction

LONGEST = 300  # characters of a refusal, which may quote what was sent
UNFIT = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
SENTENCE = "The fields of the page do not take these values: reload the page."
log = logging.getLogger("distilbert_explorer.fields")

Preprocess = Callable[..., Awaitable[list[Any]]]


def refusing(preprocess: Preprocess) -> Preprocess:
    """Gradio's step from the values that are sent to the arguments of a handler, with refusals."""

    async def checked(
        fn: BlockFunction, inputs: list[Any], *others: Any, **named: Any
    ) -> list[Any]:
        try:
            _require_examples(fn.inputs, inputs)
            return await preprocess(fn, inputs, *others, **named)
        except gr.Error as error:  # of a field: a choice that it does not have, a number too large
            raise _refusal(str(error.message)) from error
        except UNFIT as error:
            log.warning(
                "%s was sent what its fields do not take: %s", fn.name, type(error).__name__
            )
            raise _refusal(SENTENCE) from error

    return checked


def _require_examples(blocks: Sequence[Any], values: Sequence[Any]) -> None:
    """An example is chosen by its number; Gradio's own handler fails without one."""
    for block, value in zip(blocks, values, strict=False):
        if isinstance(block, gr.Dataset) and type(value) is not int:
            raise ValueError("no number of an example")


def _refusal(sentence: str) -> gr.Error:
    shown = sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…"
    message = html.escape(shown, quote=False)
    return gr.Error(message, title="Please check", print_exception=False)
