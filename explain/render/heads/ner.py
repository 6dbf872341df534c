"""Entities on the page: the text with its entities marked, both compared, words for evaluation."""

from __future__ import annotations

from explain.evaluation.items import LabelledRow
from explain.records import Entity, NerResult
from explain.render.comparison import times_of_one_run
from explain.render.formats import plural
from explain.render.heads import EvaluationWords
from explain.render.templates import draw

KINDS = {"PER": "person", "ORG": "organisation", "LOC": "place", "MISC": "other name"}
MOST_NAMED = 4  # entities of one sort in a sentence
EVALUATION = EvaluationWords(
    right="every name is found with its kind, and no other",
    columns="tokens and tags, separated by spaces: O, B-PER, I-PER, and so on with ORG, LOC, MISC",
    metrics={
        "f1": "F1 of names, %",
        "precision": "precision of names, %",
        "recall": "recall of names, %",
    },
    table="Names by kind",
    table_note="Predicted names that match no right one count as made up.",
)


def plain_panel(result: NerResult, role: str, name: str) -> str:
    """The text with its entities marked, compared with no other model."""
    return panel(result, role, name, result)


def panel(result: NerResult, role: str, name: str, other: NerResult) -> str:
    """The text with its entities marked; one the other model lacks has a dashed frame."""
    only_here, _, retyped = differences(result, other)
    different = {*only_here, *(pair[0] for pair in retyped)}
    pieces: list[tuple[str, Entity, bool]] = []  # text before an entity, and whether it differs
    end = 0
    for entity in result.entities:
        pieces.append((result.text[end : entity.start], entity, entity in different))
        end = entity.end
    rest = result.text[end:]
    return draw("heads/ner.html", "panel", result, role, name, pieces, rest, KINDS)


def compare(teacher: NerResult, student: NerResult) -> str:
    """Which names only one of the two finds, and which they put in different kinds."""
    only_teacher, only_student, retyped = differences(teacher, student)
    same = len(teacher.entities) - len(only_teacher) - len(retyped)
    if not teacher.entities and not student.entities:
        return f"Neither finds a name. {times_of_one_run(teacher, student)}"
    if not (only_teacher or only_student or retyped):
        return f"Both find the same {plural(same, 'name')}. {times_of_one_run(teacher, student)}"
    parts = [f"They agree on {plural(same, 'name')}"]
    if only_teacher:
        parts.append(f"only the teacher finds {_listed(only_teacher)}")
    if only_student:
        parts.append(f"only the student finds {_listed(only_student)}")
    for first, second in retyped[:MOST_NAMED]:
        parts.append(f"“{first.text}” is {first.kind} to the teacher, {second.kind} to the student")
    if more := retyped[MOST_NAMED:]:
        parts.append(f"{plural(len(more), 'more name')} of different kinds")
    return f"{'; '.join(parts)}. {times_of_one_run(teacher, student)}"


def differences(
    teacher: NerResult, student: NerResult
) -> tuple[tuple[Entity, ...], tuple[Entity, ...], tuple[tuple[Entity, Entity], ...]]:
    """Entities only the teacher has, only the student has, and pairs of unlike kind."""
    first = {(entity.start, entity.end): entity for entity in teacher.entities}
    second = {(entity.start, entity.end): entity for entity in student.entities}
    only_teacher = tuple(entity for place, entity in first.items() if place not in second)
    only_student = tuple(entity for place, entity in second.items() if place not in first)
    retyped = tuple(
        (entity, second[place])
        for place, entity in first.items()
        if place in second and second[place].kind != entity.kind
    )
    return only_teacher, only_student, retyped


def fields(row: LabelledRow) -> dict[str, str]:
    """Field of the tab to its value for one labelled row; words are joined by spaces."""
    return {"text": " ".join(row["tokens"])}


def _listed(entities: tuple[Entity, ...]) -> str:
    """The first entities by name, and how many more there are."""
    names = [f"“{entity.text}” ({entity.kind})" for entity in entities[:MOST_NAMED]]
    rest = len(entities) - MOST_NAMED
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "")
