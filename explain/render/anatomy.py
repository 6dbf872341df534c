"""What is inside the models, as HTML: the Inside tab."""

from __future__ import annotations

import math
from collections.abc import Sequence

from explain.anatomy.records import HiddenState, Inspection, ModelInput, Origin, Setting
from explain.records import Comparison
from explain.render.templates import draw

FIRST_VALUES = 6  # of a hidden state


def waiting() -> str:
    """Before the first inspection."""
    return draw("components.html", "quiet", "Press Compare: the word pieces appear here.")


def pieces(inspection: Inspection) -> str:
    """The pieces with their ids, the two inputs as the models get them, and every column."""
    same = inspection.teacher.ids == inspection.student.ids
    count = len(inspection.student.pieces)
    counted = f"{count} pieces, the same for both models."
    if not same:
        counted = (
            f"{len(inspection.teacher.pieces)} pieces for the teacher, {count} for the student."
        )
    strips = [inspection.student] if same else [inspection.teacher, inspection.student]
    inputs = [
        (tokenised.model, _inputs(tokenised))
        for tokenised in (inspection.teacher, inspection.student)
    ]
    return draw(
        "anatomy.html",
        "pieces",
        counted,
        strips,
        _unread(inspection),
        inputs,
        inspection.teacher.pieces,
    )


def _unread(inspection: Inspection) -> str:
    unread = max(inspection.teacher.unread, inspection.student.unread)
    if not unread:
        return ""
    end = "ends of the texts" if inspection.student.pieces[-1].part else "end"
    positions = len(inspection.student.pieces)
    return f"Not read: {unread:,} word pieces at the {end}; a model has {positions} positions."


def _inputs(tokenised: ModelInput) -> list[tuple[str, tuple[int, ...]]]:
    """The tensors that a model is given, by name; no `token_type_ids` without segments."""
    segments = tuple(piece.segment for piece in tokenised.pieces if piece.segment is not None)
    tensors = [
        ("input_ids", tokenised.ids),
        ("token_type_ids", segments),
        ("attention_mask", tuple(piece.attention for piece in tokenised.pieces)),
    ]
    return [(name, values) for name, values in tensors if values]


def states(inspection: Inspection, limit: float, most: int) -> str:
    """Shape and first values of each `last_hidden_state`, and the key to the heat maps below."""
    count = len(inspection.student_state.pieces)
    shown = f"the first {most} of {count} pieces" if count > most else "one row per piece"
    both = [
        (state, _first_values(state))
        for state in (inspection.teacher_state, inspection.student_state)
    ]
    return draw("anatomy.html", "states", both, limit, shown)


def _first_values(state: HiddenState) -> str:
    return ", ".join(f"{value:.3f}" for value in state.values[0][:FIRST_VALUES])


def agreement(inspection: Inspection) -> str:
    """How alike the two models' hidden states are: one sentence, and a table of all pieces."""
    cosines = inspection.cosines
    mean = sum(cosines) / len(cosines) if cosines else None
    teacher, student = inspection.teacher_state, inspection.student_state
    lengths = (map(_length, state.values) for state in (teacher, student))
    rows = list(zip(student.pieces, *lengths, cosines, strict=True)) if cosines else []
    return draw("anatomy.html", "agreement", mean, rows)


def _length(values: Sequence[float]) -> float:
    return math.hypot(*values)


def jumps(places: Sequence[tuple[str, str]]) -> str:
    """Buttons that lead to parts of the tab: ids of elements, and names."""
    return draw("anatomy.html", "jumps", places)


def ledger(rows: Sequence[Comparison], names: tuple[str, str]) -> str:
    """The parameter count of every part in both models, and the totals."""
    teacher, student = (sum(getattr(row, role) for row in rows) for role in ("teacher", "student"))
    total = Comparison("everything", teacher, student, "parameters")
    words = next(row.student for row in rows if row.label == "word embeddings")
    note = (
        f"Layers fall by half, the whole by {100 * (1 - student / teacher):.1f} %: the word "
        f"embeddings stay, and they are {100 * words / student:.0f} % of the student."
    )
    parts = [(row, _change(row)) for row in (*rows, total)]
    return draw("anatomy.html", "ledger", parts, names, note)


def _change(row: Comparison) -> str:
    if row.student == row.teacher:
        return "same"
    if not row.teacher:
        return ""
    change = 100 * (row.student / row.teacher - 1)
    return f"{change:+.1f}\N{NO-BREAK SPACE}%".replace("-", "\N{MINUS SIGN}")


def configuration(rows: Sequence[Setting], names: tuple[str, str]) -> str:
    """Both configurations line by line, what differs marked, beside the article's default."""
    return draw("anatomy.html", "configuration", rows, names)


def origins(rows: Sequence[Origin]) -> str:
    """Every checkpoint of a pair: what it was trained on, and its licence."""
    note = (
        "The student was distilled from this very teacher, on the same rows: their answers differ "
        "because of size and distillation."
    )
    if len(rows) > 2:
        note = (
            "Teacher and student of a task were trained by different people, not always on the "
            "same rows: their answers differ because of more than distillation."
        )
    return draw("anatomy.html", "origins", rows, note)
