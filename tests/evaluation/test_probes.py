"""How probes are counted, with a model whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explain.evaluation import probes
from explain.evaluation.probes import Probe
from explain.heads.fill_mask import fill
from tests.tiny import tiny

TEXT = "The capital of France is [MASK]."


@pytest.fixture
def candidates() -> list[str]:
    return [c.word for c in fill(TEXT, tiny("fill_mask", "teacher"), top=6).candidates]


def test_any_acceptable_answer_counts(candidates: list[str]) -> None:
    def score(*answers: str) -> tuple[bool, bool]:
        probe = Probe(TEXT, answers, "capital", None)
        (answer,) = probes.score([probe], tiny("fill_mask", "teacher"))
        return answer.top1, answer.top5

    assert score("no such word", candidates[0]) == (True, True)
    assert score(candidates[4], "no such word") == (False, True)
    assert score(candidates[5]) == (False, False)


def test_a_copy_is_a_first_answer_that_stands_in_the_sentence(candidates: list[str]) -> None:
    probe = Probe(TEXT, ("paris",), "capital", candidates[0])
    (answer,) = probes.score([probe], tiny("fill_mask", "teacher"))
    assert answer.copies_given and not answer.copies
    assert probe.words == {"the", "capital", "of", "france", "is"}
    repeated = replace(probe, text=f"{candidates[0]}: {TEXT}", given=None)
    first = fill(repeated.text, tiny("fill_mask", "teacher"), top=1).candidates[0].word
    (answer,) = probes.score([repeated], tiny("fill_mask", "teacher"))
    assert answer.copies == (first in repeated.words) and not answer.copies_given


def test_the_report_counts_every_probe_once_by_kind() -> None:
    models = {role: tiny("fill_mask", role) for role in ("teacher", "student")}
    report = probes.report(models)
    assert report["n"] == len(probes.probes()) == sum(own["n"] for own in report["kinds"].values())
    assert report["given"] == sum(own.get("given", 0) for own in report["kinds"].values())
    for role in models:
        for name in ("top1", "top5", "copies"):
            hits = sum(own["n"] * own[role][name]["value"] for own in report["kinds"].values())
            assert report[role][name]["value"] == pytest.approx(hits / report["n"], abs=1e-4)
            assert report[role][name]["low"] <= report[role][name]["value"]
        assert "copies_given" not in report["kinds"]["idiom"][role]
