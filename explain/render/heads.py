"""Records to escaped HTML: the two panels of every head. The only markup beside `render_*`.

Every string enters through `escape`. Colour is never the only signal: a number, a sign or a word
stands beside it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from explain.records import (
    ContextPiece,
    Entity,
    FillMaskResult,
    MultipleChoiceResult,
    NerResult,
    QuestionAnsweringResult,
    SentimentResult,
    Timing,
)
from explain.render.comparison import differences, percent

FAMILY = {"teacher": "BERT", "student": "DistilBERT"}
KINDS = {"PER": "person", "ORG": "organisation", "LOC": "place", "MISC": "other name"}
_TEMPLATE_MARKS = str.maketrans({"$": "&#36;", "{": "&#123;", "}": "&#125;", "`": "&#96;"})


def escape(text: object) -> str:
    """Text as markup that shows it; the marks of the page's own templates are escaped too."""
    return html.escape(str(text)).translate(_TEMPLATE_MARKS)


@dataclass(frozen=True, slots=True)
class Bar:
    """One labelled probability."""

    label: str
    probability: float
    note: str = ""  # behind the number
    chosen: bool = False
    right: bool = False  # the answer the visitor named


def heading(title: str, below: str) -> str:
    """The page's title."""
    return f'<h1>{escape(title)}</h1><p class="dx-quiet">{escape(below)}</p>'


def waiting(role: str) -> str:
    """A panel before its first answer."""
    text = "The answer appears here: press Compare."
    return _panel(role, "", f'<p class="dx-quiet">{text}</p>', "")


def verdict(sentence: str) -> str:
    """The one sentence below the two panels."""
    return f'<p class="dx-verdict">{isolated(sentence)}</p>'


def isolated(sentence: str) -> str:
    """Escaped; what is quoted in it keeps its own direction, and the sentence keeps its own."""
    return re.sub("“([^”]*)”", r"“<bdi>\1</bdi>”", escape(sentence))


def refusal(sentence: str) -> str:
    """Why there is no answer, and what to do; read out at once by a screen reader."""
    return f'<p class="dx-refusal" role="alert">{escape(sentence)}</p>'


def fill_mask(result: FillMaskResult, role: str, name: str) -> str:
    """Candidates as bars, and the named word's probability, rank and loss."""
    bars = [
        Bar(one.word, one.probability, "" if one.whole_word else "word piece", number == 0)
        for number, one in enumerate(result.candidates)
    ]
    facts: list[tuple[str, str]] = [("logit of the first", f"{result.candidates[0].logit:+.2f}")]
    if result.answer:
        answer = result.answer
        if answer.rank is None:
            rank = f"{len(answer.pieces)} pieces ({' '.join(answer.pieces)}), filled left to right"
        else:
            rank = f"rank {answer.rank:,} of the vocabulary"
        facts = [
            *facts,
            (f"“{answer.word}”", f"{percent(answer.probability)}, {rank}"),
            ("loss", f"{answer.loss:.3f} nats"),
        ]
    unread = _unread(result.unread, "farthest from [MASK]")
    return _panel(role, name, _bars(bars) + _facts(facts) + unread, _timing(result.timing))


def sentiment(result: SentimentResult, role: str, name: str) -> str:
    """Two bars, the logits, and the loss for the label the visitor gave."""
    bars = [
        Bar(label, probability, "", label == result.label)
        for label, probability in zip(result.labels, result.probabilities, strict=True)
    ]
    facts = [("logits", " / ".join(f"{logit:+.2f}" for logit in result.logits))]
    if result.loss is not None:
        facts.append(("loss", f"{result.loss:.3f} nats"))
    unread = _unread(result.unread, "at the end")
    return _panel(role, name, _bars(bars) + _facts(facts) + unread, _timing(result.timing))


def multiple_choice(
    result: MultipleChoiceResult, role: str, name: str, right: int | None = None
) -> str:
    """One bar a choice, the logits, and the loss for the choice named right."""
    bars = [
        Bar(f"{number + 1}. {choice}", p, f"{logit:+.2f}", number == result.best, number == right)
        for number, (choice, p, logit) in enumerate(
            zip(result.choices, result.probabilities, result.logits, strict=True)
        )
    ]
    facts = [("logits", " / ".join(f"{logit:+.2f}" for logit in result.logits))]
    if result.loss is not None:
        facts.append(("loss", f"{result.loss:.3f} nats"))
    return _panel(role, name, _bars(bars) + _facts(facts), _timing(result.timing))


def ner(result: NerResult, role: str, name: str, other: NerResult) -> str:
    """The text with its names marked; a name the other model lacks has a dashed frame."""
    mine, _, retyped = differences(result, other)
    odd = {(one.start, one.end) for one in (*mine, *(pair[0] for pair in retyped))}
    marked, done = [], 0
    for one in result.entities:
        marked.append(escape(result.text[done : one.start]))
        marked.append(_entity(one, (one.start, one.end) in odd))
        done = one.end
    marked.append(escape(result.text[done:]))
    body = f'<p class="dx-text" dir="auto">{"".join(marked)}</p>{_entity_table(result)}'
    if result.loss is not None:
        body += _facts([("loss", f"{result.loss:.3f} nats a word")])
    return _panel(role, name, body, _timing(result.timing, result.windows))


def question_answering(result: QuestionAnsweringResult, role: str, name: str) -> str:
    """The context with the best span marked, the runners-up as bars, logits on request."""
    best = result.spans[0]
    before, answer = escape(result.context[: best.start]), escape(best.text)
    text = f'{before}<mark class="dx-answer">{answer}</mark>{escape(result.context[best.end :])}'
    bars = [
        Bar(span.text, span.probability, f"{span.score:+.2f}", number == 0)
        for number, span in enumerate(result.spans)
    ]
    facts = []
    if result.answer:
        given = result.answer
        facts = [
            (f"“{given.text}”", percent(given.probability)),
            ("loss", f"{given.loss:.3f} nats"),
        ]
    body = f'{_bars(bars)}<p class="dx-text" dir="auto">{text}</p>{_facts(facts)}'
    body += _piece_table(result.pieces)
    return _panel(role, name, body, _timing(result.timing, result.windows))


def _panel(role: str, name: str, body: str, foot: str) -> str:
    title = f"<h3>{FAMILY[role]} <small>the {role}</small></h3>"
    label = f'<span class="dx-name">{escape(name)}</span>'
    head = f"<header>{title}{label}</header>"
    return f'<section class="dx-panel dx-{role}">{head}{body}{foot}</section>'


def _bars(bars: Iterable[Bar]) -> str:
    rows = []
    for bar in bars:
        width = f"{100 * bar.probability:.1f}%"
        classes = "dx-bar" + (" dx-chosen" if bar.chosen else "")
        right = ' <b class="dx-right" title="the answer you named">✓</b>' if bar.right else ""
        note = f"<small>{escape(bar.note)}</small>" if bar.note else ""
        rows.append(
            f'<li class="{classes}"><span class="dx-label" dir="auto">{escape(bar.label)}{right}'
            f'</span><span class="dx-track"><span style="width:{width}"></span></span>'
            f'<span class="dx-value">{percent(bar.probability)}{note}</span></li>'
        )
    return f'<ul class="dx-bars">{"".join(rows)}</ul>'


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    if not facts:
        return ""
    rows = "".join(f"<div><dt>{escape(a)}</dt><dd>{escape(b)}</dd></div>" for a, b in facts)
    return f'<dl class="dx-facts">{rows}</dl>'


def _timing(timing: Timing, windows: int = 1) -> str:
    text = f"{timing.pieces:,} word pieces"
    if windows > 1:
        text += f" in {windows} overlapping windows"
    text += f"; computed now in {timing.forward:.1f} ms + {timing.tokenise:.1f} ms to tokenise"
    if timing.runs > 1:
        text += f", best of {timing.runs} runs"
    return f'<footer class="dx-quiet">{text}</footer>'


def _unread(count: int, where: str) -> str:
    if not count:
        return ""
    text = f"Not read: {count:,} word pieces {where}; the text is longer than the model can see."
    return f'<p class="dx-warning">{text}</p>'


def _entity(one: Entity, odd: bool) -> str:
    classes = f"dx-entity dx-{one.kind}" + (" dx-odd" if odd else "")
    title = f"{KINDS.get(one.kind, one.kind)}, {percent(one.probability)}"
    return (
        f'<mark class="{classes}" title="{escape(title)}">{escape(one.text)}'
        f"<small>{escape(one.kind)}</small></mark>"
    )


def _entity_table(result: NerResult) -> str:
    if not result.entities:
        return '<p class="dx-quiet">No names found.</p>'
    rows = "".join(
        f'<tr><td dir="auto">{escape(one.text)}</td>'
        f"<td>{escape(KINDS.get(one.kind, one.kind))}</td>"
        f"<td>{percent(one.probability)}</td><td>{one.start}–{one.end}</td></tr>"
        for one in result.entities
    )
    head = "<tr><th>name</th><th>kind</th><th>probability</th><th>characters</th></tr>"
    return f'<table class="dx-table dx-entities"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _piece_table(pieces: Sequence[ContextPiece], most: int = 400) -> str:
    rows = "".join(
        f'<tr><td dir="auto">{escape(one.text)}</td><td>{one.start_logit:+.2f}</td>'
        f"<td>{one.end_logit:+.2f}</td></tr>"
        for one in pieces[:most]
    )
    head = "<tr><th>word piece</th><th>start logit</th><th>end logit</th></tr>"
    more = f"<p>The first {most} of {len(pieces):,} pieces.</p>" if len(pieces) > most else ""
    table = f'<table class="dx-table"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    summary = "<summary>Start and end logits, piece by piece</summary>"
    return (
        f'<details class="dx-details">{summary}<div class="dx-scroll">{table}</div>{more}</details>'
    )
