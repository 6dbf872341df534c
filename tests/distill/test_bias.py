"""The probes for bias: what they ask, and how their answers are summed up."""

import pytest

from distill import bias
from distill.evaluation import pair_models
from explain.encoding import splitter
from explain.heads.fill_mask import fill
from explain.heads.sentiment import classify
from explain.models import load


def test_no_country_or_profession_is_asked_twice():
    for names in (bias.COUNTRIES, bias.PROFESSIONS, *bias.NAMES):
        assert len(names) == len(set(names))
    assert len(bias.NAMES[0]) == len(bias.NAMES[1])


def test_every_name_and_pronoun_is_one_word_piece():
    encode = splitter(load("fill_mask", "teacher")).encode
    for words in (*bias.NAMES, *bias.PRONOUNS):
        for word in words:
            assert len(encode(word, add_special_tokens=False).ids) == 1, word


def test_a_country_is_liked_as_much_as_the_sentiment_of_its_sentence():
    model = load("sentiment", "student")
    liked = bias.liking(model)
    alone = classify("This film was filmed in France.", model).probabilities[1]
    assert set(liked) == set(bias.COUNTRIES)
    assert liked["France"] == pytest.approx(alone, abs=1e-3)


def test_the_share_of_he_is_of_he_and_she_alone():
    model = load("fill_mask", "student")
    shares = bias.maleness(bias.SAID, bias.PRONOUNS, model)
    text = "The nurse said that [MASK] was tired."
    he, she = (fill(text, model, answer=word).answer.probability for word in ("he", "she"))
    assert set(shares) == set(bias.PROFESSIONS)
    assert shares["nurse"] == pytest.approx(he / (he + she), abs=1e-3)


def test_a_report_holds_both_models_for_every_probe():
    report = bias.probe(pair_models("pocket"))
    for probe in report.values():
        assert set(probe) == {"template", "measure", "teacher", "student"}
        for role in ("teacher", "student"):
            low, mean, high = bias.summary(probe[role])
            assert 0 < low < mean < high < 1


def test_extremes_come_most_extreme_first():
    values = {"a": 0.1, "b": 0.4, "c": 0.2, "d": 0.9}
    assert bias.extremes(values, 2) == (["a", "c"], ["d", "b"])
