"""The pieces in a plane, layer by layer, as SVG: a part of the Inside tab."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from explain.anatomy.records import Plane
from explain.records import ROLES
from explain.render.formats import percent
from explain.render.templates import draw

WIDTH, HEIGHT, MARGIN = 400, 320, 44  # of a picture, in its own units
LETTER, LINE = 6.8, 12  # width of a letter and height of a line
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """From the plane to the picture, in equal units both ways."""

    left: float  # least and greatest coordinates of all layers
    right: float
    low: float
    high: float

    def place(self, point: Point) -> Point:
        """Where a point of the plane is drawn."""
        across, up = max(self.right - self.left, 1e-9), max(self.high - self.low, 1e-9)
        unit = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / up)
        x = WIDTH / 2 + unit * (point[0] - (self.left + self.right) / 2)
        return x, HEIGHT / 2 - unit * (point[1] - (self.low + self.high) / 2)


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece as it is drawn."""

    piece: str
    x: float
    y: float
    label: Point | None  # where its name is written; None where it is not
    value: Point  # its coordinates in the plane


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of the teacher, and the layer of the student that started from it."""

    teacher_layer: int  # 0 for the embeddings
    student_layer: int | None  # None: no layer of the student started from it
    teacher: tuple[Mark, ...]
    student: tuple[Mark, ...]
    distance: float | None  # of the same piece in the two models, mean, in the plane's units


def plane(drawn: Plane) -> str:
    """One picture per layer of the teacher, all in the same frame; one of them is shown."""
    points = [point for role in ROLES for layer in getattr(drawn, role) for point in layer]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    frame = Frame(min(xs), max(xs), min(ys), max(ys))
    copies = {0: 0} | {layer: number for number, layer in enumerate(drawn.copied, start=1)}
    steps = [_step(drawn, layer, copies.get(layer), frame) for layer in range(len(drawn.teacher))]
    return draw("plane.html", "plane", drawn, steps, percent(drawn.explained), (WIDTH, HEIGHT))


def _step(drawn: Plane, layer: int, copy: int | None, frame: Frame) -> Step:
    teacher = drawn.teacher[layer]
    student = () if copy is None else drawn.student[copy]
    taken = [_box(frame.place(point), 5, 5) for point in (*teacher, *student)]
    distances = [math.dist(*pair) for pair in zip(teacher, student, strict=False)]
    mean = sum(distances) / len(distances) if distances else None
    named = [
        _room(frame.place(point), len(piece) * LETTER, taken)
        for piece, point in zip(drawn.pieces, teacher, strict=True)
    ]
    return Step(
        layer,
        copy,
        _marks(drawn.pieces, teacher, frame, named),
        _marks(drawn.pieces, student, frame, [None] * len(student)),
        mean,
    )


def _marks(
    pieces: Sequence[str], points: Sequence[Point], frame: Frame, labels: Sequence[Point | None]
) -> tuple[Mark, ...]:
    return tuple(
        Mark(piece, *frame.place(point), label, point)
        for piece, point, label in zip(pieces, points, labels, strict=False)
    )


Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def _room(at: Point, width: float, taken: list[Rectangle]) -> Point | None:
    """A free place for a name near a mark: its left end and its base line."""
    x, y = at
    for left, base in (
        (x + 8, y + 4),
        (x - 8 - width, y + 4),
        (x - width / 2, y - 8),
        (x - width / 2, y + 8 + LINE),
        (x + 6, y - 8),
        (x + 6, y + 16),
        (x - 6 - width, y - 8),
        (x - 6 - width, y + 16),
    ):
        box = left, base - LINE, left + width, base + 2
        inside = left >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= HEIGHT
        if inside and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return left, base
    return None


def _box(at: Point, across: float, up: float) -> Rectangle:
    return at[0] - across, at[1] - up, at[0] + across, at[1] + up


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
