"""The published figures, what is computed from them, and the corrections of the article."""

import json
import re
import string
from pathlib import Path

import gradio as gr
import pytest

from demos import start
from explain.anatomy import inputs, parameters
from explain.article import facts, stored
from explain.article.claims import claims
from explain.article.corrections import SECTIONS, corrections
from explain.heads.registry import HEADS
from explain.models import load
from explain.records import Comparison

ASSETS = Path(__file__).resolve().parents[2] / "assets"
TEXTS = sorted((ASSETS / "text").glob("start-*.md"))
NAMES_WITH_DIGITS = ("SQuAD 1.1", "iPhone 7 Plus", "V100", "Table 1", "Table 2", "Table 3")
NAMES_WITH_DIGITS += ("Table 4", "section 4")


def test_the_glue_scores_give_the_printed_macro_scores():
    for role in ("teacher", "student"):
        mean = sum(facts.value(f"glue_{task}_{role}") for task in facts.GLUE) / len(facts.GLUE)
        assert round(mean, 1) == facts.value(f"glue_macro_{role}")


def test_the_paper_own_mnli_score_would_not_give_its_macro_score():
    others = sum(facts.value(f"glue_{task}_teacher") for task in facts.GLUE if task != "mnli")
    assert round((others + 86.7) / 9, 2) == 79.72


def test_what_is_computed_agrees_with_the_claims():
    derived = facts.DERIVED
    assert round(derived["kept"]) == facts.value("claim_quality")
    assert round(derived["saved"], 1) == 39.4
    assert round(derived["rate"], 2) == 1.63
    assert round(derived["time_saved"], 1) == 38.6
    assert round(derived["imdb_lost"], 2) == 0.64
    assert (round(derived["kept_least"]), round(derived["kept_most"])) == (86, 99)


def test_glue_tasks_stand_in_the_order_of_what_is_kept_with_wnli_last():
    kept = [facts.kept(f"glue_{task}") for task in facts.GLUE]
    assert kept[:-1] == sorted(kept[:-1])
    assert kept[-1] > 100


def test_counted_figures_are_those_of_the_architectures():
    for role, ledger in zip(("teacher", "student"), parameters.architectures(), strict=True):
        assert ledger.total() == facts.value(f"size_{role}")
        for group in ("embeddings", "layers", "pooler"):
            assert ledger.total(group) == facts.value(f"{group}_{role}")


def test_every_figure_has_a_source_that_can_be_followed():
    for figure in facts.TABLE.values():
        assert figure.source.url.startswith("https://"), figure.key
        assert figure.kind in ("quoted", "counted")


def test_no_key_stands_twice():
    assert len(facts.TABLE) == len(facts._ROWS)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_prose_takes_its_figures_from_the_table(path):
    template = path.read_text(encoding="utf-8")
    plain = re.sub(r"\{[^}]*\}", "", template)
    for name in NAMES_WITH_DIGITS:
        plain = plain.replace(name, "")
    assert not re.search(r"\d", plain)
    known = set(facts.TABLE) | set(facts.DERIVED) | {"layer_map"}
    assert {key for _, key, _, _ in string.Formatter().parse(template) if key} <= known
    assert "{" not in facts.say(template)


def test_a_figure_is_printed_as_in_its_source():
    said = facts.say("{size_teacher} {imdb_student} {glue_macro_student} {without_init} {rate:.2f}")
    assert said == "109,482,240 92.82 77.0 −3.69 1.63"


def test_every_error_named_in_the_lesson_is_corrected():
    said = {row.article: row.right for row in corrections()}
    for article, right in (
        ("BERT-base has 110 parameters and BERT-large has 340 parameters", "110 million and 340"),
        ("with the next sentence prediction (NSP)", "Without it"),
        ("trained on half of the parameters of BERT", "Half the layers, 61"),
        ("97% of BERT’s performance", "from 86"),
        ("60% faster", "1.63 times the rate, so 38.6"),
        ("taking one layer out of two", "[0, 2, 4, 7, 9, 11]"),
        ("This model contains a pooler layer", "no pooler"),
        ("knowledge-transfer model from student to teacher", "From teacher to student"),
        ("find the right time to initialize the sub-network", "not the right time"),
    ):
        assert right in said[article]


def test_the_article_own_answer_positions_lie_in_the_question():
    question, context = "Who was Jim Henson?", "Jim Henson was a nice puppet"
    pieces = inputs.model_input(question, load("fill_mask", "student"), context).pieces
    assert [piece.text for piece in pieces[1:4]] == ["who", "was", "jim"]
    assert {piece.part for piece in pieces[1:4]} == {0}
    assert [piece.text for piece in pieces[10:13]] == ["a", "nice", "puppet"]


def test_every_section_of_the_article_has_a_tab():
    letters = [section.part[0] for section in SECTIONS[1:]]
    assert letters == list("ABCDEFGH")


def test_claims_say_what_is_quoted_and_what_was_counted():
    quality, size, speed = claims("base", parameters.sizes("base"))
    assert [claim.number for claim in (quality, size, speed)] == [
        "97\N{NO-BREAK SPACE}%", "40\N{NO-BREAK SPACE}%", "60\N{NO-BREAK SPACE}%",
    ]  # fmt: skip
    assert "109,482,240 → 66,362,880" in size.measured
    assert "1.63 ×" in speed.quoted and "38.6" in speed.caution


def test_stored_scores_become_percent_with_their_rows(tmp_path):
    def head(metric, teacher, student, rows):
        mean = {"teacher": {metric: teacher}, "student": {metric: student}}
        return {"mean": mean, "sets": {"some_set": {"n": rows}}}

    report = {
        "heads": {
            "sentiment": head("accuracy", 0.9, 0.81, 100),
            "ner": head("f1", 0.7, 0.63, 50),
        },
        "date": "2026-01-01", "processor": "one", "precision": "float32",
        "versions": {"torch": "2"},
    }  # fmt: skip
    path = tmp_path / "scores.json"
    assert stored.scores(path) is None
    path.write_text(json.dumps(report), encoding="utf-8")
    found = stored.scores(path)
    assert [(row.teacher, row.student) for row in found.rows] == [
        (pytest.approx(90), pytest.approx(81)), (pytest.approx(70), pytest.approx(63)),
    ]  # fmt: skip
    assert found.examples == 150
    assert found.kept == pytest.approx(90)


def test_the_scores_that_evaluation_reports_are_read(tmp_path):
    from distill.evaluation import evaluate, pair_models

    report = evaluate(pair_models("pocket"), ASSETS / "evaluation", limit=2)
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    found = stored.scores(path)
    assert len(found.rows) == len(HEADS)
    sets = [entry for head in report["heads"].values() for entry in head["sets"].values()]
    assert found.examples == sum(entry["n"] for entry in sets)
    sentiment = report["heads"]["sentiment"]["mean"]
    assert {row.label: row.teacher for row in found.rows}["Sentiment, accuracy"] == pytest.approx(
        100 * sentiment["teacher"]["accuracy"]
    )
    assert report["date"] in found.circumstances


def test_a_stored_ablation_is_read_without_the_whole_recipe(tmp_path):
    def row(variant, value):
        change = {"value": value, "low": value - 1, "high": value + 1}
        interval = [value - 0.5, value + 0.5]
        return {"variant": variant, "change": change, "interval": interval, "seeds": [0, 1, 2]}

    report = {
        "rows": [row("whole recipe", 0.0), row("without L_ce", -2.0), row("without L_cos", 0.1)],
        "steps": 150, "budget": 1536, "split": "validation", "limit": 100,
        "date": "2026-01-01", "processor": "one", "precision": "float32",
    }  # fmt: skip
    path = tmp_path / "ablation.json"
    assert stored.ablation(path) is None
    path.write_text(json.dumps(report), encoding="utf-8")
    found = stored.ablation(path)
    assert found.changes[0] == facts.Change("without L_ce", -2.0, -3.0, -1.0)
    assert found.circumstances.endswith("includes zero for: without L_cos.")
    for said in ("3 students", "150 steps", "1,536", "100 validation rows", "2026-01-01"):
        assert said in found.circumstances


def test_the_parts_of_the_recipe_bear_the_paper_s_names_here():
    from distill.ablation import VARIANTS

    assert {row.remark for row in facts.ablation()} == {one.name for one in VARIANTS[1:]}


def test_measured_scores_get_a_picture_on_the_page_once_they_are_there(monkeypatch):
    rows = (Comparison("Sentiment, accuracy", 90, 81, "%", 1),)

    def plots(found):
        monkeypatch.setattr(stored, "scores", lambda: found)
        with gr.Blocks(analytics_enabled=False) as page:
            start.build(gr.Radio(["pocket"], value="pocket"))
        return sum(isinstance(block, gr.Plot) for block in page.blocks.values())

    scores = stored.StoredScores(rows, 100, "2026-01-01, one processor")
    assert plots(scores) == plots(None) + 1
