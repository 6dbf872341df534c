"""Do teacher and student rely on the same words? Two attributions in, numbers and words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explain.attribution.records import Attribution, NerTarget, Target
from explain.attribution.results import Agreement, WordPair
from explain.statistics import spearman

TOP = 3
SLIGHT = 0.05  # of a model's largest score: a smaller one has no sign to speak of
RELIED = 0.25  # of a model's largest score: a word with as much is one it relies on


def agreement(teacher: Attribution, student: Attribution) -> Agreement:
    """Compare the words that both models read of one input."""
    assert teacher.input == student.input, "two inputs cannot agree"
    theirs = {(word.part, word.start, word.end): word.score for word in student.words}
    words = tuple(
        WordPair(word.text, word.part, word.start, word.end, word.score, other, word.score - other)
        for word in teacher.words
        if (other := theirs.get((word.part, word.start, word.end))) is not None
    )
    first, second = [word.teacher for word in words], [word.student for word in words]
    top = min(TOP, len(words))
    same = _asked(teacher.target) == _asked(student.target)
    flips = _flips(first, second)
    return Agreement(
        words=words,
        same_target=same,
        spearman=spearman(first, second),
        top_shared=len(_largest(first, top) & _largest(second, top)),
        top=top,
        flips=flips,
        sentence=_sentence(words, flips, same),
    )


def _asked(target: Target) -> Target:
    """What was asked: of a kind, each model's likelier of B- and I- is its own affair."""
    if isinstance(target, NerTarget):
        return replace(target, tags=(), against_tags=())
    return target


def _largest(scores: Sequence[float], count: int) -> set[int]:
    return set(sorted(range(len(scores)), key=lambda i: -abs(scores[i]))[:count])


def _flips(first: Sequence[float], second: Sequence[float]) -> tuple[int, ...]:
    """Words with opposite signs, in both models more than slight."""
    least_first = SLIGHT * max(map(abs, first), default=0.0)
    least_second = SLIGHT * max(map(abs, second), default=0.0)
    return tuple(
        i
        for i, (a, b) in enumerate(zip(first, second, strict=True))
        if a * b < 0 and abs(a) >= least_first and abs(b) >= least_second
    )


def _relied(words: Sequence[WordPair], scores: Sequence[float]) -> list[str]:
    """The words that speak for the answer, largest first."""
    order = sorted(range(len(words)), key=lambda i: -scores[i])
    least = RELIED * max(map(abs, scores), default=0.0)
    return list(dict.fromkeys(words[i].text for i in order if scores[i] >= max(least, 1e-9)))


def _sentence(words: Sequence[WordPair], flips: Sequence[int], same: bool) -> str:
    teacher = _relied(words, [word.teacher for word in words])
    student = _relied(words, [word.student for word in words])
    most = list(dict.fromkeys([*teacher[:TOP], *student[:TOP]]))
    both = [word for word in most if word in teacher and word in student][:TOP]
    only_teacher = [word for word in teacher[:TOP] if word not in student]
    only_student = [word for word in student[:TOP] if word not in teacher]
    said = []
    if both:
        said.append(f"both rely on {_listed(both)}")
    if only_teacher:
        said.append(f"only the teacher relies on {_listed(only_teacher)}")
    if only_student:
        said.append(f"only the student relies on {_listed(only_student)}")
    sentence = "; ".join(said) or "no word speaks for the answer in either model"
    if flips:
        turned = list(dict.fromkeys(words[i].text for i in flips))[:TOP]
        verb = "counts" if len(turned) == 1 else "count"
        sentence += f"; {_listed(turned)} {verb} for the answer in one and against it in the other"
    prefix = "" if same else "They answer differently, each explained by its own answer: "
    return prefix + (sentence if prefix else sentence[0].upper() + sentence[1:]) + "."


def _listed(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
