"""The templates escape by themselves, miss nothing, and every head has files of its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from explain.evaluation.heads import of
from explain.heads.registry import HEADS
from explain.render import templates
from explain.render.accuracy_words import metric_name
from explain.render.heads import drawing, evaluation_words

FOLDER = Path(templates.__file__).with_name("templates")


def drawn(source: str, **values: object) -> str:
    return templates._environment().from_string(source).render(**values)


def test_every_value_is_escaped_and_markup_is_not_escaped_twice() -> None:
    assert drawn("<b>{{ text }}</b>", text="<i>${x}`") == "<b>&lt;i&gt;&#36;&#123;x&#125;&#96;</b>"
    assert drawn("{{ text }}", text=Markup("<i>")) == "<i>"
    assert drawn("{{ 'a' ~ text }}", text="{{<") == "a&#123;&#123;&lt;"


def test_line_breaks_at_tags_and_marks_produce_nothing_and_those_in_sentences_a_space() -> None:
    source = (
        "<ul>\n  {% for n in (1, 2) %}\n    <li>one\n      line {{ n }}</li>\n  {% endfor %}\n</ul>"
    )
    assert drawn(source) == "<ul><li>one line 1</li><li>one line 2</li></ul>"
    assert drawn("<p>{{ text }}</p>", text="as\n  typed") == "<p>as\n  typed</p>"


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        drawn("{{ nothing }}")


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.html")), ids=lambda path: path.stem)
def test_every_template_compiles(path: Path) -> None:
    assert templates._macros(path.relative_to(FOLDER).as_posix())


@pytest.mark.parametrize("head", HEADS)
def test_every_head_is_drawn_by_files_of_its_name(head: str) -> None:
    module = drawing(head)
    assert all(callable(getattr(module, name)) for name in ("panel", "compare", "fields"))
    assert (FOLDER / "heads" / f"{head}.html").is_file()
    assert evaluation_words(head).right
    assert all(metric_name(head, metric.name) for metric in of(head).metrics)
