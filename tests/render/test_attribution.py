"""The Why? panel's markup: escaped, on one scale, honest about what has not converged."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from explain.attribution import (
    Attribution,
    FillMaskInput,
    HeadInput,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    SentimentTarget,
    attribute,
)
from explain.attribution.counterfactuals import change
from explain.attribution.engine import pair_steps
from explain.attribution.records import Edit
from explain.attribution.results import PairAttribution
from explain.models import HEADS, ROLES, load
from explain.render import formats
from explain.render.attribution import ledger, proof, result
from explain.render.attribution_grid import DEEPEST, by_piece, by_word, grid, reach
from explain.render.attribution_text import highest, passages, places
from tests.attribution.questions import PLAIN, asked
from tests.tiny import tiny

ASSETS = Path(__file__).resolve().parents[2] / "assets"
HOSTILE = "<script>alert(1)</script> ${alert(2)} {{value}} <img src=x onerror=alert(3)>"


def both(
    head: str, head_input=None, method: str = "gradient_x_input", target=None
) -> PairAttribution:
    head_input = head_input or PLAIN[head]
    models = [tiny(head, role) for role in ROLES]
    *_, last = pair_steps(head_input, models, [[target or asked(head_input)]] * 2, method)
    return last


@pytest.mark.parametrize("head", HEADS)
def test_every_word_has_its_cell_with_a_score_of_each_model(head: str) -> None:
    found = both(head)
    teacher, student = found.teacher[0], found.student[0]
    drawn = grid([teacher, student], by_word, reach([teacher, student]), found.agreement[0])
    cells = re.findall(r"<div class=\"wx-cell.*?</div>", drawn)
    ordinary = [cell for cell in cells if "wx-kept" not in cell]
    places = {(w.part, w.start, w.end) for one in (teacher, student) for w in one.words}
    assert len(ordinary) == len(places)
    for one in (teacher, student):
        for word in one.words:
            score = "0.00" if abs(word.score) < 0.005 else formats.signed(word.score)
            assert any(f"{score}</span>" in cell for cell in ordinary)
    if head == "fill_mask":
        assert sum("wx-kept" in cell for cell in cells) >= 1


def test_a_mark_stays_beside_the_word_that_it_follows() -> None:
    found = both("sentiment", SentimentInput("Good, really."))
    drawn = grid([found.teacher[0]], by_word, 1.0)
    groups = [
        re.findall(r'<b dir="auto">(.*?)</b>', group)
        for group in drawn.split('<div class="wx-joined">')[1:]
    ]
    assert groups == [["Good", ","], ["really", "."]]


def test_what_was_typed_is_escaped() -> None:
    found = both("sentiment", SentimentInput(HOSTILE), target=SentimentTarget("positive"))
    drawn = result(found)
    for mark in ("<script", "<img", "${", "{{"):
        assert mark not in drawn
    assert "&lt;" in drawn and "script" in drawn


def test_one_scale_holds_for_words_and_pieces_of_both_models() -> None:
    found = both("sentiment")
    pair = found.teacher[0], found.student[0]
    limit = reach(pair)
    scores = [abs(s) for one in pair for s in (*one.scores, *(w.score for w in one.words))]
    assert limit == max(scores)
    depths = [
        float(depth)
        for units in (by_word, by_piece)
        for depth in re.findall(r"--depth:([\d.]+)", grid(pair, units, limit))
    ]
    assert max(depths) == DEEPEST and min(depths) >= 0
    assert f"{limit:+.2f}" in result(found) and "one scale for both models" in result(found)


def test_the_model_that_is_not_ready_keeps_its_place() -> None:
    found = both("sentiment")
    for missing in ROLES:
        early = replace(found, **{missing: (), "agreement": (), "done": False})
        assert re.findall('class="wx-text dx-(.*?)"', result(early)) == list(ROLES)
        _, _, after = result(early).partition("Computing …")
        assert ("wx-text dx-student" in after) is (missing == "teacher")
    assert "Computing …" not in result(found)


def with_ledger(one: Attribution, **changes: object) -> Attribution:
    return replace(one, ledger=replace(one.ledger, **changes))


def test_the_ledger_shows_the_sum_and_says_plainly_when_it_is_missed() -> None:
    one = both("sentiment", method="integrated_gradients").teacher[0]
    book = one.ledger
    shown = ledger(with_ledger(one, converged=True))
    assert shown.startswith("<details") and "<summary" in shown  # one sentence, the rest on demand
    for value in (book.value, book.baseline_value, book.total):
        assert formats.signed(value, 3) in shown
    assert "Converged" in shown and f"{book.steps:,};" in shown
    missed = with_ledger(one, converged=False, relative_delta=0.25)
    assert proof(missed).startswith("Not converged") and "25.0 %" in proof(missed)
    assert proof(missed, done=False) == "Still being refined."
    assert "wx-good" not in ledger(missed)


@pytest.mark.parametrize("method", ["gradient_x_input", "occlusion"])
def test_methods_that_promise_no_sum_are_not_said_to_converge(method: str) -> None:
    one = both("sentiment", method=method).teacher[0]
    assert "does not promise" in proof(one) and "wx-good" not in ledger(one)


def test_each_model_names_its_own_answer_where_they_differ() -> None:
    found = both("sentiment", target=SentimentTarget("positive"))
    other = both("sentiment", target=SentimentTarget("negative"))
    drawn = re.sub("</?bdi>", "", result(replace(found, student=other.student)))
    assert "BERT, the logit of “positive”; DistilBERT, the logit of “negative”" in drawn


TEXTS = [
    ("sentiment", SentimentInput("  A  charming,\n\noften affecting journey. ")),
    ("sentiment", SentimentInput("It’s a tale of two\u00a0cities: don’t miss it!")),
    ("sentiment", SentimentInput("Hue\u0302\u0301 was 한국 and naïve (très).")),
    ("question_answering", None),
    ("multiple_choice", None),
    ("fill_mask", FillMaskInput("The capital [MASK] of France.")),
    ("ner", None),
]


@pytest.mark.parametrize(("head", "head_input"), TEXTS)
def test_the_running_lines_are_the_text_as_typed(head: str, head_input: HeadInput | None) -> None:
    attribution = both(head, head_input).teacher[0]
    for passage in passages(attribution, 1.0, places(attribution)):
        part = passage.title or "text"
        shown = "".join(run.text for run in passage.runs)
        assert shown.strip() == attribution.input.text_of(part).strip()
        words = [run for run in passage.runs if run.kind == "word"]
        assert [run.score for run in words] == [
            word.score for word in attribution.words if word.part == part
        ]
        assert all(attribution.words[run.number].text == run.text for run in words)


def test_each_word_says_its_number_to_eyes_and_ears_and_is_a_button() -> None:
    found = both("sentiment")
    drawn = result(found)
    for side in (found.teacher[0], found.student[0]):
        for word in side.words:
            score = formats.score(word.score)
            assert f'data-score="{score}" aria-label="{word.text}, {score}"' in drawn
    words = re.findall(r'<span class="wx-w [^>]*>', drawn)
    assert all('role="button"' in word for word in words)
    # one stop of the Tab key for each text: from there the arrow keys go on
    assert sum('tabindex="0"' in word for word in words) == 2
    alone = re.findall(r'<span class="wx-w [^>]*>', result(found, alone=True))
    assert not [word for word in alone if "button" in word or 'tabindex="-1"' in word]


def test_words_that_count_are_marked_by_more_than_a_colour() -> None:
    found = both("sentiment")
    side = found.teacher[0]
    scores = (0.0, 2.0, -1.0, 0.3, 0.0, *[0.0] * (len(side.scores) - 5))
    (passage,) = passages(replace(side, scores=scores), 2.0, {})
    words = [run for run in passage.runs if run.kind == "word"]
    assert [run.counts for run in words][:4] == [True, True, False, False]
    assert highest(replace(side, scores=scores)) == (("A", 2.0), ("charming", -1.0))
    css = (ASSETS / "style-why.css").read_text(encoding="utf-8")
    assert re.search(r"\.wx-against \{[^}]*dashed", css) and "font-weight: 700" in css


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("A film 🙁🙁 of joy", ["🙁🙁"]),
        ("\U0001d4e6\U0001d4f8 a film", ["\U0001d4e6\U0001d4f8"]),
        ("good 🙂 bad 🙁", ["🙂", "🙁"]),
        ("plain words", []),
    ],
)
def test_signs_that_the_vocabulary_does_not_know_are_marked(text: str, unknown: list[str]) -> None:
    models = [load("sentiment", role) for role in ROLES]
    target = [[SentimentTarget("positive")]] * 2
    *_, found = pair_steps(SentimentInput(text), models, target, "gradient_x_input")
    drawn = result(found)
    marked = re.findall(r'wx-unknown"[^>]*>([^<]*)</span>', drawn)
    assert marked == unknown * 2
    assert re.findall(r"<mark[^>]*><bdi>([^<]*)</bdi>", drawn) == unknown


def test_a_deleted_word_stays_struck_out_and_a_new_one_stands_in_its_place() -> None:
    side = attribute(SentimentInput("a dull, long film"), tiny("sentiment", "teacher"))
    loaded = tiny("sentiment", "teacher")
    kinds = {}
    for action in ("delete", "replace"):
        edited = change(side, loaded, [Edit(side.words[1].pieces, action, "fine")]).attribution
        (passage,) = passages(edited, 1.0, {})
        kinds[action] = [(run.kind, run.text) for run in passage.runs if run.text.strip()]
    assert kinds["delete"][1] == ("deleted", "dull")
    assert kinds["replace"][1] == ("word", "fine")
    assert [text for _, text in kinds["delete"]] == ["a", "dull", ",", "long", "film"]


def test_only_the_window_that_is_read_is_shown_of_a_long_text() -> None:
    text = "The old mill stands by the river. " * 60
    loaded = tiny("question_answering", "teacher", 64)
    question = QuestionAnsweringInput("Where is it?", text)
    start = text.index("river", 900)
    target = QuestionAnsweringTarget("span", start, start + 5)
    side = attribute(question, loaded, target, "gradient_x_input")
    _, passage = passages(side, 1.0, {})
    assert passage.runs[0].text == "… " and passage.runs[-1].text == " …"
    assert len("".join(run.text for run in passage.runs)) < 400


def test_one_target_of_several_is_drawn() -> None:
    models = [tiny("ner", role) for role in ROLES]
    targets = [[NerTarget(0, 3, "PER"), NerTarget(8, 11, "PER")]] * 2
    *_, found = pair_steps(NerInput("Ada met Bob."), models, targets, "gradient_x_input")
    assert re.findall(r'data-question="(\d)"', result(found)) == ["0", "1"]
    assert re.findall(r'data-question="(\d)"', result(found, 1)) == ["1"]
