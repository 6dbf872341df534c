"""The three claims, each with what is quoted for it and what was found here so far.

Found here: scores of the pocket pair, as `python -m distill export` stored them beside the
weights, and parameters counted by the caller. Nothing is measured in this module.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explain.article import facts
from explain.article.facts import Change, Comparison, Source

MODELS = Path(__file__).resolve().parents[2] / "assets" / "models"
SCORES, ABLATION = MODELS / "scores.json", MODELS / "ablation.json"
MEASURES = (  # head, metric as stored, as it is shown
    ("sentiment", "accuracy", "Sentiment, accuracy"),
    ("ner", "f1", "Entities, F1"),
    ("multiple_choice", "accuracy", "Multiple choice, accuracy"),
    ("question_answering", "f1", "Questions, F1"),
    ("fill_mask", "top5", "Fill-mask, top 5"),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One of the three claims."""

    number: str
    promise: str
    quoted: str  # the figures behind it
    source: Source
    caution: str  # what the number does not say
    here: str  # evidence of this page


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of a pair, in percent: the mean over a head's test sets."""

    rows: tuple[Comparison, ...]
    examples: int
    circumstances: str  # date, processor, versions

    @property
    def kept(self) -> float:
        """Ratio of the two macro scores in percent, as the paper does it for GLUE."""
        whole = sum(row.teacher for row in self.rows)
        return 100 * sum(row.student for row in self.rows) / whole


def measured(path: Path = SCORES) -> Measured | None:
    """The stored scores of the pocket pair; None before they were measured."""
    if not path.exists():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    heads = report["heads"]
    rows = tuple(
        _row(heads[head], metric, label) for head, metric, label in MEASURES if head in heads
    )
    examples = sum(one["n"] for head in heads.values() for one in head["sets"].values())
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    where = f"{report['date']}, {report['processor']}, {report['precision']}, {versions}"
    where += f"; at most {report.get('limit') or 0:,} rows per set" * bool(report.get("limit"))
    return Measured(rows, examples, where)


@dataclass(frozen=True, slots=True)
class Ablation:
    """What short students lose, each without one part of the recipe."""

    changes: tuple[Change, ...]
    circumstances: str


def ablation(path: Path = ABLATION) -> Ablation | None:
    """The stored ablation of the pocket pair; None before it was made."""
    if not path.exists():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    _, *without = report["rows"]  # the first is the whole recipe
    changes = tuple(Change(row["variant"], **row["change"]) for row in without)
    where = (
        f"Here: the pocket pair, {len(without[0]['seeds'])} students each, all with the same "
        f"seeds, {report['steps']} steps of {report['budget']:,} word pieces; mean of five tasks "
        f"on at most {report['limit']} {report['split']} rows a set, whiskers over the seeds. "
        f"{report['date']}, {report['processor']}, {report['precision']}."
    )
    return Ablation(changes, where)


def _row(head: dict[str, Any], metric: str, label: str) -> Comparison:
    teacher, student = (100 * head["mean"][role][metric] for role in ("teacher", "student"))
    sets = head["sets"]
    rows = sum(one["n"] for one in sets.values())
    return Comparison(label, teacher, student, "%", 1, f"{', '.join(sets)}; {rows:,} rows")


def claims(pair: str, sizes: tuple[int, int] | None) -> tuple[Claim, ...]:
    """The claims for one pair; `sizes` are its counted parameters, teacher first.

    Before they are counted, pass None: the claim then stands on what is quoted.
    """
    return (
        Claim(
            facts.say("{claim_quality} %"),
            "of BERT’s language understanding",
            facts.say("GLUE {glue_macro_teacher} → {glue_macro_student}"),
            facts.TABLE_1,
            facts.say("a mean: {kept_least:.0f} % on RTE, {kept_most:.0f} % on the best task"),
            _quality(pair),
        ),
        Claim(
            facts.say("{claim_size} %"),
            "fewer parameters",
            facts.say("{millions_teacher} M → {millions_student} M"),
            facts.TABLE_3,
            "half the layers, but all of the embeddings",
            _size(pair, sizes),
        ),
        Claim(
            facts.say("{claim_speed} %"),
            "faster",
            facts.say("{seconds_teacher} s → {seconds_student} s on a CPU"),
            facts.TABLE_3,
            facts.say("the rate is {rate:.2f} ×; the time falls by {time_saved:.1f} %"),
            "Each task tab times both models on your text.",
        ),
    )


def _quality(pair: str) -> str:
    scores = measured() if pair == "pocket" else None
    if scores is None:
        return "Compare both models on your own text in the task tabs."
    kept = f"{scores.kept:.1f}\N{NO-BREAK SPACE}% kept"
    return f"Pocket pair: {kept}, five tasks, {scores.examples:,} held-out rows."


def _size(pair: str, sizes: tuple[int, int] | None) -> str:
    if sizes is None:
        return "Counting this pair’s parameters …"
    teacher, student = sizes
    saved = 100 * (1 - student / teacher)
    name = {"pocket": "Pocket pair", "base": "Base pair"}[pair]
    return f"{name}: {teacher:,} → {student:,}, {saved:.1f}\N{NO-BREAK SPACE}% fewer."
