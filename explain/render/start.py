"""Facts, claims and corrections to escaped HTML: the Start tab."""

from __future__ import annotations

from collections.abc import Sequence

from explain.article.corrections import Correction, Section
from explain.article.evidence import Claim
from explain.article.facts import LAYER_MAP, Source, say
from explain.render.heads import escape


def opening(headline: str, lead: str) -> str:
    """The first words of the page."""
    return f'<div class="sx-opening"><h2>{escape(headline)}</h2><p>{escape(lead)}</p></div>'


def claims(rows: Sequence[Claim]) -> str:
    """Three cards: the number, what is quoted for it, what it does not say, what was found here."""
    return f'<div class="sx-claims">{"".join(map(_claim, rows))}</div>'


def _claim(claim: Claim) -> str:
    return (
        f'<section class="sx-claim"><h3><b>{escape(claim.number)}</b> {escape(claim.promise)}</h3>'
        f'<p><span class="sx-kind">quoted</span> {escape(claim.quoted)}, {_link(claim.source)}</p>'
        f'<p class="sx-quiet">{escape(claim.caution)}</p>'
        f'<p><span class="sx-kind sx-here">here</span> {escape(claim.here)}</p></section>'
    )


def layer_picture() -> str:
    """The teacher's layers in a row, and below each copied one the student's."""
    depth = int(say("{depth_teacher}"))
    teacher = "".join(
        f'<i class="{"sx-kept" if number in LAYER_MAP else "sx-left"}">{number}</i>'
        for number in range(depth)
    )
    student = "".join(
        f'<i style="grid-column:{source + 1}">{number}</i>'
        for number, source in enumerate(LAYER_MAP)
    )
    text = say("Student layers 0 to 5 are copies of teacher layers {layer_map}")
    return (
        f'<div class="sx-layers" role="img" aria-label="{escape(text)}">'
        f'<span class="sx-name">BERT</span><div class="sx-row sx-teacher">{teacher}</div>'
        f'<span class="sx-name">DistilBERT</span><div class="sx-row sx-student">{student}</div>'
        "</div>"
    )


def loss_picture() -> str:
    """The three losses, as wide as their weights."""
    parts = (("ce", "teacher"), ("mlm", "text"), ("cos", "states"))
    bars = "".join(
        f'<span class="sx-{name}" style="flex:{say(f"{{alpha_{name}}}")}">'
        f"{say(f'{{alpha_{name}}}')} L<sub>{name}</sub><small>{what}</small></span>"
        for name, what in parts
    )
    return f'<div class="sx-loss">{bars}</div>'


def corrections(rows: Sequence[Correction]) -> str:
    """What the article says, what is right, where it stands; cards on a narrow screen."""
    body = "".join(
        f'<tr><td data-name="The article">“{escape(row.article)}” '
        f'<small class="sx-quiet">{escape(row.where)}</small></td>'
        f'<td data-name="Right">{escape(row.right)}</td>'
        f'<td data-name="Source">{_link(row.source)}</td></tr>'
        for row in rows
    )
    head = "<tr><th>The article says</th><th>What is right</th><th>Source</th></tr>"
    return f'<table class="sx-errors"><thead>{head}</thead><tbody>{body}</tbody></table>'


def sections(rows: Sequence[Section]) -> str:
    """Which tab makes which part of the article live."""
    items = "".join(
        f"<li><span>{escape(row.part)}</span> <b>{escape(row.tab)}</b></li>" for row in rows
    )
    return f'<ul class="sx-sections">{items}</ul>'


def _link(source: Source) -> str:
    return (
        f'<a href="{escape(source.url)}" target="_blank" rel="noopener">{escape(source.name)}</a>'
    )
