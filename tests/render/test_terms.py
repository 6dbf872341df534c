"""Terms of the page: explained where they first stand, escaped, each explanation written once."""

import pytest

from explain.render import notices
from explain.render.templates import draw
from explain.render.terms import TERMS, parts

EXPLAINED = (
    "logit", "nats", "loss", "cosine", "F1", "GLUE", "integrated gradients", "completeness", "KL",
)  # fmt: skip


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_term_is_found_and_explained(name: str) -> None:
    assert parts(f"The {name} of it", []) == [("The ", ""), (name, name), (" of it", "")]
    markup = draw("components.html", "glossed", f"<b>{name}</b>")
    assert markup.count('role="tooltip"') == 1 and "<b>" not in markup
    assert TERMS[name].split(".")[0].replace("’", "&#x27;").split("’")[0][:20] in markup


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Start and end logits", ["logits"]),
        ("Logits of both, and losses in nats", ["Logits", "losses", "nats"]),
        ("loss, then loss again", ["loss"]),
        ("KL(teacher ‖ student), nats", ["KL", "nats"]),
        ("lossless floss, cosines, F10, glues", []),
        ("“a loss” is quoted, a loss is not", ["loss"]),
        ("`outputs.loss` is code, [the loss](loss.html) a link", ["loss"]),
        ("no term at all", []),
        ("", []),
    ],
)
def test_the_first_mention_is_explained_and_what_is_quoted_is_not(
    text: str, named: list[str]
) -> None:
    found = parts(text, [])
    assert [part for part, name in found if name] == named
    assert "".join(part for part, _ in found) == text


def test_headings_of_one_table_explain_a_term_once() -> None:
    seen: list[str] = []
    headings = ("start logit", "end logit", "loss")
    assert [[name for _, name in parts(each, seen) if name] for each in headings] == [
        ["logit"], [], ["loss"],
    ]  # fmt: skip


def test_facts_are_explained_and_what_a_visitor_typed_is_not() -> None:
    typed = "“the loss of <b>him</b>”"
    markup = draw("components.html", "facts", [(typed, "0.5 %"), ("loss", "0.7 nats")])
    assert markup.count("<dfn") == 2
    assert markup.index("&lt;b&gt;him") < markup.index("<dfn")


def test_markdown_keeps_its_marks_around_a_term() -> None:
    text = notices.prose("## The triple loss\n\n**Cosine** of `loss`")
    assert text.startswith("## The triple <dfn") and "**<dfn" in text and "`loss`" in text
