"""Records to HTML: the templates of this folder, compiled once, with every value escaped.

A template file holds macros; `draw` calls one of them. In a template, a line break next to a tag
or a template mark produces nothing, and one inside a sentence produces a space.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from explain.records import MODEL_NAMES, ROLES
from explain.render import formats, thresholds
from explain.render.terms import TERMS, parts

MARKS = {"teacher": "●", "student": "◆"}  # as on the plots
_GRADIO_MARKS = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "`": "&#96;"})


def escape(value: object) -> Markup:
    """Text as markup that shows it; the marks of Gradio's own templates are escaped too."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(str(value)).translate(_GRADIO_MARKS))


def isolated(sentence: str) -> Markup:
    """Escaped; what is quoted in it keeps its own direction, and the sentence keeps its own."""
    return Markup(re.sub("“([^”]*)”", r"“<bdi>\1</bdi>”", str(escape(sentence))))


def draw(template: str, macro: str, /, *values: Any, **named: Any) -> str:
    """The markup of one macro of `templates/`."""
    return "".join(getattr(_macros(template), macro)(*values, **named))


def _parts(text: object, seen: list[str]) -> list[tuple[str, str]]:
    """The parts of plain words; markup and numbers are one part."""
    return parts(text, seen) if type(text) is str else [(escape(text), "")]


class _OneLine(Extension):
    """Removes the line breaks and indentation by which a template is readable."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                text = re.sub(r"(\A|(?<=>))\s*\n\s*|\s*\n\s*(\Z|(?=<))", "", token.value)
                token = Token(token.lineno, "data", re.sub(r"\s*\n\s*", " ", text))
            yield token


@cache
def _macros(template: str) -> Any:
    return _environment().get_template(template).module


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        finalize=escape,
        undefined=StrictUndefined,
        extensions=[_OneLine],
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters |= {
        "isolated": isolated,
        "percent": formats.percent,
        "interval": formats.interval,
        "signed": formats.signed,
        "signed_all": formats.signed_all,
        "score": formats.score,
        "fixed": formats.fixed,
        "thousands": formats.thousands,
        "ms": formats.milliseconds,
        "mb": formats.megabytes,
        "plural": formats.plural,
        "parts": _parts,
        "below": thresholds.below,
    }
    environment.globals |= {
        "model_names": {**MODEL_NAMES, "own": "Your student"},
        "marks": MARKS,
        "roles": ROLES,
        "terms": TERMS,
        "zip": zip,
    }
    return environment
