"""The Distil tab as HTML: soft targets, losses piece by piece, starts, and a live training."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from explain.distillation import records
from explain.distillation.records import (
    DarkKnowledge,
    LiveState,
    Losses,
    Outcomes,
    Point,
    Softened,
    TripleLoss,
    Weights,
)
from explain.render.curves import Line, chart
from explain.render.formats import percent, significant
from explain.render.notices import announcement
from explain.render.templates import draw
from explain.statistics import wilson

TEMPLATE = "distillation.html"
SIDES = ("student", "rival")
Spread = tuple[float, float, float]  # median, lowest, highest


def soft_targets(found: DarkKnowledge, temperature: float) -> str:
    """Both distributions at one temperature: bars, numbers, and their curves over T.

    What is written at every other temperature is in `data-temperatures`: the page's script puts
    it in the places numbered by `data-k` and `data-w`, so that moving the slider sends no request.
    """
    place = min(
        range(len(found.softened)), key=lambda i: abs(found.softened[i].temperature - temperature)
    )
    written = [_written(found, at) for at in found.softened]
    first = len(NUMBERS)
    ranks = zip(found.outcomes, found.teacher_ranks, found.student_ranks, strict=True)
    rows = [(*row, first + 4 * number) for number, row in enumerate(ranks)]
    best = len(rows) - found.asked
    at = dict(zip(NUMBERS, range(first), strict=True))
    return draw(
        TEMPLATE, "soft_targets", found, written[place], at, rows[:best], rows[best:],
        _over_t(found, found.softened[place], written[place]), json.dumps(written), _named(found),
    )  # fmt: skip


NUMBERS = (
    "T", "teacher entropy", "student entropy", "entropies", "divergence", "scaled", "gradient",
    "sizes", "teacher rest", "student rest", "ratio",
)  # fmt: skip


def _written(found: DarkKnowledge, at: Softened) -> list[str]:
    """Everything that is written at one temperature: `NUMBERS`, then four of each outcome."""
    entropies = f"{at.teacher_entropy:.2f}", f"{at.student_entropy:.2f}"
    sizes = significant(at.scaled, 3), significant(at.gradient, 3)
    rest = (percent(max(0.0, 1 - sum(shares))) for shares in (at.teacher, at.student))
    numbers = [
        f"{at.temperature:.1f}", *entropies, " and ".join(entropies), f"{at.divergence:.4f}",
        *sizes, " and ".join(sizes), *rest, _ratio(found, at),
    ]  # fmt: skip
    longest = max(*at.teacher, *at.student)
    for teacher, student in zip(at.teacher, at.student, strict=True):
        for share in (teacher, student):
            numbers += [percent(share), f"{100 * share / longest:.1f}"]
    return numbers


def _named(found: DarkKnowledge) -> tuple[str, str]:
    """The likeliest and the least likely of the words that were asked about, for the teacher."""
    if found.asked < 2:
        return "", ""
    ranked = sorted(list(zip(found.teacher_ranks, found.outcomes, strict=True))[-found.asked :])
    return ranked[0][1], ranked[-1][1]


def _ratio(found: DarkKnowledge, at: Softened) -> str:
    """How many times as likely the one is as the other."""
    shares = dict(zip(found.outcomes, at.teacher, strict=True))
    first, last = _named(found)
    if not first:
        return ""
    ratio = shares[first] / max(shares[last], 1e-30)
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"


def _over_t(found: DarkKnowledge, here: Softened, written: list[str]) -> list[str]:
    """Entropy, divergence and the size of the gradient as curves over the temperature."""
    heat = [at.temperature for at in found.softened]

    def line(style: str, name: str) -> Line:
        values = (getattr(at, name) for at in found.softened)
        return Line(style, list(zip(heat, values, strict=True)))

    def drawn(title: str, lines: Sequence[Line], name: str, axes: str) -> str:
        number = NUMBERS.index(name)
        return chart(title, lines, written[number], marked=here.temperature, ends="= T",
                     logarithmic=axes, key=str(number))  # fmt: skip

    entropies = [line("teacher", "teacher_entropy"), line("student", "student_entropy")]
    sizes = [line("student", "scaled"), line("rival", "gradient")]
    return [
        drawn("Entropy, nats: teacher and student", entropies, "entropies", "x"),
        drawn("KL(teacher ‖ student), nats", [line("student", "divergence")], "divergence", "x"),
        drawn("Size of the gradient: with T², and without (dashed)", sizes, "sizes", "xy"),
    ]


def triple_loss(found: TripleLoss, weights: Weights) -> str:
    """The weighted sum, its parts, and what each asks of the student at every masked piece."""
    parts = [
        (name, weight, value, weight * value)
        for name, weight, value in zip(
            ("L_ce", "L_mlm", "L_cos"),
            (weights.soft, weights.hard, weights.cosine),
            (found.losses.soft, found.losses.hard, found.losses.cosine),
            strict=True,
        )
    ]
    total = sum(part[-1] for part in parts)
    shares = [(*part, part[-1] / total if total else 0.0) for part in parts]
    masked = [piece for piece in found.pieces if piece.masked]
    return draw(TEMPLATE, "triple_loss", shares, total, found, masked)


def start(
    name: str,
    answers: tuple[Outcomes, Outcomes],
    marks: records.Marks,
    metric: str,
    teacher_score: float,
) -> str:
    """An untrained student beside its teacher: both answers, and its marks on held-out rows."""
    return draw(TEMPLATE, "start", name, answers, marks, metric, teacher_score)


def live_status(state: LiveState) -> str:
    """What the training is doing, large, with how much of its time is over."""
    seconds, spent = state.settings.seconds, state.seconds
    share = min(1.0, spent / seconds)
    if state.phase == records.WAITING:
        return announcement("Waiting for its turn …", f"Running now: {state.remark}.", share,
                            "rx-running")  # fmt: skip
    if state.phase == records.PREPARING:
        return announcement(
            "Getting ready …", "The student is cut out of its teacher.", 0.0, "rx-running"
        )
    if state.phase == records.PAUSED:
        return announcement("Paused", f"{spent:.0f} of {seconds} s are over.", share)
    if state.phase == records.TRAINING:
        steps = state.students[0].points[-1].steps if state.students else 0
        text = f"{spent:.0f} of {seconds} s, {steps} steps of 16 sentences"
        return announcement(_lead(state), text, share, "rx-running")
    return announcement(_lead(state), _ending(state), 0.0, "rx-done")


def _lead(state: LiveState) -> str:
    """The agreement of the student, and of its rival, in one line."""
    if not state.students:
        return "Stopped"
    shown = [
        f"{student.name}: {100 * marks.agreement:.0f} %"
        for student, marks in zip(state.students, _latest(state), strict=True)
    ]
    return "Agreement with the teacher. " + "; ".join(shown).capitalize()


def _latest(state: LiveState) -> list[records.Marks]:
    """The latest marks of each student, all on the same rows."""
    if _is_scored(state):
        return [student.end for student in state.students if student.end]
    return [student.points[-1].marks for student in state.students]


def _is_scored(state: LiveState) -> bool:
    """Whether all students are scored on all rows: not if one is the part of a recorded run."""
    return all(student.end for student in state.students)


def _ending(state: LiveState) -> str:
    if not state.students or state.students[0].end is None:
        return "It was stopped before it had begun."
    student, marks = state.students[0], _latest(state)[0]
    rows = f"{'all ' if _is_scored(state) else ''}{marks.rows} held-out rows"
    is_drawn = any(other.recorded for other in state.students)
    return (
        f"After {state.seconds:.0f} s and {student.points[-1].steps} steps, on {rows}; computed "
        f"now on this machine{', except the recorded rival' if is_drawn else ''}."
    )


def live(state: LiveState) -> str:
    """Curves, the watched sentence, and a table of marks, as far as there is any."""
    if not state.students:
        return ""
    answers = [("teacher", "the teacher", state.teacher)] + [
        (side, student.name, student.answer)
        for side, student in zip(SIDES, state.students, strict=False)
        if not student.recorded  # it was asked nothing
    ]
    return draw(
        TEMPLATE, "live", state, answers, _curves(state), _losses(state),
        _marks(state),
    )  # fmt: skip


def recorded(
    titles: Sequence[str], ends: Mapping[str, Sequence[Spread]], extent: str, origin: str
) -> str:
    """What recorded runs ended with: a row per variant, the agreement on every head."""
    rows = [
        (name, [f"{percent(middle)} ({100 * low:.0f} to {100 * high:.0f})"
                for middle, low, high in values])
        for name, values in ends.items()
    ]  # fmt: skip
    return draw(TEMPLATE, "recorded", titles, rows, extent, origin)


def _curves(state: LiveState) -> list[str]:
    """Agreement, score and divergence over the seconds."""
    shown = [
        ("Agreement with the teacher", "agreement", True),
        (f"On labelled rows: {state.metric}", "score", True),
        ("KL(teacher ‖ student), nats", "divergence", False),
    ]
    drawn = []
    for title, name, share in shown:
        lines = [
            Line(side, [(p.seconds, getattr(p.marks, name)) for p in student.points])
            for side, student in zip(SIDES, state.students, strict=False)
        ]
        level = state.teacher_score if name == "score" else None
        drawn.append(_chart(title, lines, state, share, level))
    return drawn


def _losses(state: LiveState) -> list[str]:
    titles = {"soft": "L_ce, nats", "hard": f"{state.hard}, nats", "cosine": "L_cos"}
    drawn = []
    for name, title in titles.items():
        lines = [
            Line(side, [(p.seconds, _loss(p, name)) for p in student.points if p.losses])
            for side, student in zip(SIDES, state.students, strict=False)
        ]
        drawn.append(_chart(title, lines, state, False, None))
    return drawn


def _loss(point: Point, name: str) -> float:
    assert isinstance(point.losses, Losses)
    return float(getattr(point.losses, name))


def _chart(
    title: str, lines: Sequence[Line], state: LiveState, share: bool, level: float | None
) -> str:
    names = [student.name for student in state.students]
    ends = [line.points[-1][1] for line in lines if line.points]
    written = [percent(end) if share else f"{end:.3f}" for end in ends]
    text = "; ".join(f"{name} {value}" for name, value in zip(names, written, strict=False))
    return chart(
        title, lines, text, across=(0.0, float(state.settings.seconds)),
        height=(0.0, 1.0) if share else None, level=level, ends="s", share=share,
    )  # fmt: skip


def _marks(state: LiveState) -> list[tuple[str, str, str, str, str]]:
    """Side, name, agreement with its interval, score, divergence: at the start and now."""
    rows = []
    for side, student, last in zip(SIDES, state.students, _latest(state), strict=False):
        first = student.points[0].marks
        rows.append((side, f"{student.name}, untrained", _agreement(first, state.metric),
                     percent(first.score), f"{first.divergence:.3f}"))  # fmt: skip
        when = "at the end" if _is_scored(state) else f"after {student.points[-1].seconds:.0f} s"
        rows.append((side, f"{student.name}, {when}", _agreement(last, state.metric),
                     percent(last.score), f"{last.divergence:.3f}"))  # fmt: skip
    teacher = state.teacher_end if _is_scored(state) else state.teacher_score
    return [("teacher", "the teacher", "100.0 %", percent(teacher), "0.000"), *rows]


def _agreement(marks: records.Marks, metric: str) -> str:
    if metric.startswith("F1"):
        return percent(marks.agreement)
    low, high = wilson(round(marks.agreement * marks.rows), marks.rows)
    return f"{percent(marks.agreement)} ({100 * low:.0f} to {100 * high:.0f})"
