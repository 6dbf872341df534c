"""The answer span: joint start and end scores inside the context, by brute force and by hand."""

from __future__ import annotations

import math
import random

import pytest
import torch
from torch.nn import functional

from explain.heads.ner import windows_of
from explain.heads.question_answering import LONGEST_ANSWER, answer, find_span
from explain.models import ROLES, Loaded, load
from explain.records import InputError
from explain.words import grapheme_end, unbroken
from tests.test_encoding import TEXTS
from tests.tiny import tiny

QUESTION, CONTEXT = "Who was Jim Henson?", "Jim Henson was a nice puppet"
WORDS = ["Jim", "Henson", "was", "a", "nice", "puppet", "flabbergasted", ".", "🎈", "O'Brien"]


def long_context(pieces: int, seed: int = 0) -> str:
    """Words drawn at random, of about so many pieces."""
    draw = random.Random(seed)
    return " ".join(draw.choices(WORDS, k=pieces * 2 // 3))


def context_logits(loaded: Loaded, question: str, context: str) -> tuple[list, list, list]:
    """Start logits, end logits and offsets of the context's pieces, read in one row."""
    batch = loaded.tokenizer(question, context, return_tensors="pt", return_offsets_mapping=True)
    offsets = batch.pop("offset_mapping")[0].tolist()
    inside = [i for i, side in enumerate(batch.sequence_ids()) if side == 1]
    with torch.inference_mode():
        output = loaded.model(**batch)
    starts, ends = output.start_logits[0, inside], output.end_logits[0, inside]
    return starts.tolist(), ends.tolist(), [tuple(offsets[i]) for i in inside]


def naive_spans(starts: list[float], ends: list[float]) -> dict[tuple[int, int], float]:
    """The score of every allowed span, by a double loop."""
    return {
        (first, last): starts[first] + ends[last]
        for first in range(len(starts))
        for last in range(first, min(first + LONGEST_ANSWER, len(starts)))
    }


def of_whole_words(
    context: str, offsets: list[tuple[int, int]], spans: dict[tuple[int, int], float]
) -> dict[tuple[int, int], tuple[float, float]]:
    """Characters of whole words to (log of the summed exp of the scores, highest score)."""
    words = unbroken(context)
    groups: dict[tuple[int, int], list[float]] = {}
    for (first, last), score in spans.items():
        start, end = offsets[first][0], offsets[last][1]
        for a, b in words:
            inside = [place for place in offsets if a < place[1] and place[0] < b]
            start = inside[0][0] if a <= start < b else start
            end = inside[-1][1] if a < end <= b else end
        groups.setdefault((start, end), []).append(score)
    return {
        place: (math.log(sum(math.exp(score) for score in scores)), max(scores))
        for place, scores in groups.items()
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("context", [CONTEXT, *TEXTS, long_context(150)])
def test_the_best_spans_are_those_of_a_double_loop(role: str, context: str) -> None:
    loaded = tiny("question_answering", role, window=512)
    starts, ends, offsets = context_logits(loaded, QUESTION, context)
    spans = naive_spans(starts, ends)
    total = math.log(sum(math.exp(score) for score in spans.values()))
    whole = of_whole_words(context, offsets, spans)
    best = sorted(whole.items(), key=lambda item: -item[1][0])[:20]
    found = answer(QUESTION, context, loaded, top=20)
    assert found.windows == 1
    assert len(found.spans) == len(best)
    for one, (_, (logs, _)) in zip(found.spans, best, strict=True):
        assert one.text == context[one.start : one.end]
        assert one.score == pytest.approx(whole[one.start, one.end][1], abs=1e-4)
        assert one.probability == pytest.approx(math.exp(logs - total), abs=1e-5)


@pytest.mark.parametrize("role", ROLES)
def test_probabilities_of_all_spans_sum_to_one(role: str) -> None:
    loaded = tiny("question_answering", role)
    found = answer("Who?", "Jim was nice", loaded, top=20)
    assert len(found.spans) == 6  # of three pieces
    assert sum(one.probability for one in found.spans) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("context", [CONTEXT, *TEXTS])
def test_every_piece_of_the_context_shows_its_start_and_end_logit(role: str, context: str) -> None:
    loaded = tiny("question_answering", role, window=512)
    starts, ends, offsets = context_logits(loaded, QUESTION, context)
    found = answer(QUESTION, context, loaded).pieces
    places = [(start, grapheme_end(context, end)) for start, end in offsets]
    assert [(one.start, one.end) for one in found] == places
    assert [one.text for one in found] == [context[start:end] for start, end in places]
    assert [one.start_logit for one in found] == pytest.approx(starts, abs=1e-4)
    assert [one.end_logit for one in found] == pytest.approx(ends, abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_the_loss_is_transformers_own_over_the_pieces_of_the_context(role: str) -> None:
    loaded = tiny("question_answering", role)
    starts, ends, offsets = context_logits(loaded, QUESTION, CONTEXT)
    span = find_span(CONTEXT, "a nice puppet")
    first, last = (3, 5)
    assert (offsets[first][0], offsets[last][1]) == span
    wanted = functional.cross_entropy(
        torch.tensor([starts, ends]), torch.tensor([first, last])
    )  # the mean of both, as in the model class
    found = answer(QUESTION, CONTEXT, loaded, span=span).answer
    assert found is not None
    assert (found.text, found.start, found.end) == ("a nice puppet", *span)
    assert found.loss == pytest.approx(float(wanted), abs=1e-4)
    spans = naive_spans(starts, ends)
    total = math.log(sum(math.exp(score) for score in spans.values()))
    assert found.probability == pytest.approx(math.exp(spans[first, last] - total), abs=1e-5)
    batch = loaded.tokenizer(QUESTION, CONTEXT, return_tensors="pt")
    shift = batch["input_ids"].shape[1] - 1 - len(starts)
    with torch.inference_mode():
        places = {
            "start_positions": torch.tensor([shift + first]),
            "end_positions": torch.tensor([shift + last]),
        }
        everywhere = float(loaded.model(**batch, **places).loss)
    assert found.loss < everywhere  # which also spends probability on the question


def test_a_span_inside_a_word_counts_as_the_pieces_it_touches() -> None:
    found = answer(QUESTION, CONTEXT, tiny("question_answering", "teacher"), span=(5, 8)).answer
    assert found is not None
    assert (found.text, found.start, found.end) == ("Henson", 4, 10)


def test_a_span_too_long_to_be_an_answer_has_a_loss_and_no_probability() -> None:
    context = "a " * 40
    found = answer(QUESTION, context, tiny("question_answering", "student"), span=(0, 79)).answer
    assert found is not None
    assert found.probability == 0.0
    assert 0.0 < found.loss < 50.0


@pytest.mark.parametrize("span", [(0, 0), (5, 3), (-2, 4), (20, 99), (28, 29), (10, 11)])
def test_a_span_outside_the_context_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(InputError) as refused:
        answer(QUESTION, CONTEXT, tiny("question_answering", "teacher"), span=span)
    start, end = span
    assert str(refused.value) == (
        f"The answer must lie in the context, characters 0 to 28; found {start} to {end}."
    )


@pytest.mark.parametrize(
    ("context", "text", "found"),
    [
        (CONTEXT, "nice puppet", "nice puppet"),
        (CONTEXT, "NICE Puppet ", "nice puppet"),
        ("a Nice and a nice one", "nice", "nice"),  # the exact one, though it comes later
        ("it was\n  very nice", "was very", "was\n  very"),
        ("Straße in Köln (1+1)", "köln (1+1)", "Köln (1+1)"),
        ("İstanbul and Paris", "paris", "Paris"),  # small letters longer than capitals
        ("🎈 Jim 🎈 Henson", "🎈 Henson", "🎈 Henson"),
    ],
)
def test_a_named_answer_is_found_in_the_context(context: str, text: str, found: str) -> None:
    start, end = find_span(context, text)
    assert context[start:end] == found


def test_a_named_answer_is_a_word_of_its_own_before_a_part_of_one() -> None:
    assert find_span("Sixty-six sailed; six sank, Six rose.", "six") == (18, 21)
    assert find_span("The sixth of them", "six") == (4, 7)
    assert find_span("There were sixty men. Six women won.", "six") == (22, 25)


@pytest.mark.parametrize("text", ["bad puppet", "puppet nice", ".*", "nice  puppets"])
def test_an_answer_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^The right answer is not in the context: copy it"):
        find_span(CONTEXT, text)


# Windows


def windowed(loaded: Loaded, question: str, context: str) -> dict[str, dict]:
    """Spans and pieces of a context read in windows, by loops: the highest score of each."""
    encode = loaded.tokenizer
    asked = encode(question, add_special_tokens=False)["input_ids"]
    ids = encode(context, add_special_tokens=False)["input_ids"]
    spans: dict[tuple[int, int], float] = {}
    pieces: dict[tuple[int, int], float] = {}
    for begin, end in windows_of(len(ids), loaded.window - 3 - len(asked)):
        row = [101, *asked, 102, *ids[begin:end], 102]
        inputs = {"input_ids": torch.tensor([row])}
        if loaded.role == "teacher":
            second = len(row) - len(asked) - 2
            inputs["token_type_ids"] = torch.tensor([[0] * (len(asked) + 2) + [1] * second])
        with torch.inference_mode():
            output = loaded.model(**inputs)
        first = len(asked) + 2
        logits = [side[0, first:-1].tolist() for side in (output.start_logits, output.end_logits)]
        for (one, other), score in naive_spans(*logits).items():
            key = begin + one, begin + other
            spans[key] = max(score, spans.get(key, -math.inf))
        for side, values in enumerate(logits):
            for place, value in enumerate(values, start=begin):
                pieces[side, place] = max(value, pieces.get((side, place), -math.inf))
    return {"spans": spans, "pieces": pieces}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("length", [53, 60, 120, 200])
def test_a_long_context_is_read_in_windows_and_the_best_of_each_span_counts(
    role: str, length: int
) -> None:
    loaded = tiny("question_answering", role, window=64)
    context = long_context(length, seed=length)
    wanted = windowed(loaded, QUESTION, context)
    found = answer(QUESTION, context, loaded, top=10, span=(0, 3))
    offsets = [(one.start, one.end) for one in found.pieces]
    for place, one in enumerate(found.pieces):
        assert one.start_logit == pytest.approx(wanted["pieces"][0, place], abs=1e-3)
        assert one.end_logit == pytest.approx(wanted["pieces"][1, place], abs=1e-3)
    whole = of_whole_words(context, offsets, wanted["spans"])
    best = sorted(whole.items(), key=lambda item: -item[1][0])[:10]
    total = math.log(sum(math.exp(score) for score in wanted["spans"].values()))
    for one, (_, (logs, _)) in zip(found.spans, best, strict=True):
        assert one.score == pytest.approx(whole[one.start, one.end][1], abs=1e-3)
        assert one.probability == pytest.approx(math.exp(logs - total), rel=1e-2)
        assert context[one.start : one.end] == one.text
    assert found.windows > 1
    assert found.answer is not None
    starts = torch.tensor([one.start_logit for one in found.pieces])
    ends = torch.tensor([one.end_logit for one in found.pieces])
    last = next(i for i, (a, b) in enumerate(offsets) if a < 3 <= b)
    losses = starts.logsumexp(0) - starts[0], ends.logsumexp(0) - ends[last]
    assert found.answer.loss == pytest.approx(float(sum(losses)) / 2, abs=1e-3)


def test_spans_are_never_given_twice_though_windows_overlap() -> None:
    loaded = tiny("question_answering", "student", window=64)
    found = answer(QUESTION, "Jim was nice. " * 60, loaded, top=20)
    assert len({(one.start, one.end) for one in found.spans}) == len(found.spans) == 20
    probabilities = [one.probability for one in found.spans]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1.0


def test_pieces_of_one_character_give_one_span_with_all_their_probability() -> None:
    loaded = load("question_answering", "student")
    found = answer("Where is it?", "서울", loaded, top=20)
    places = [(one.start, one.end) for one in found.spans]
    assert len(found.pieces) > len(set(places)) == len(places) == 3
    assert sum(one.probability for one in found.spans) == pytest.approx(1.0, abs=1e-4)


def test_a_question_longer_than_64_pieces_is_refused() -> None:
    loaded = tiny("question_answering", "teacher", window=208)
    assert answer("why " * 64, CONTEXT, loaded).spans
    with pytest.raises(InputError) as refused:
        answer("why " * 65, CONTEXT, loaded)
    assert str(refused.value) == "The question has 65 word pieces: shorten it to 64."
    short = tiny("question_answering", "teacher", window=30)
    assert answer("why " * 10, "he was here " * 20, short).windows > 1
    with pytest.raises(InputError, match=r"has 11 word pieces: shorten it to 10\.$"):
        answer("why " * 11, CONTEXT, short)


@pytest.mark.parametrize("role", ROLES)
def test_a_list_gives_what_its_questions_give_one_by_one(role: str) -> None:
    loaded = tiny("question_answering", role, window=64)
    questions = [QUESTION, "Why?", "Where is the flabbergasted puppet now?"]
    contexts = [CONTEXT, long_context(200), "In London. " * 4]
    spans = [(0, 10), None, (3, 9)]
    together = answer(questions, contexts, loaded, 4, spans)
    for both, question, context, span in zip(together, questions, contexts, spans, strict=True):
        alone = answer(question, context, loaded, 4, span)
        assert (both.question, both.context, both.windows) == (question, context, alone.windows)
        assert [one.score for one in both.spans] == pytest.approx(
            [one.score for one in alone.spans], abs=1e-4
        )
        assert [one.probability for one in both.spans] == pytest.approx(
            [one.probability for one in alone.spans], abs=1e-4
        )
        assert (both.answer is None) == (span is None)
        if both.answer and alone.answer:
            assert both.answer.loss == pytest.approx(alone.answer.loss, abs=1e-4)
        assert both.timing.pieces == alone.timing.pieces
    assert answer([], [], loaded) == ()


@pytest.mark.parametrize("top", [0, 21, "3", None])
def test_only_1_to_20_answers_can_be_asked_for(top: object) -> None:
    with pytest.raises(InputError, match=r"^Ask for 1 to 20 answers, not "):
        answer(QUESTION, CONTEXT, tiny("question_answering", "teacher"), top)  # type: ignore


NUMBERS = (
    "In 1960 the town had 1,234,567 people; by 10:30 that day 3.5 % had left Nizhnekamskneftekhim."
)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("question", ["How many people?", "What did they leave?", "When?"])
def test_no_answer_cuts_a_word_or_a_number(role: str, question: str) -> None:
    found = answer(question, NUMBERS, load("question_answering", role), top=20)
    for span in found.spans:
        for start, end in unbroken(NUMBERS):
            assert span.end <= start or end <= span.start or span.start <= start < end <= span.end


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("Dali\u0301", "Who painted it?"),
        ("Beyonce\u0301", "Who painted it?"),
        ("Hue\u0302\u0301", "Who painted it?"),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_an_answer_takes_the_marks_of_its_last_letter(name: str, question: str, role: str) -> None:
    context = f"It was painted by {name} in 1931."
    found = answer(question, context, load("question_answering", role)).spans[0]
    assert (found.start, found.end) == (18, 18 + len(name))


def test_a_hyphen_and_an_apostrophe_do_not_hold_an_answer_together() -> None:
    context = "Ana Henson's Berlin-based brother met her."
    assert {"Henson", "Berlin"} <= {context[start:end] for start, end in unbroken(context)}
