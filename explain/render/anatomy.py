"""What is inside the models, as HTML: the Inside tab."""

from __future__ import annotations

from collections.abc import Sequence

from explain.anatomy.records import HiddenState, Look, Origin, Reading, Setting
from explain.records import Comparison
from explain.render.templates import draw

FIRST_VALUES = 6  # of a hidden state


def waiting() -> str:
    """Before the first look."""
    return draw("components.html", "quiet", "Press Compare: the word pieces appear here.")


def pieces(look: Look) -> str:
    """The pieces with their ids, the two inputs as the models get them, and every column."""
    same = look.teacher.ids == look.student.ids
    count = len(look.student.pieces)
    counted = f"{count} pieces, the same for both models."
    if not same:
        counted = f"{len(look.teacher.pieces)} pieces for the teacher, {count} for the student."
    strips = [look.student] if same else [look.teacher, look.student]
    inputs = [(reading.model, _inputs(reading)) for reading in (look.teacher, look.student)]
    return draw(
        "anatomy.html", "pieces", counted, strips, _unread(look), inputs, look.teacher.pieces
    )


def _unread(look: Look) -> str:
    unread = max(look.teacher.unread, look.student.unread)
    if not unread:
        return ""
    end = "ends of the texts" if look.student.pieces[-1].part else "end"
    positions = len(look.student.pieces)
    return f"Not read: {unread:,} word pieces at the {end}; a model has {positions} positions."


def _inputs(reading: Reading) -> list[tuple[str, tuple[int, ...]]]:
    """The tensors that a model is given, by name; no `token_type_ids` without segments."""
    segments = tuple(piece.segment for piece in reading.pieces if piece.segment is not None)
    tensors = [
        ("input_ids", reading.ids),
        ("token_type_ids", segments),
        ("attention_mask", tuple(piece.attention for piece in reading.pieces)),
    ]
    return [(name, values) for name, values in tensors if values]


def states(look: Look, limit: float, most: int) -> str:
    """Shape and first values of each `last_hidden_state`, and the key to the heat maps below."""
    count = len(look.student_state.pieces)
    shown = f"the first {most} of {count} pieces" if count > most else "one row per piece"
    both = [(state, _first_values(state)) for state in (look.teacher_state, look.student_state)]
    return draw("anatomy.html", "states", both, limit, shown)


def _first_values(state: HiddenState) -> str:
    return ", ".join(f"{value:.3f}" for value in state.values[0][:FIRST_VALUES])


def agreement(look: Look) -> str:
    """How alike the two models' hidden states are, in one sentence."""
    mean = sum(look.cosines) / len(look.cosines) if look.cosines else None
    return draw("anatomy.html", "agreement", mean)


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
