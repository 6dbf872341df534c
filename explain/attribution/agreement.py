"""Do teacher and student rely on the same words, and do several methods rank them alike?

Methods define a score differently, so they need not agree; where they do not, no single picture is
the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from explain.attribution.records import Attribution
from explain.attribution.results import Agreement, MethodAgreement, WordPair
from explain.statistics import spearman

TOP = 3
SLIGHT = 0.05  # of a model's largest score: the sign of a smaller one is not compared
RELIED = 0.25  # of a model's largest score: the model relies on words from this score on
ALIKE = 0.7  # rank correlation from which methods count as alike


def agreement(teacher: Attribution, student: Attribution) -> Agreement:
    """Compare the words that both models read of one input."""
    assert teacher.input == student.input, "attributions of one input"
    scores = {(word.part, word.start, word.end): word.score for word in student.words}
    words = tuple(
        WordPair(word.text, word.part, word.start, word.end, word.score, score, word.score - score)
        for word in teacher.words
        if (score := scores.get((word.part, word.start, word.end))) is not None
    )
    first, second = [word.teacher for word in words], [word.student for word in words]
    top = min(TOP, len(words))
    same_target = teacher.target.as_asked() == student.target.as_asked()
    flips = _flips(first, second)
    return Agreement(
        words=words,
        same_target=same_target,
        spearman=spearman(first, second),
        top_shared=len(_largest(first, top) & _largest(second, top)),
        top=top,
        flips=flips,
        sentence=_sentence(words, flips, same_target),
    )


def _largest(scores: Sequence[float], count: int) -> set[int]:
    return set(sorted(range(len(scores)), key=lambda i: -abs(scores[i]))[:count])


def _flips(first: Sequence[float], second: Sequence[float]) -> tuple[int, ...]:
    """Words with opposite signs whose scores are not slight in either model."""
    least_first = SLIGHT * max(map(abs, first), default=0.0)
    least_second = SLIGHT * max(map(abs, second), default=0.0)
    return tuple(
        i
        for i, (a, b) in enumerate(zip(first, second, strict=True))
        if a * b < 0 and abs(a) >= least_first and abs(b) >= least_second
    )


def _relied(words: Sequence[WordPair], scores: Sequence[float]) -> list[str]:
    """The words that support the answer, largest score first."""
    order = sorted(range(len(words)), key=lambda i: -scores[i])
    least = RELIED * max(map(abs, scores), default=0.0)
    return list(dict.fromkeys(words[i].text for i in order if scores[i] >= max(least, 1e-9)))


def _sentence(words: Sequence[WordPair], flips: Sequence[int], same_target: bool) -> str:
    teacher = _relied(words, [word.teacher for word in words])
    student = _relied(words, [word.student for word in words])
    candidates = list(dict.fromkeys([*teacher[:TOP], *student[:TOP]]))
    both = [word for word in candidates if word in teacher and word in student][:TOP]
    only_teacher = [word for word in teacher[:TOP] if word not in student]
    only_student = [word for word in student[:TOP] if word not in teacher]
    clauses = []
    if both:
        clauses.append(f"both rely on {_listed(both)}")
    if only_teacher:
        clauses.append(f"only the teacher relies on {_listed(only_teacher)}")
    if only_student:
        clauses.append(f"only the student relies on {_listed(only_student)}")
    sentence = "; ".join(clauses) or "no word speaks for the answer in either model"
    if flips:
        flipped = list(dict.fromkeys(words[i].text for i in flips))[:TOP]
        verb = "counts" if len(flipped) == 1 else "count"
        sentence += f"; {_listed(flipped)} {verb} for the answer in one and against it in the other"
    if same_target:
        return f"{sentence[0].upper()}{sentence[1:]}."
    return f"They answer differently, each explained by its own answer: {sentence}."


def _listed(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def method_agreement(attributions: Sequence[Attribution]) -> MethodAgreement:
    """Spearman's rho over the words between attributions that differ in method alone."""
    explained = {(each.input, each.target, each.model) for each in attributions}
    assert len(explained) == 1, "one number of one model"
    scores = [[word.score for word in each.words] for each in attributions]
    matrix = tuple(tuple(spearman(a, b) for b in scores) for a in scores)
    names = tuple(each.method_name for each in attributions)
    return MethodAgreement(names, matrix, _method_sentence(names, matrix))


def _method_sentence(names: Sequence[str], matrix: Sequence[Sequence[float]]) -> str:
    pairs = list(combinations(range(len(names)), 2))
    if not pairs:
        return "One method alone: choose a second to see whether they agree."
    first, second = min(pairs, key=lambda pair: matrix[pair[0]][pair[1]])
    lowest = matrix[first][second]
    if lowest >= ALIKE:
        return f"The methods rank the words much alike (rank correlation {lowest:.2f} or more)."
    written = f"{lowest:.2f}".replace("-", "\N{MINUS SIGN}")
    return (
        f"{names[first]} and {names[second]} rank the words differently (rank correlation "
        f"{written}): take no single picture for the truth."
    )
