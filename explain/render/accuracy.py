"""Evaluations to escaped HTML: the running score and the tables."""

from __future__ import annotations

from collections.abc import Iterable

from explain.evaluation.items import EvaluationProgress, EvaluationSet
from explain.evaluation.metrics import MetricEstimate
from explain.evaluation.tables import ConfusionTable, Report, Score, Share, Slice, paired_comparison
from explain.render import accuracy_words as words
from explain.render.comparison import percent
from explain.render.heads import FAMILY, escape
from explain.render.race import announcement

SLICES = 40  # on the page
MARKS = {"teacher": "●", "student": "◆"}


def invitation() -> str:
    """What stands there before the first evaluation."""
    return announcement(
        "Who is right more often?", "Press Start: both models answer the whole set."
    )


def format_note(said: str) -> str:
    """What a visitor's file must hold, or that it does."""
    return f'<p class="ra-note">{escape(said)}</p>'


def cancelled() -> str:
    """After Cancel; what was drawn stays."""
    return announcement("Cancelled", "No verdict: the score below is as far as it came.")


def headline(progress: EvaluationProgress, data: EvaluationSet) -> str:
    """The verdict, or how far the evaluation has come."""
    done, found = len(progress.scored), paired_comparison(progress.scored)
    if done == progress.total:
        return announcement(words.verdict(found), words.evidence(found), 0.0, "rx-done")
    count = f"{done:,} of {progress.total:,} {words.NOUNS[data.head]} of {data.name}"
    return announcement("Counting …", count, done / progress.total, "rx-running")


def score(progress: EvaluationProgress, data: EvaluationSet) -> str:
    """How often each model is right so far, with Wilson's intervals."""
    meaning = f"Right means that {words.RIGHT[data.head]}. {data.origin}"
    if cut := words.cut(progress.scored):
        meaning += f" {cut}"
    found = paired_comparison(progress.scored)
    rows = "".join(_track(getattr(found, role), role) for role in MARKS)
    note = f"{meaning} Computed now; 0 to 100 %, with Wilson’s intervals of 95 %."
    return _section("Right", f'<div class="ra-tracks">{rows}</div>', note)


def tables(report: Report) -> str:
    """Scores, slices, and what kinds of answers there are."""
    kept = words.kept(report)
    parts = [_section("Scores", _scores(report.scores, report.data.head), kept)]
    if len(report.slices) > 1:
        rows = "".join(map(_slice, report.slices[:SLICES]))
        more = len(report.slices) - SLICES
        counted = "more slices are" if more > 1 else "more slice is"
        rest = f" {more:,} {counted} in the files." if more > 0 else ""
        note = f"0 to 100 % right. Few items each, so the intervals are wide.{rest}"
        parts.append(_section("Slices", f'<ul class="ra-slices">{rows}</ul>', note, "ra-tall"))
    parts.append(_kinds(report.confusion, report.data.head))
    return f'<div class="ra-tables">{"".join(parts)}</div>'


def _track(share: Share, role: str) -> str:
    name = f"{MARKS[role]} {FAMILY[role]}"
    if not share.total:
        return f'<div class="ra-row dx-{role}"><b>{name}</b><div class="ra-track"></div></div>'
    return (
        f'<div class="ra-row dx-{role}"><b>{name}</b><div class="ra-track">{_mark(share, role)}'
        f"</div><span><b>{escape(percent(share.value))}</b> "
        f"<small>({words.interval(share.low, share.high)}) {share.count:,} of {share.total:,}"
        "</small></span></div>"
    )


def _mark(share: Share, role: str) -> str:
    """Interval and point on a track from 0 to 100 %."""
    left, width = 100 * share.low, 100 * (share.high - share.low)
    return (
        f'<i class="ra-band dx-{role}" style="left:{left:.2f}%;width:{width:.2f}%"></i>'
        f'<i class="ra-point ra-{role}" style="left:{100 * share.value:.2f}%"></i>'
    )


def _section(title: str, body: str, note: str = "", kind: str = "") -> str:
    said = f'<p class="dx-quiet">{escape(note)}</p>' if note else ""
    return f'<section class="ra-card {kind}"><h4>{escape(title)}</h4>{body}{said}</section>'


def _scores(scores: Iterable[Score], head: str) -> str:
    rows = "".join(
        f"<tr><td>{escape(words.metric(head, one.name))}</td>{_estimate(one, one.teacher)}"
        f"{_estimate(one, one.student)}</tr>"
        for one in scores
    )
    titles = "".join(f'<th class="ra-{role}">{MARKS[role]} {FAMILY[role]}</th>' for role in MARKS)
    return _table(f"<tr><th></th>{titles}</tr>", rows)


def _estimate(score: Score, value: MetricEstimate) -> str:
    low, middle, high = (words.number(score, one) for one in (value.low, value.value, value.high))
    return f"<td><b>{middle}</b> <small>{low} to {high}</small></td>"


def _slice(one: Slice) -> str:
    found = one.comparison
    marks = "".join(_mark(getattr(found, role), role) for role in MARKS)
    sides = " ".join(
        f'<span class="ra-{role}">{MARKS[role]} {getattr(found, role).count}</span>'
        for role in MARKS
    )
    return (
        f'<li><span class="ra-name">{escape(one.name)}</span><div class="ra-track ra-two">{marks}'
        f"</div><span>{sides} <small>of {found.teacher.total}</small></span></li>"
    )


def _kinds(kinds: ConfusionTable, head: str) -> str:
    title, note = {
        "sentiment": ("Right label against answer", "Rows: the right label. Columns: the answer."),
        "multiple_choice": (
            "Right choice against answer",
            "Rows: where the right choice stands. Columns: the choice that was taken.",
        ),
        "ner": (
            "Names by kind",
            "What became of every name; those made up stand where there is no name at all.",
        ),
        "question_answering": (
            "How exact",
            "In part: some words are those of an accepted answer.",
        ),
        "fill_mask": ("Rank of the right word", "Among all entries of the vocabulary."),
    }[head]
    both = "".join(
        f'<div class="dx-{role}"><h5 class="ra-{role}">{MARKS[role]} {FAMILY[role]}</h5>'
        f"{_counts(kinds, getattr(kinds, role))}</div>"
        for role in MARKS
    )
    kind = "ra-wide" if len(kinds.columns) > 3 else ""
    return _section(title, f'<div class="ra-both">{both}</div>', note, kind)


def _counts(kinds: ConfusionTable, table: tuple[tuple[int, ...], ...]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in kinds.columns)
    rows = "".join(
        f"<tr><td>{escape(row)}</td>"
        + "".join(
            f'<td style="--depth:{count / max(1, sum(counts)):.2f}">{count:,}</td>'
            for count in counts
        )
        + "</tr>"
        for row, counts in zip(kinds.rows, table, strict=True)
    )
    return _table(f"<tr><th></th>{head}</tr>", rows, "ra-counts")


def _table(head: str, rows: str, kind: str = "") -> str:
    return (
        f'<div class="sx-wide"><table class="sx-numbers {kind}"><thead>{head}</thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
