"""What is inside the models, as escaped HTML: the Inside tab."""

from __future__ import annotations

from collections.abc import Sequence

from explain.anatomy.records import HiddenState, Look, Origin, Piece, Reading, Setting
from explain.article.facts import Comparison
from explain.render.heads import FAMILY, escape

FIRST_VALUES = 6


def waiting() -> str:
    """Before the first look."""
    return '<p class="dx-quiet">Press Compare: the word pieces appear here.</p>'


def pieces(look: Look) -> str:
    """The pieces with their ids, the two inputs as the models get them, and every column."""
    same = look.teacher.ids == look.student.ids
    strips = _strip(look.student) if same else _strip(look.teacher) + _strip(look.student)
    count = len(look.student.pieces)
    said = f"{count} pieces, the same for both models."
    if not same:
        said = f"{len(look.teacher.pieces)} pieces for the teacher, {count} for the student."
    warning = ""
    if unread := max(look.teacher.unread, look.student.unread):
        end = "ends of the texts" if look.student.pieces[-1].part else "end"
        warning = (
            f'<p class="dx-warning">Not read: {unread:,} word pieces at the {end}; a model has '
        )
        warning += f"{count} positions.</p>"
    inputs = (
        '<div class="sx-two">'
        + _panel("teacher", look.teacher.model, _inputs(look.teacher))
        + _panel("student", look.student.model, _inputs(look.student))
        + "</div>"
    )
    return f'<p class="dx-quiet">{said}</p>{strips}{warning}{inputs}{_columns(look)}'


def states(look: Look, limit: float, most: int) -> str:
    """Shape and first values of each `last_hidden_state`, and the key to the pictures below."""
    two = "".join(
        _panel(role, state.model, _state(state))
        for role, state in (("teacher", look.teacher_state), ("student", look.student_state))
    )
    count = len(look.student_state.pieces)
    shown = f"the first {most} of {count} pieces" if count > most else "one row a piece"
    key = (
        f'<p class="sx-key"><span>−{limit:.1f}</span><i></i><span>+{limit:.1f}</span>'
        f'<span class="dx-quiet">{shown}, one column a dimension; 1 value in 100 is beyond the '
        "scale</span></p>"
    )
    return f'<div class="sx-two">{two}</div>{key}'


def agreement(look: Look) -> str:
    """How alike the two models' hidden states are, in one sentence."""
    if not look.cosines:
        return '<p class="dx-quiet">These two models cannot be compared piece by piece.</p>'
    mean = sum(look.cosines) / len(look.cosines)
    return (
        f'<p class="dx-verdict">Mean cosine of student and teacher: <b>{mean:.2f}</b>. 1 is the '
        "same direction, 0 is unrelated; L_cos trains for 1.</p>"
    )


def ledger(rows: Sequence[Comparison], names: tuple[str, str]) -> str:
    """Every part with its count in both models, and the totals."""
    body = "".join(_count(row) for row in rows)
    teacher, student = (sum(getattr(row, role) for row in rows) for role in ("teacher", "student"))
    total = _count(Comparison("everything", teacher, student, "parameters"), "sx-total")
    words = next(row.student for row in rows if row.label == "word embeddings")
    note = (
        f"Layers fall by half, the whole by {100 * (1 - student / teacher):.1f} %: the word "
        f"embeddings stay, and they are {100 * words / student:.0f} % of the student."
    )
    head = f"<tr><th>part</th><th>{escape(names[0])}</th><th>{escape(names[1])}</th><th></th></tr>"
    return (
        f'<p class="dx-verdict">{note}</p>'
        '<div class="sx-wide"><table class="dx-table sx-numbers"><thead>'
        f"{head}</thead><tbody>{body}{total}</tbody></table></div>"
    )


def configuration(rows: Sequence[Setting], names: tuple[str, str]) -> str:
    """Both configurations line by line, what differs marked, beside the article's default."""
    body = "".join(
        f'<tr class="{"sx-differs" if row.differs else ""}"><td>{escape(row.meaning)}'
        f"{' <b>differs</b>' if row.differs else ''}</td>"
        f"<td>{_setting(row.teacher_name, row.teacher)}</td>"
        f"<td>{_setting(row.student_name, row.student)}</td>"
        f"<td>{escape(row.article) if row.student_name else '–'}</td></tr>"
        for row in rows
    )
    head = (
        f"<tr><th>setting</th><th>{escape(names[0])}</th><th>{escape(names[1])}</th>"
        "<th>Distil<wbr>Bert<wbr>Config()</th></tr>"
    )
    return (
        '<div class="sx-wide"><table class="dx-table"><thead>'
        f"{head}</thead><tbody>{body}</tbody></table></div>"
    )


def origins(rows: Sequence[Origin]) -> str:
    """Every checkpoint of a pair: what it was trained on, and its licence."""
    body = "".join(
        f"<tr><td>{FAMILY[row.role]}</td><td>{escape(row.name)}</td><td>{escape(row.training)}</td>"
        f"<td>{escape(row.licence)}</td></tr>"
        for row in rows
    )
    note = (
        "The student was taught by this very teacher, on the same rows: what sets their answers "
        "apart is size and distillation."
    )
    if len(rows) > 2:
        note = (
            "Teacher and student of a task were trained by different people, not always on the "
            "same rows: what sets their answers apart is more than distillation."
        )
    head = "<tr><th></th><th>checkpoint</th><th>trained on</th><th>licence</th></tr>"
    return (
        f'<p class="dx-verdict">{note}</p><div class="sx-wide"><table class="dx-table"><thead>'
        f"{head}</thead><tbody>{body}</tbody></table></div>"
    )


def _strip(reading: Reading) -> str:
    items = "".join(_chip(piece) for piece in reading.pieces)
    return f'<ol class="sx-pieces" dir="ltr">{items}</ol>'


def _chip(piece: Piece) -> str:
    classes = "sx-piece"
    classes += " sx-special" if piece.special else ""
    classes += " sx-second" if piece.part else ""
    classes += " sx-joined" if piece.text.startswith("##") else ""
    where = "special token" if piece.special else f"characters {piece.start} to {piece.end}"
    return (
        f'<li class="{classes}" title="{where}"><b>{escape(piece.text)}</b>'
        f"<span>{piece.token_id}</span></li>"
    )


def _inputs(reading: Reading) -> str:
    rows = [("input_ids", reading.ids)]
    segments = tuple(piece.segment for piece in reading.pieces if piece.segment is not None)
    if segments:
        rows.append(("token_type_ids", segments))
    rows.append(("attention_mask", tuple(piece.attention for piece in reading.pieces)))
    lines = "".join(
        f"<div><dt>{name}</dt><dd>[{', '.join(map(str, numbers))}]</dd></div>"
        for name, numbers in rows
    )
    note = "" if segments else '<p class="dx-quiet">No token_type_ids: no segments.</p>'
    return f'<dl class="sx-inputs">{lines}</dl>{note}'


def _columns(look: Look) -> str:
    body = "".join(
        f"<tr><td>{number}</td><td>{escape(one.text)}</td><td>{one.token_id}</td>"
        f"<td>{_typed(one)}</td><td>{_span(one)}</td><td>{one.attention}</td>"
        f"<td>{'–' if one.segment is None else one.segment}</td>"
        f"<td>{'yes' if one.special else ''}</td></tr>"
        for number, one in enumerate(look.teacher.pieces)
    )
    names = ("", "piece", "id", "as typed", "characters", "attention", "segment", "special")
    head = "".join(f"<th>{name}</th>" for name in names)
    return (
        '<details class="dx-details"><summary>Every column, piece by piece</summary>'
        '<div class="dx-scroll"><table class="dx-table"><thead><tr>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
        '<p class="dx-quiet">Segments are the teacher’s: the student has none.</p></details>'
    )


def _typed(piece: Piece) -> str:
    return f'<span dir="auto">{escape(piece.typed)}</span>' if piece.typed else "–"


def _span(piece: Piece) -> str:
    if piece.special:
        return "–"
    return f"{piece.start}–{piece.end}" + (" of the second" if piece.part else "")


def _state(state: HiddenState) -> str:
    shape = ", ".join(map(str, state.shape))
    first = ", ".join(f"{value:.3f}" for value in state.values[0][:FIRST_VALUES])
    return (
        f'<dl class="sx-inputs"><div><dt>last_hidden_state.shape</dt><dd>[{shape}]</dd></div>'
        f"<div><dt>{escape(state.pieces[0])}</dt><dd>[{first}, …]</dd></div></dl>"
    )


def _count(row: Comparison, style: str = "") -> str:
    change = row.student - row.teacher
    said = (
        "same" if not change else f"{100 * change / row.teacher:+.1f}&nbsp;%" if row.teacher else ""
    )
    return (
        f'<tr class="{style}"><td>{escape(row.label)}</td><td>{row.teacher:,.0f}</td>'
        f"<td>{row.student:,.0f}</td><td>{said.replace('-', '−')}</td></tr>"
    )


def _setting(name: str, value: str) -> str:
    if not name:
        return "–"
    breakable = escape(name).replace("_", "_<wbr>")
    return f"<b>{escape(value)}</b> <code>{breakable}</code>"


def _panel(role: str, name: str, body: str) -> str:
    return (
        f'<section class="dx-panel dx-{role}"><header><h3>{FAMILY[role]} <small>the {role}</small>'
        f'</h3><span class="dx-name">{escape(name)}</span></header>{body}</section>'
    )
