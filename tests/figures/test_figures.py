"""The figures show the records' numbers, fit a phone, and stand on any background."""

import pytest

from explain.anatomy.records import HiddenState
from explain.article import facts
from explain.figures import anatomy, layout
from explain.figures import article as figures

STATE = HiddenState("m", ("[CLS]", "<b>", "dog"), (1, 3, 4), ((0.5, -1, 2, 0),) * 3)
DRAWN = {
    "glue": figures.dots(facts.glue()),
    "tasks": figures.dots(facts.downstream()),
    "speed": figures.bars(facts.speeds(), " ×"),
    "size": figures.parameters(facts.sizes()),
    "ablation": figures.losses(facts.ablation()),
    "both ablations": figures.losses(
        facts.ablation(),
        [
            facts.Change(row.remark, value, value - 0.5, value + 0.25)
            for row, value in zip(facts.ablation(), (-9.0, -1.0, 0.5, 0.0), strict=True)
        ],
    ),
    "state": anatomy.hidden_state(STATE, 1.0),
    "cosines": anatomy.cosines(STATE.pieces, (0.9, -0.2, 0.5)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_figures_are_transparent_untitled_and_narrow_in_their_margins(name):
    layout = DRAWN[name].layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert layout.title.text is None
    assert layout.margin.l + layout.margin.r <= 24


@pytest.mark.parametrize("name", ["glue", "tasks", "speed"])
def test_teacher_is_blue_and_first_student_amber(name):
    marks = [trace for trace in DRAWN[name].data if trace.name]
    assert [trace.name for trace in marks] == ["BERT", "DistilBERT"]
    assert [trace.marker.color for trace in marks] == [layout.TEACHER, layout.STUDENT]


def test_dots_stand_at_the_scores_and_numbers_point_outwards():
    teacher, student = DRAWN["glue"].data[1:]
    assert teacher.x[0] == 79.5 and student.x[0] == 77.0
    assert teacher.text[0] == "79.5"
    assert teacher.textposition[0] == "middle right" and student.textposition[0] == "middle left"
    assert teacher.textposition[-1] == "middle left"  # WNLI: the student is ahead
    low, high = DRAWN["glue"].layout.xaxis.range
    assert low < min(student.x) and high > max(teacher.x)


@pytest.mark.parametrize("name", ["ablation", "both ablations"])
def test_the_line_at_zero_stands_beside_the_bars_and_crosses_no_name(name):
    lines = DRAWN[name].layout.shapes
    assert len(lines) == len(facts.ablation())
    for number, line in enumerate(lines):  # a name stands above its bars
        assert line.x0 == line.x1 == 0
        assert number - 0.3 < line.y0 < number < line.y1 < number + 0.3


def test_speed_is_a_rate_with_the_teacher_at_one():
    teacher, student = DRAWN["speed"].data
    assert list(teacher.x) == [1, 1]
    assert student.text[0] == "1.63 ×" and student.text[1] == "1.71 ×"


def test_parts_of_the_parameters_add_up_to_the_total_that_is_written():
    teacher = sum(trace.x[0] for trace in DRAWN["size"].data)
    assert teacher == pytest.approx(109.48224)
    assert "109.5 M" in DRAWN["size"].data[0].y[0]


def test_an_ablation_shows_the_paper_and_what_was_found_here_with_its_extremes():
    assert [trace.name for trace in DRAWN["ablation"].data] == ["paper, GLUE"]
    paper, here = DRAWN["both ablations"].data
    assert list(paper.x) == [3.69, 2.96, 1.46, 0.31]
    assert list(here.x) == [9.0, 1.0, -0.5, 0.0]
    numbers = [note.text for note in DRAWN["both ablations"].layout.annotations]
    assert numbers[-4:] == ["−9.00", "−1.00", "+0.50", "+0.00"]
    assert here.text is None  # a whisker would strike it through
    assert set(here.error_x.array) == {0.5} and set(here.error_x.arrayminus) == {0.25}
    low, high = DRAWN["both ablations"].layout.xaxis.range
    assert low < -0.75 and high > 9.5


def test_a_hidden_state_has_one_row_a_piece_and_text_is_escaped():
    heat = DRAWN["state"].data[0]
    assert len(heat.z) == 3 and tuple(heat.z[0]) == (0.5, -1, 2, 0)
    assert (heat.zmin, heat.zmax) == (-1, 1)
    assert "&lt;b&gt;" in DRAWN["state"].layout.yaxis.ticktext


def test_long_texts_are_cut_to_the_rows_that_are_said():
    pieces = tuple("a" * 99)
    state = HiddenState("m", pieces, (1, 99, 2), ((0.0, 1.0),) * 99)
    assert len(anatomy.hidden_state(state, 1.0).data[0].z) == anatomy.MOST_PIECES
    assert len(anatomy.cosines(pieces, (0.5,) * 99).data[0].x) == anatomy.MOST_PIECES


def test_one_value_in_a_hundred_is_beyond_the_scale():
    values = tuple(float(number) for number in range(1, 101))
    state = HiddenState("m", ("a",), (1, 1, 100), (values,))
    assert anatomy.reach([state]) == 99.0
