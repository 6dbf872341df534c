"""Both models as drawn from their modules, with the part of the ledger behind every block."""

from __future__ import annotations

from dataclasses import dataclass

from explain.anatomy.records import Architecture, Block, Rung, Weight
from explain.records import ROLES
from explain.render.templates import draw

HEIGHT = 420  # px, of all the teacher's parameters, had every block its exact height
LEAST = 30  # px, so that a name fits and a finger finds it


@dataclass(frozen=True, slots=True)
class Box:
    """One block as it is drawn: the filled part has the area of its parameters."""

    title: str
    size: str  # "1.77 M"
    height: int  # px
    filled: float  # percent of its width


def architecture(drawn: Architecture) -> str:
    """Two columns of blocks, lines between what was copied, and details to be pressed for."""
    scale = HEIGHT / drawn.total("teacher")
    rungs = [
        (rung, _height(rung, scale), [_box(getattr(rung, role), rung, scale) for role in ROLES])
        for rung in drawn.rungs
    ]
    totals = {role: drawn.total(role) for role in ROLES}
    return draw("architecture.html", "architecture", drawn, rungs, totals, _removed(drawn), modules)


def _height(rung: Rung, scale: float) -> int:
    blocks = [block for block in (rung.teacher, rung.student) if block]
    return max(LEAST, *(round(scale * block.count) for block in blocks))


def _box(block: Block | None, rung: Rung, scale: float) -> Box | None:
    if block is None:
        return None
    height = _height(rung, scale)
    return Box(block.title, millions(block.count), height, 100 * scale * block.count / height)


@dataclass(frozen=True, slots=True)
class Module:
    """One line of a block's details."""

    name: str
    shapes: str  # of its parameters: "(384, 384) + (384)"; "" for none
    count: int
    output: str  # "Linear (1, 9, 384)"; "" for parameters that no module of the block returns


def modules(block: Block) -> tuple[Module, ...]:
    """The modules of a block in the order in which they are computed, with their parameters."""
    weights: dict[str, list[Weight]] = {}
    for weight in block.weights:
        weights.setdefault(weight.module, []).append(weight)
    outputs = {flow.module: f"{flow.kind} {_tuple(flow.shape)}" for flow in block.flows}
    return tuple(
        Module(
            name or block.title,
            " + ".join(_tuple(weight.shape) for weight in weights.get(name, ())),
            sum(weight.count for weight in weights.get(name, ())),
            outputs.get(name, ""),
        )
        for name in dict.fromkeys([*outputs, *weights])
    )


def _tuple(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})".replace(" ", "\N{NO-BREAK SPACE}")


def millions(count: int) -> str:
    """`11.72 M`, and plainly what is less than 10,000."""
    return f"{count / 1e6:.2f}\N{NO-BREAK SPACE}M" if count >= 10_000 else f"{count:,}"


def _removed(drawn: Architecture) -> str:
    """What the drawing shows, in one sentence."""
    gone = [rung for rung in drawn.rungs if rung.student is None and rung.teacher]
    parts = [
        f"{rung.name} ({millions(rung.teacher.count)})" for rung in gone if rung.teacher is not None
    ]
    less = sum(rung.teacher.count for rung in gone if rung.teacher is not None)
    return (
        f"Distillation removed {', '.join(parts[:-1])} and {parts[-1]}: together "
        f"{100 * less / drawn.total('teacher'):.1f} % of the teacher’s parameters."
    )
