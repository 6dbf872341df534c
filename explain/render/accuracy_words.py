"""An evaluation in words: what was counted, who is right more often, what the student keeps."""

from __future__ import annotations

from collections.abc import Sequence

from explain.evaluation.items import ScoredItem
from explain.evaluation.tables import DOUBT, PairedComparison, Report, Score, Share
from explain.render.comparison import percent

NOUNS = {
    "fill_mask": "texts",
    "sentiment": "texts",
    "ner": "sentences",
    "multiple_choice": "questions",
    "question_answering": "questions",
}
RIGHT = {  # what it takes for an item to count as right
    "fill_mask": "the right word comes first",
    "sentiment": "the label is right",
    "ner": "every name is found with its kind, and no other",
    "multiple_choice": "the right choice is taken",
    "question_answering": "the answer is one of those accepted, word for word",
}
METRICS = {  # the names of `explain.evaluation.metrics`, for readers
    "accuracy": "accuracy, %",
    "f1": "F1 of names, %",
    "precision": "precision of names, %",
    "recall": "recall of names, %",
    "points_above_chance": "points above chance",
    "exact_match": "exact match, %",
    "top1": "right word first, %",
    "top5": "right word among 5, %",
    "loss": "loss, nats",
}
KNOWN_BY = {  # the metric whose share the student keeps is told
    "fill_mask": "top5",
    "sentiment": "accuracy",
    "ner": "f1",
    "multiple_choice": "accuracy",
    "question_answering": "f1",
}

KEPT = {"top5": "share of words among 5", "accuracy": "accuracy", "f1": "F1"}
CELLS = {  # what a visitor's table must hold
    "fill_mask": "text with one [MASK] and answer; without either, a word is masked",
    "sentiment": "text and label: 1 or positive, 0 or negative",
    "ner": "tokens and tags, parted by spaces: O, B-PER, I-PER, and so on with ORG, LOC, MISC",
    "multiple_choice": (
        "context, question, choices (parted by |) and label: 0 for the first choice"
    ),
    "question_answering": "context, question and answers, the accepted ones parted by |",
}


def metric(head: str, name: str) -> str:
    """A metric's name for readers."""
    return "F1 of words, %" if (head, name) == ("question_answering", "f1") else METRICS[name]


def counted(share: Share) -> str:
    """`112 of 168, 66.7 %`."""
    return f"{share.count:,} of {share.total:,}, {percent(share.value)}"


def interval(low: float, high: float) -> str:
    """`59.2 to 73.4`, percent."""
    return f"{100 * low:.1f} to {100 * high:.1f}"


def chance(p: float) -> str:
    """A p-value as people read it."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def verdict(contest: PairedComparison) -> str:
    """Who is right more often, as far as these items can tell."""
    if contest.verdict == "inconclusive":
        return "Inconclusive: too close to call"
    other = "student" if contest.verdict == "teacher" else "teacher"
    return f"The {contest.verdict} is right more often than the {other}"


def evidence(contest: PairedComparison) -> str:
    """What the verdict rests on."""
    sides = (
        f"Only the teacher is right on {contest.only_teacher}, only the student on "
        f"{contest.only_student}"
    )
    test = f"McNemar’s exact test, {chance(contest.p)}"
    if contest.verdict == "inconclusive":
        return f"{sides}: chance alone may do that ({test}, not below {DOUBT})."
    return f"{sides}: more than chance would do ({test}, below {DOUBT})."


def cut(judged: Sequence[ScoredItem]) -> str:
    """How many items were too long to be read whole; "" for none."""
    long = sum(max(one.teacher.unread, one.student.unread) > 0 for one in judged)
    if not long:
        return ""
    return f"{long:,} too long for the models were read in part."


def kept(report: Report) -> str:
    """What the student keeps of the teacher's score, with its interval; "" where it has none."""
    wanted = KNOWN_BY[report.data.head]
    score = next(one for one in report.scores if one.name == wanted)
    if score.kept is None:
        return ""
    share = score.kept
    return (
        f"The student keeps {percent(share.value)} ({interval(share.low, share.high)}) of the "
        f"teacher’s {KEPT[wanted]}. The 97 % that is quoted is of GLUE’s tasks."
    )


def number(score: Score, value: float) -> str:
    """A value of a metric in its unit."""
    if score.name == "loss":
        return f"{value:.3f}"
    return f"{value:.1f}" if score.name == "points_above_chance" else f"{100 * value:.1f}"
