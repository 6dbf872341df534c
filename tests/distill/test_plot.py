"""The picture of the scores: every set and both models are in it, and it is as its report."""

import copy
import json
from xml.etree import ElementTree

import pytest

from distill import plot
from explain.article.stored import SCORES


@pytest.fixture(scope="module")
def report():
    return json.loads(SCORES.read_text(encoding="utf-8"))


def words(path):
    return {text.strip() for text in ElementTree.parse(path).getroot().itertext() if text.strip()}


def test_every_set_and_both_models_are_named(report, tmp_path):
    plot.draw(report, tmp_path / "a.svg")
    shown = words(tmp_path / "a.svg")
    assert {"bert-pocket", "distilbert-pocket"} <= shown
    for head in report["heads"].values():
        assert {name.partition("_")[2] for name in head["sets"]} <= shown


def test_the_same_scores_give_the_same_file_and_others_another(report, tmp_path):
    other = copy.deepcopy(report)
    other["heads"]["sentiment"]["sets"]["sentiment_sst2"]["student"]["accuracy"]["value"] -= 0.01
    paths = [tmp_path / f"{name}.svg" for name in "abc"]
    for one, path in zip((report, report, other), paths, strict=True):
        plot.draw(one, path)
    first, same, changed = (path.read_bytes() for path in paths)
    assert first == same
    assert first != changed


def test_a_report_of_some_tasks_is_drawn_too(report, tmp_path):
    few = report | {"heads": {"sentiment": report["heads"]["sentiment"]}}
    plot.draw(few, tmp_path / "few.svg")
    assert "Sentiment, accuracy %" in words(tmp_path / "few.svg")
