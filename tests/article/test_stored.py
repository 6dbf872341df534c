"""Stored scores and ablation that are broken count as missing: the page is shown without them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from explain.article import stored

BROKEN = ["", "{", "[]", "{}", "null", "7", '{"heads": null}', '{"heads": {"sentiment": {}}}',
          '{"rows": []}', '{"rows": [1, 2]}', "\udcff"]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_report_is_as_if_missing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert stored.scores(path) is None
    assert stored.ablation(path) is None
    assert stored.sentiment_accuracy(path) == {}
    assert stored.thresholds("sentiment", "pocket", path) == {}


def test_a_report_that_is_missing_or_a_folder_is_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.json"):
        assert stored.scores(path) is None
        assert stored.ablation(path) is None
        assert stored.sentiment_accuracy(path) == {}
        assert stored.thresholds("sentiment", "pocket", path) == {}


def test_a_number_that_became_a_word_leaves_the_whole_report_out(tmp_path: Path) -> None:
    report = json.loads(stored.SCORES.read_text(encoding="utf-8"))
    report["heads"]["sentiment"]["mean"]["teacher"] = {"accuracy": "high"}
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    assert stored.scores() is not None and stored.scores(path) is None


def with_thresholds(folder: Path, **changes: object) -> Path:
    """A report of thresholds beside the weights that it was measured with."""
    (folder / "small").mkdir()
    (folder / "small" / "SHA256SUMS").write_text("0  trunk\n")
    digest = hashlib.sha256(b"0  trunk\n").hexdigest()
    below = [{"rows": "questions", "value": 0.1, "low": 0.08, "high": 0.13, "n": 90}]
    entry = {"threshold": 4.5, "below": below} | changes
    report = {
        "heads": {"question_answering": {"teacher": entry}}, "weights": {"small": digest},
        "split": "validation", "date": "2026-01-02",
    }  # fmt: skip
    path = folder / "thresholds.json"
    path.write_text(json.dumps(report))
    return path


def test_thresholds_are_those_of_the_pocket_pair(tmp_path: Path) -> None:
    path = with_thresholds(tmp_path)
    (found,) = stored.thresholds("question_answering", "pocket", path).values()
    assert (found.value, found.below[0].rows, found.below[0].n) == (4.5, "questions", 90)
    assert found.below[0].share.estimate == pytest.approx(10)
    assert "2026-01-02" in found.circumstances
    assert stored.thresholds("question_answering", "base", path) == {}
    assert stored.thresholds("ner", "pocket", path) == {}


@pytest.mark.parametrize(
    "changes",
    [{"threshold": float("nan")}, {"threshold": None}, {"below": []}, {"below": [{"rows": "all"}]}],
)
def test_a_threshold_that_is_no_number_is_as_if_missing(tmp_path: Path, changes: dict) -> None:
    path = with_thresholds(tmp_path, **changes)
    assert stored.thresholds("question_answering", "pocket", path) == {}


def test_thresholds_of_other_weights_are_as_if_missing(tmp_path: Path) -> None:
    path = with_thresholds(tmp_path)
    (tmp_path / "small" / "SHA256SUMS").write_text("1  trunk\n")
    assert stored.thresholds("question_answering", "pocket", path) == {}


def test_the_stored_thresholds_are_of_the_stored_weights() -> None:
    """After new weights: `python -m distill thresholds --data FOLDER`."""
    for head in ("sentiment", "question_answering"):
        assert set(stored.thresholds(head, "pocket")) == {"teacher", "student"}
