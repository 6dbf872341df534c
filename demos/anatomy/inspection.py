"""Everything that Inside shows of one text: records of both models to widget values."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from demos.anatomy.attention import Asked, view
from demos.anatomy.losses import at_once
from demos.answers import exclusive_compute, names
from demos.common import DOWNLOAD
from explain.anatomy import architecture, configuration, inputs, parameters, plane, similarity
from explain.anatomy.read_out import read_out
from explain.figures import anatomy as figures
from explain.models import ROLES, load
from explain.records import InputError
from explain.render import anatomy as render
from explain.render import architecture as architecture_render
from explain.render import layers as layer_render
from explain.render import notices
from explain.render import plane as plane_render


class View(NamedTuple):
    """Everything the tab shows, in the order of its outputs: HTML and figures."""

    pieces: str
    architecture: str
    read_outs: str
    similarities: str
    plane: str
    states: str
    teacher_state: Any
    student_state: Any
    agreement: str
    cosines: Any
    heads: str
    asked: Asked
    head: str
    losses: str
    ledger: str
    configuration: str
    origins: str


def inspect(
    text: str, second: str, sinks: bool, pair: str, progress: gr.Progress = DOWNLOAD
) -> View:
    """What both models read in a text, what each layer makes of it, and what they are made of."""
    models = names(inputs.TRUNK_HEAD, pair)
    with exclusive_compute(progress):
        inspection = inputs.inspect(text, pair, second)
        read_outs = _read_outs(text, pair)
        heads = view(Asked(text, second, pair), sinks)
        drawn_plane = _plane(text, second, pair)
        losses = at_once(pair)
        drawn = architecture.architecture(pair, len(inspection.student.pieces))
        similarities = _similarities(text, second, pair)
    teacher, student = inspection.teacher_state, inspection.student_state
    limit = figures.reach((teacher, student))
    tables = parameters.tables(pair)
    return View(
        render.pieces(inspection),
        architecture_render.architecture(drawn),
        read_outs,
        similarities,
        drawn_plane,
        render.states(inspection, limit, figures.MOST_PIECES),
        figures.hidden_state(teacher, limit),
        figures.hidden_state(student, limit),
        render.agreement(inspection),
        figures.cosines(student.pieces, inspection.cosines),
        *heads,
        losses,
        render.ledger(parameters.compare(*tables), models),
        render.configuration(configuration.configuration(pair), models),
        render.origins(configuration.origins(pair)),
    )


def _read_outs(text: str, pair: str) -> str:
    """What each layer would answer; a sentence where the text has no one place to read."""
    try:
        teacher, student = (read_out(text, load(inputs.TRUNK_HEAD, role, pair)) for role in ROLES)
    except InputError as error:
        return notices.status(str(error))
    return layer_render.read_outs((teacher, student))


def _similarities(text: str, second: str, pair: str) -> str:
    """Both models layer by layer, on the visitor's text where that can be, and on ours."""
    fixed = similarity.on_fixed_sentences(pair)
    try:
        return layer_render.similarities(similarity.similarity(text, pair, second), fixed)
    except InputError as error:
        return layer_render.similarities(None, fixed, str(error))


def _plane(text: str, second: str, pair: str) -> str:
    """The pieces in a plane after every layer; a sentence where two models have none in common."""
    try:
        return plane_render.plane(plane.plane(text, pair, second))
    except InputError as error:
        return notices.status(str(error))
