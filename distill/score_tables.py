"""The scores of one model as Markdown: per head, for fill-mask by kind of word and on probes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from explain.evaluation import heads
from explain.heads.registry import HEADS

Report = dict[str, Any]

LABELS = {  # in the order of the columns
    "accuracy": "accuracy %",
    "points_above_chance": "points above chance",
    "f1": "F1 %",
    "precision": "precision %",
    "recall": "recall %",
    "exact_match": "exact match %",
    "top1": "top-1 %",
    "top5": "top-5 %",
    "loss": "loss, nats",
    "calibration_error": "calibration error",
}


def scores(role: str, report: Report) -> str:
    """The section of a card that holds one model's scores, head by head."""
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    limit = report["limit"]
    rows = "every row" if limit is None else f"at most {limit:,} rows, drawn at random,"
    tables = [_score_table(head, role, result) for head, result in report["heads"].items()]
    note = paragraph(f"""Measured on {report["date"]} on {rows} of each set's {report["split"]}
        split (validation where text has no test split), in {report["precision"]}, with {versions}
        on {report["processor"]}. In brackets the 95 % interval: Wilson's for proportions, else
        {report["resamples"]:,} bootstrap resamples of the rows. The mean counts each set the
        same.""")
    return "\n\n".join(["## Scores", note, *tables])


def _score_table(head: str, role: str, result: Report) -> str:
    mean, counted = result["mean"], heads.of(head).counted
    names = [name for name in LABELS if name in mean[role]]
    share = HEADS[head].metric if role == "student" and "kept" in mean else None
    header = ["set", "n", *(LABELS[name] for name in names), *(["kept"] if share else [])]
    rows = []
    for title, scores in (*result["sets"].items(), ("mean", mean)):
        count = scores.get(counted[0] if counted else "n")
        cells = [title, "" if count is None else f"{count:,}"]
        cells += [_score(head, name, scores[role][name]) for name in names]
        rows.append([*cells, _kept(scores["kept"].get(share))] if share else cells)
    note = f"n counts {heads.of(head).unit}."
    if share:
        note += f" Kept: the share of bert-pocket's {LABELS[share].removesuffix(' %')}."
    parts = [f"### {HEADS[head].title}", paragraph(note), _table(header, rows)]
    if "kinds" in result:
        parts += _kinds(role, result["kinds"])
    if "probes" in result:
        parts += _probes(role, result["probes"])
    return "\n\n".join(parts)


def _kinds(role: str, kinds: Report) -> list[str]:
    note = """The masked words of these paragraphs by kind, whole words of one piece. A content word
        is new where the text shows it nowhere else: it can be neither copied nor inferred from
        grammar. Names are recognised by their capital letter."""
    rows = [
        [name.replace("_", " "), f"{rates['n']:,}", *_rates(rates[role], ("top1", "top5"))]
        for name, rates in kinds.items()
    ]
    return [paragraph(note), _table(["masked word", "n", "top-1 %", "top-5 %"], rows)]


def _probes(role: str, probes: Report) -> list[str]:
    note = """Short sentences with one [MASK], of the kind that visitors try first. Any acceptable
        answer counts; a copy is a first answer that repeats a word of the sentence."""
    rows = [
        [
            name.replace("_", " "),
            f"{rates['n']:,}",
            *_rates(rates[role], ("top1", "top5", "copies")),
        ]
        for name, rates in (*probes["kinds"].items(), ("all", probes))
    ]
    return [paragraph(note), _table(["probes", "n", "top-1 %", "top-5 %", "copies %"], rows)]


def _rates(scores: Report, names: Sequence[str]) -> list[str]:
    return [_score("fill_mask", "top1", scores[name]) for name in names]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown whose first column is text and whose others are numbers."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _score(head: str, name: str, score: Any) -> str:
    if not isinstance(score, dict):
        return _number(head, name, score)
    value, low, high = (_number(head, name, score[end]) for end in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _number(head: str, name: str, value: float) -> str:
    if name == "calibration_error":
        return f"{value:.3f}"
    return heads.of(head).metric(name).shown(value)


def _kept(share: Any) -> str:
    if share is None:
        return ""
    return f"{100 * (share['value'] if isinstance(share, dict) else share):.1f} %"


def paragraph(text: str) -> str:
    """Text filled to lines of 100 characters."""
    return textwrap.fill(" ".join(text.split()), 100)
