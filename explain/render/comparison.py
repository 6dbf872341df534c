"""Teacher and student in words: where two answers agree, where they do not, and by how much.

Records in, plain sentences out (not yet escaped). Times are of one run each, or the best of a few:
a hint, not a measurement; the race measures.
"""

from __future__ import annotations

from explain.records import (
    Entity,
    FillMaskResult,
    MultipleChoiceResult,
    NerResult,
    QuestionAnsweringResult,
    SentimentResult,
    Timing,
)

CLOSE = 0.005  # probabilities nearer than half a point count as equal
MOST_NAMED = 4  # names of one sort in a sentence


def fill_mask(teacher: FillMaskResult, student: FillMaskResult) -> str:
    """How far the two lists of candidates agree."""
    first, second = teacher.candidates[0], student.candidates[0]
    theirs = {candidate.token_id for candidate in student.candidates}
    common = sum(candidate.token_id in theirs for candidate in teacher.candidates)
    shared = f"{common} of {len(teacher.candidates)} candidates are in both lists"
    if first.token_id == second.token_id:
        sure = sureness(first.probability, second.probability)
        return f"Both put “{first.word}” first; {sure}. {shared}. {pace(teacher, student)}"
    return (
        f"They differ: the teacher says “{first.word}” ({percent(first.probability)}), the student "
        f"“{second.word}” ({percent(second.probability)}). {shared}. {pace(teacher, student)}"
    )


def sentiment(teacher: SentimentResult, student: SentimentResult) -> str:
    """Whether the two labels agree."""
    if teacher.label == student.label:
        sure = sureness(max(teacher.probabilities), max(student.probabilities))
        return f"Both say {teacher.label}; {sure}. {pace(teacher, student)}"
    return (
        f"They differ: the teacher says {teacher.label} ({percent(max(teacher.probabilities))}), "
        f"the student {student.label} ({percent(max(student.probabilities))}). "
        f"{pace(teacher, student)}"
    )


def multiple_choice(teacher: MultipleChoiceResult, student: MultipleChoiceResult) -> str:
    """Whether the two choices agree."""
    first, second = teacher.probabilities[teacher.best], student.probabilities[student.best]
    if teacher.best == student.best:
        sure = sureness(first, second)
        return f"Both choose {teacher.best + 1}; {sure}. {pace(teacher, student)}"
    return (
        f"They differ: the teacher chooses {teacher.best + 1} ({percent(first)}), the student "
        f"{student.best + 1} ({percent(second)}). {pace(teacher, student)}"
    )


def ner(teacher: NerResult, student: NerResult) -> str:
    """Which names only one of the two finds, and which they put in different kinds."""
    only_teacher, only_student, retyped = differences(teacher, student)
    same = len(teacher.entities) - len(only_teacher) - len(retyped)
    if not teacher.entities and not student.entities:
        return f"Neither finds a name. {pace(teacher, student)}"
    if not (only_teacher or only_student or retyped):
        return f"Both find the same {count(same, 'name')}. {pace(teacher, student)}"
    parts = [f"They agree on {count(same, 'name')}"]
    if only_teacher:
        parts.append(f"only the teacher finds {listed(only_teacher)}")
    if only_student:
        parts.append(f"only the student finds {listed(only_student)}")
    for mine, yours in retyped[:MOST_NAMED]:
        parts.append(f"“{mine.text}” is {mine.kind} to the teacher, {yours.kind} to the student")
    if more := retyped[MOST_NAMED:]:
        parts.append(f"{count(len(more), 'more name')} of different kinds")
    return f"{'; '.join(parts)}. {pace(teacher, student)}"


def differences(
    teacher: NerResult, student: NerResult
) -> tuple[tuple[Entity, ...], tuple[Entity, ...], tuple[tuple[Entity, Entity], ...]]:
    """Entities only the teacher has, only the student has, and pairs of unlike kind."""
    mine = {(one.start, one.end): one for one in teacher.entities}
    yours = {(one.start, one.end): one for one in student.entities}
    only_teacher = tuple(one for place, one in mine.items() if place not in yours)
    only_student = tuple(one for place, one in yours.items() if place not in mine)
    retyped = tuple(
        (one, yours[place])
        for place, one in mine.items()
        if place in yours and yours[place].kind != one.kind
    )
    return only_teacher, only_student, retyped


def question_answering(teacher: QuestionAnsweringResult, student: QuestionAnsweringResult) -> str:
    """Whether the two best spans agree, overlap or differ."""
    first, second = teacher.spans[0], student.spans[0]
    if (first.start, first.end) == (second.start, second.end):
        sure = sureness(first.probability, second.probability)
        return f"Both answer “{first.text}”; {sure}. {pace(teacher, student)}"
    overlap = first.start < second.end and second.start < first.end
    how = "Their answers overlap" if overlap else "They differ"
    return (
        f"{how}: the teacher says “{first.text}” ({percent(first.probability)}), the student "
        f"“{second.text}” ({percent(second.probability)}). {pace(teacher, student)}"
    )


def sureness(teacher: float, student: float) -> str:
    """By how many points the student is more or less sure of the same answer."""
    if abs(teacher - student) < CLOSE:
        return "they are equally sure"
    more = "more" if student > teacher else "less"
    points = 100 * abs(teacher - student)
    return f"the student is {points:.1f} points {more} sure"


def pace(teacher: object, student: object) -> str:
    """The times of this answer, as a ratio."""
    mine, yours = _timing(teacher), _timing(student)
    ratio = (mine.tokenise + mine.forward) / (yours.tokenise + yours.forward)
    runs = "in this one run" if mine.runs == 1 else f"here, best of {mine.runs} runs"
    if ratio >= 1:
        return f"The student was {ratio:.1f} times as fast {runs}."
    return f"The student took {1 / ratio:.1f} times as long {runs}."


def _timing(result: object) -> Timing:
    timing = getattr(result, "timing", None)
    assert isinstance(timing, Timing)
    return timing


def percent(probability: float) -> str:
    """A probability as people read it: 97.4 %, and never a false 0.0 or 100.0."""
    if 0 < probability < 0.0005:
        return "<0.1 %"
    if 0.9995 <= probability < 1:
        return ">99.9 %"
    return f"{100 * probability:.1f} %"


def count(number: int, noun: str) -> str:
    """`1 name`, `2 names`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(entities: tuple[Entity, ...], most: int = MOST_NAMED) -> str:
    """The first entities by name, and how many more there are."""
    names = [f"“{one.text}” ({one.kind})" for one in entities[:most]]
    rest = len(entities) - most
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "")
