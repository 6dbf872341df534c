"""Model cards: every number comes from the report, and the report is all they need."""

import copy
from dataclasses import asdict

import pytest

from distill.batches import Limits
from distill.cards import card
from distill.presets import PRESETS
from distill.training import LossWeights


def score(value, spread=0.01):
    return {"value": value, "low": value - spread, "high": value + spread}


@pytest.fixture
def report():
    sets = {"sentiment_sst2": {"head": "sentiment", "rows": 6916, "share": 0.42}}
    recipe = {
        "schedule": asdict(PRESETS["pocket"].teacher),
        "budget": 1536,
        "limits": asdict(Limits(masked=0.2)),
        "precision": "float32",
        "sets": sets,
    }
    own = {"accuracy": score(0.8912), "loss": score(0.3), "calibration_error": 0.0417}
    mean = {"accuracy": 0.8912, "loss": 0.3, "calibration_error": 0.0417}
    kept = {"accuracy": score(0.9777)}
    model = {
        "name": "bert-pocket", "architecture": "bert", "layers": 6, "width": 384,
        "attention_heads": 12, "feed_forward": 1536, "positions": 512, "vocabulary": 30522,
        "parameters": 22731803, "trunk_parameters": 22565376, "bytes": 46104608,
    }  # fmt: skip
    return {
        "models": {"teacher": model, "student": model | {"name": "distilbert-pocket", "layers": 3}},
        "recipe": {
            "teacher": recipe,
            "student": recipe | {"layers": [0, 2, 5], "losses": asdict(LossWeights())},
        },
        "heads": {
            "sentiment": {
                "sets": {
                    "sentiment_sst2": {"n": 1821, "teacher": own, "student": own, "kept": kept}
                },
                "mean": {"teacher": mean, "student": mean, "kept": {"accuracy": 0.9777}},
            }
        },
        "bias": {
            "countries": {
                "template": "This film was filmed in COUNTRY.",
                "measure": "probability of positive",
                "teacher": {"Atlantis": 0.25, "Utopia": 0.85, "Lilliput": 0.52, "Laputa": 0.31},
                "student": {"Atlantis": 0.15, "Utopia": 0.95, "Lilliput": 0.53, "Laputa": 0.32},
            }
        },
        "split": "test", "limit": None, "date": "2026-01-02", "precision": "float32",
        "processor": "Some processor", "resamples": 1000, "versions": {"torch": "9.8.7"},
    }  # fmt: skip


def test_a_card_tells_size_making_data_and_scores(report):
    text = card("student", report)
    assert text.startswith("---\nlicense: apache-2.0\n")
    assert "# distilbert-pocket" in text
    assert "| parameters | 22,731,803, 22,565,376 of them in the encoder |" in text
    assert "layers 0, 2 and 5 of bert-pocket" in text
    assert "5 L_ce + 2 L_mlm + 1 L_cos" in text
    assert "| SST-2, whole sentences | `sentiment_sst2` | 6,916 | 42% | none stated |" in text
    scores = "89.1 (88.1 to 90.1) | 0.300 (0.290 to 0.310) | 0.042 | 97.8 %"
    assert f"| sentiment_sst2 | 1,821 | {scores} |" in text
    assert "every row of each set's test split" in " ".join(text.split())
    for part in ("Intended use and limits", "all-MiniLM-L6-v2", "vocabulary is that of BERT"):
        assert part in " ".join(text.split())


def test_only_the_students_card_speaks_of_what_is_kept(report):
    assert "kept" not in card("teacher", report).lower()
    assert "L_ce" not in card("teacher", report)
    assert "arXiv 1910.01108" in card("student", report)


def test_entities_learned_from_text_are_told(report):
    assert "trained the entities head" not in card("student", report)
    report["recipe"]["student"]["losses"]["text_tags"] = 4.5
    text = " ".join(card("student", report).split())
    assert "each text also trained the entities head: 4.5 soft targets" in text
    del report["recipe"]["student"]["losses"]["text_tags"]  # a training older than this weight
    assert "trained the entities head" not in card("student", report)


def test_words_that_must_not_be_copied_and_rows_read_as_text_are_told(report):
    text = " ".join(card("student", report).split())
    assert "1908.04319" not in text
    assert "read as text" not in text
    masking = {"sentences": 0.84}
    read = {"masking": masking, "copying": 1.5, "as_text": ["mc_comve", "mc_copa"]}
    report["recipe"]["student"] |= read
    text = " ".join(card("student", report).split())
    words = "unlikelihood of the words that a sentence shows (arXiv 1908.04319), weight 1.5"
    assert words in text
    assert "in single sentences (84% of the rows, some of them made of labelled rows)" in text
    assert "The right answers of `mc_comve`, `mc_copa` were read as text as well." in text


def test_every_measured_number_follows_the_report(report):
    """Change a number of the report: no trace of the old one may be left in the card."""
    for path, old in [
        (("models", "student", "parameters"), "22,731,803"),
        (("recipe", "student", "budget"), "1,536 padded"),
        (("recipe", "student", "sets", "sentiment_sst2", "rows"), "6,916"),
        (("heads", "sentiment", "sets", "sentiment_sst2", "n"), "1,821"),
        (("heads", "sentiment", "sets", "sentiment_sst2", "student", "accuracy", "low"), "88.1"),
        (("recipe", "student", "losses", "soft"), "5 L_ce"),
        (("resamples",), "1,000 bootstrap"),
    ]:
        changed = copy.deepcopy(report)
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = 0.7777 if isinstance(place[path[-1]], float) else 4242
        before, after = (" ".join(card("student", one).split()) for one in (report, changed))
        assert old in before, path
        assert old not in after, path


def test_a_model_that_was_trained_further_tells_both_trainings(report):
    first = report["recipe"]["student"]
    second = copy.deepcopy(first) | {"before": [first]}
    second["schedule"] |= {"steps": 4321, "text_steps": 0}
    report["recipe"]["student"] = second
    text = " ".join(card("student", report).split())
    steps = f"{first['schedule']['steps']:,} steps"
    assert text.index(steps) < text.index("Then it was trained further. 4,321 steps")


def test_a_limit_is_told(report):
    text = " ".join(card("student", report | {"limit": 300}).split())
    assert "at most 300 rows, drawn at random, of each set's test split" in text


def test_bias_is_stated_with_numbers_for_both_models(report):
    for role in ("teacher", "student"):
        text = card(role, report)
        assert "every profession one half" in " ".join(text.split())
        low, high = "0.25 Atlantis, Laputa, Lilliput", "0.85 Utopia, Lilliput, Laputa"
        assert f"| bert-pocket | {low} | 0.48 | {high} |" in text
        assert "| distilbert-pocket | 0.15 Atlantis" in text


def test_fill_mask_is_told_by_kind_of_word_and_by_probes_where_they_were_scored(report):
    own = {"top5": score(0.5), "top1": score(0.25), "loss": score(3.0)}
    plain = {name: value["value"] for name, value in own.items()}
    rates = {"top1": score(0.125), "top5": score(0.375), "copies": score(0.625)}
    counted = {"n": 1234, "teacher": rates, "student": rates}
    masked = {
        "sets": {"text_x": {"n": 9, "masks": 90, "teacher": own, "student": own}},
        "mean": {"teacher": plain, "student": plain},
    }
    report["heads"]["fill_mask"] = masked
    assert "copies %" not in card("teacher", report)
    masked["kinds"] = {"content_words_new": counted}
    masked["probes"] = counted | {"kinds": {"capital": counted}}
    text = card("teacher", report)
    numbers = "12.5 (11.5 to 13.5) | 37.5 (36.5 to 38.5)"
    assert f"| content words new | 1,234 | {numbers} |" in text
    assert f"| capital | 1,234 | {numbers} | 62.5 (61.5 to 63.5) |" in text
    assert f"| all | 1,234 | {numbers} |" in text
