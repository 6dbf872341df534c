"""What is explained is what was predicted; what is claimed to add up adds up; nothing moves."""

from __future__ import annotations

import copy
import gc
import weakref
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from captum.attr import IntegratedGradients

from explain import encoding
from explain.attribution import (
    METHODS,
    FillMaskInput,
    FillMaskTarget,
    MultipleChoiceTarget,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    SentimentTarget,
    attribute,
    attribute_all,
    attribute_steps,
    engine,
)
from explain.attribution.heads.ner import every_entity
from explain.attribution.methods.integrated_gradients import integral, integrated_gradients
from explain.attribution.methods.shapley import MOST_PIECES
from explain.attribution.records import HeadInput, Target
from explain.attribution.request import fix, function_of, request_of
from explain.encoding import Row
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import HEADS, Loaded, fresh_classifier, load
from explain.records import InputError
from tests.attribution.questions import EVERY, PLAIN, about, asked, model, smallest
from tests.tiny import tiny


def plain_value(head_input: HeadInput, loaded: Loaded, target: Target) -> float:
    """The explained number from the head's own public record, which knows of no attribution."""
    if isinstance(target, SentimentTarget):
        result = sentiment.classify(head_input.text, loaded)
        logit = dict(zip(result.labels, result.logits, strict=True))
        return logit[target.label] - (logit[target.against] if target.against else 0.0)
    if isinstance(target, FillMaskTarget):
        best = fill_mask.fill(head_input.text, loaded, top=100).candidates
        logits = {candidate.word: candidate.logit for candidate in best}
        return logits[target.word] - (logits[target.against] if target.against else 0.0)
    if isinstance(target, MultipleChoiceTarget):
        logits = multiple_choice.choose(head_input.prompt, head_input.choices, loaded).logits
        rival = 0.0 if target.against is None else logits[target.against]
        return logits[target.choice] - rival
    if isinstance(target, NerTarget):
        result = ner.tag(head_input.text, loaded)
        words = [w for w in result.words if w.start < target.end and w.end > target.start]
        return sum(
            weight * word.logits[result.labels.index(tag)]
            for tags, weight in ((target.tags, 1), (target.against_tags, -1))
            for word, tag in zip(words, tags or (), strict=bool(tags))
        )
    pieces = question_answering.answer(head_input.question, head_input.context, loaded).pieces
    inside = [piece for piece in pieces if piece.start < target.end and piece.end > target.start]
    start, end = inside[0].start_logit, inside[-1].end_logit
    return {"start": start, "end": end, "span": start + end}[target.part]


@pytest.mark.parametrize(("pair", "role", "head"), EVERY)
def test_explained_logits_equal_the_plain_forward_pass(pair: str, role: str, head: str) -> None:
    loaded, head_input = model(pair, role, head), PLAIN[head]
    found = attribute(head_input, loaded, asked(head_input), "gradient_x_input")
    assert found.ledger.value == pytest.approx(
        plain_value(head_input, loaded, found.target), abs=1e-4
    )


@pytest.mark.parametrize(("pair", "role", "head"), EVERY)
def test_contrasts_are_differences_of_plain_logits(pair: str, role: str, head: str) -> None:
    loaded, head_input = model(pair, role, head), PLAIN[head]
    target: Target
    if head == "sentiment":
        target = SentimentTarget("positive", "negative")
    elif head == "fill_mask":
        first, second = fill_mask.fill(head_input.text, loaded, top=2).candidates
        target = FillMaskTarget(first.word, second.word)
    elif head == "ner":
        target = NerTarget(0, 10, "PER", "O")
    elif head == "multiple_choice":
        target = MultipleChoiceTarget(0, 2)
    else:
        target = QuestionAnsweringTarget("start", 24, 34)
    found = attribute(head_input, loaded, target, "gradient_x_input")
    assert found.ledger.value == pytest.approx(
        plain_value(head_input, loaded, found.target), abs=1e-4
    )


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_a_word_of_several_pieces_fills_as_many_masks(role: str) -> None:
    loaded = tiny("fill_mask", role)
    found = attribute(FillMaskInput("I like [MASK]."), loaded, FillMaskTarget("distilbert"))
    ids = found.target.ids
    row = encoding.row(loaded, [1045, 2066, *[loaded.tokenizer.mask_token_id] * len(ids), 1012])
    with torch.no_grad():
        logits = loaded.model(**encoding.tensors(loaded, [row])).logits[0, 3 : 3 + len(ids)]
    expected = float(sum(logits[i, id_] for i, id_ in enumerate(ids)))
    assert len(ids) > 1
    assert found.ledger.value == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("baseline", ["mask", "pad"])
@pytest.mark.parametrize("role", ["teacher", "student"])
def test_delta_belongs_to_the_path_that_was_integrated(role: str, baseline: str) -> None:
    """F of the baseline, computed anew from ids: [CLS] and [SEP] stay, the mask stays."""
    loaded = tiny("sentiment", role)
    found = attribute(PLAIN["sentiment"], loaded, SentimentTarget("positive"), baseline=baseline)
    other = getattr(loaded.tokenizer, f"{baseline}_token_id")
    ids = tuple(piece.id if piece.is_special else other for piece in found.pieces)
    with torch.no_grad():
        logits = loaded.model(**encoding.tensors(loaded, [Row(ids, len(ids))])).logits[0]
    empty = float(logits[loaded.labels.index("positive")])
    ledger = found.ledger
    assert ledger.baseline_value == pytest.approx(empty, abs=1e-4)
    assert ledger.total == pytest.approx(sum(found.scores), abs=1e-5)
    assert ledger.delta == pytest.approx(ledger.total - (ledger.value - empty), abs=1e-4)
    assert ledger.converged == (ledger.relative_delta <= 0.01)


@pytest.mark.parametrize(("pair", "role", "head"), EVERY)
def test_one_panel_is_what_captum_gives_on_the_bare_model(pair: str, role: str, head: str) -> None:
    """Captum alone, with one target, on the model as it is called everywhere else."""
    loaded, head_input = model(pair, role, head), PLAIN[head]
    question = request_of(head_input, loaded, fix(head_input, loaded, asked(head_input)))
    function = function_of(question, loaded, "pad")
    mine = integral(function, function.baseline[None], function.input[None], 12)[0, 0]
    theirs = IntegratedGradients(lambda points: function(points)[:, 0]).attribute(
        function.input[None], function.baseline[None], n_steps=12, method="gausslegendre"
    )
    torch.testing.assert_close(mine, theirs[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_all_entities_in_one_run_are_the_same_as_one_by_one(role: str) -> None:
    loaded, head_input = tiny("ner", role), PLAIN["ner"]
    targets = [NerTarget(0, 10, "PER"), NerTarget(15, 18, "PER"), NerTarget(22, 32, "LOC", "O")]
    together = attribute_all(head_input, loaded, targets, "gradient_x_input")
    for target, one in zip(targets, together, strict=True):
        alone = attribute(head_input, loaded, target, "gradient_x_input")
        assert one.target == alone.target
        assert one.scores == pytest.approx(alone.scores, rel=1e-3, abs=1e-5)
    assert together[0].ledger.forward_passes == 3  # text, baseline, and one for all gradients
    assert together[0].ledger.backward_passes == 3


def test_every_entity_found_is_explained_and_repeated_names_stay_apart() -> None:
    loaded, text = tiny("ner", "teacher"), "Jim saw Jim. Jim!"
    entities = ner.tag(text, loaded).entities
    targets = every_entity(NerInput(text), [ner.tag(text, loaded)])
    found = attribute_all(NerInput(text), loaded, targets, "gradient_x_input")
    assert [(one.target.start, one.target.end) for one in found] == [
        (entity.start, entity.end) for entity in entities
    ]
    words = attribute(NerInput(text), loaded, NerTarget(0, 3, "PER"), "occlusion").words
    assert [(w.text, w.start) for w in words if w.text == "Jim"] == [
        ("Jim", 0),
        ("Jim", 8),
        ("Jim", 13),
    ]
    assert len({round(word.score, 6) for word in words if word.text == "Jim"}) == 3


@pytest.mark.parametrize(("pair", "role", "head"), EVERY)
def test_words_are_slices_of_the_text_as_typed_and_add_up(pair: str, role: str, head: str) -> None:
    loaded, head_input = model(pair, role, head), PLAIN[head]
    found = attribute(head_input, loaded, asked(head_input), "gradient_x_input")
    assert sum(w.score for w in found.words) == pytest.approx(sum(found.scores), abs=1e-4)
    for part in {word.part for word in found.words}:
        text, words = head_input.text_of(part), [w for w in found.words if w.part == part]
        assert [word.text for word in words] == [text[word.start : word.end] for word in words]
        typed = "".join(text.replace("[MASK]", "").split())
        assert "".join(word.text for word in words) == typed


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("method", METHODS)
def test_special_pieces_and_the_mask_to_be_filled_score_zero(head: str, method: str) -> None:
    loaded = tiny(head, "teacher")
    found = attribute(PLAIN[head], loaded, asked(PLAIN[head]), method)
    special = [score for piece, score in zip(found.pieces, found.scores, strict=True)
               if piece.is_special]  # fmt: skip
    assert len(special) >= 2
    assert not any(special)


def test_a_single_text_is_segment_0_to_its_last_separator() -> None:
    loaded = tiny("sentiment", "teacher")
    question = request_of(PLAIN["sentiment"], loaded, SentimentTarget("positive"))
    (row,) = question.piece_rows.rows
    assert row.second == len(row.ids)
    assert not encoding.tensors(loaded, [row])["token_type_ids"].any()


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_the_answer_explained_lies_in_the_context_and_never_ends_before_it_starts(
    role: str,
) -> None:
    loaded = tiny("question_answering", role)
    for seed in range(5):
        context = " ".join(["rivers", "run", "north", "to", "sea"][seed:] * (seed + 1))
        found = attribute(
            QuestionAnsweringInput("why rivers?", context), loaded, None, "gradient_x_input"
        )
        start, end = found.terms
        assert start.position <= end.position
        assert found.pieces[start.position].part == found.pieces[end.position].part == "context"


def test_the_target_is_the_same_at_both_ends_of_the_path() -> None:
    """At the baseline the best answer is another one; F still reads the first."""
    loaded = tiny("question_answering", "teacher")
    found = attribute(PLAIN["question_answering"], loaded, None, "gradient_x_input")
    mask = loaded.tokenizer.mask_token_id
    ids = tuple(piece.id if piece.is_special else mask for piece in found.pieces)
    second = next(i for i, piece in enumerate(found.pieces) if piece.part == "context")
    with torch.no_grad():
        output = loaded.model(**encoding.tensors(loaded, [Row(ids, second)]))
    start, end = (term.position for term in found.terms)
    moved = output.start_logits[0].argmax() != start or output.end_logits[0].argmax() != end
    fixed = float(output.start_logits[0, start] + output.end_logits[0, end])
    assert moved
    assert found.ledger.baseline_value == pytest.approx(fixed, abs=1e-4)


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_leave_one_out_is_the_plain_model_on_replaced_ids(role: str) -> None:
    loaded = tiny("sentiment", role)
    found = attribute(PLAIN["sentiment"], loaded, SentimentTarget("negative"), "occlusion")
    ids = [piece.id for piece in found.pieces]
    for place, score in enumerate(found.scores):
        changed = list(ids)
        if not found.pieces[place].is_special:
            changed[place] = loaded.tokenizer.mask_token_id
        row = Row(tuple(changed), len(changed))
        value = loaded.model(**encoding.tensors(loaded, [row])).logits[0, 0]
        assert score == pytest.approx(found.ledger.value - float(value), abs=1e-4)


TEXTS = {
    "one piece": "good",
    "more than a window": "the old mill by the river still grinds corn . " * 60,
    "repeated": "very " * 20 + "good",
    "emoji": "so 😀 👨‍👩‍👧 good ❤️",
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("role", ["teacher", "student"])
def test_every_method_reads_every_kind_of_text(
    role: str, head: str, method: str, kind: str
) -> None:
    loaded = smallest(head, role)
    text = TEXTS[kind]
    if head == "multiple_choice" and kind == "more than a window":
        text = "the old mill by the river still grinds corn . " * 46
    head_input = about(head, text)
    if method == "shapley" and kind == "more than a window":
        with pytest.raises(InputError, match=f"limit is {MOST_PIECES}"):
            attribute(head_input, loaded, asked(head_input), method)
        return
    found = attribute(head_input, loaded, asked(head_input), method)
    assert len(found.scores) == len(found.pieces)
    assert all(-1e4 < score < 1e4 for score in found.scores)
    if kind == "more than a window" and head != "multiple_choice":
        assert len(found.pieces) == 512
        assert found.unread > 0
    if method == "shapley":
        assert found.ledger.relative_delta < 1e-3


@pytest.mark.parametrize("head", ["ner", "question_answering"])
def test_a_far_part_of_a_long_text_is_explained_in_its_own_window(head: str) -> None:
    loaded = tiny(head, "teacher", 64)
    text = "the mill grinds corn . " * 40 + "Anna met Bob there"
    where = text.index("Anna"), len(text)
    head_input = about(head, text)
    target: Target = NerTarget(*where, "PER")
    if head == "question_answering":
        target = QuestionAnsweringTarget("span", *where)
    found = attribute(head_input, loaded, target, "gradient_x_input")
    assert found.words[-1].text == "there"
    assert found.unread > 100
    assert found.ledger.value == pytest.approx(
        plain_value(head_input, loaded, found.target), abs=1e-4
    )


@pytest.mark.parametrize("together", [1, 2, 100])
def test_a_long_refinement_can_be_closed_between_two_batches(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fits in a batch, the scores are the same; smaller batches give more steps."""
    text = SentimentInput("never a dull moment, and never a quiet one either")
    loaded = load("sentiment", "teacher")
    method = integrated_gradients
    request = request_of(text, loaded, SentimentTarget("positive"))
    function = function_of(request, loaded, "mask")
    expected = list(method(function, function.ends(), tolerance=1e-4))
    monkeypatch.setattr(function, "chunk", lambda budget: together * 12)
    steps = list(method(function, function.ends(), tolerance=1e-4))
    assert steps[-1].steps == expected[-1].steps
    assert torch.allclose(steps[-1].scores, expected[-1].scores, atol=1e-5)
    if together == 1:
        assert len(steps) > len(expected)
        passes = [later.steps - earlier.steps for earlier, later in pairwise(steps)]
        assert max(passes) == 6  # one part of the way more, cut in two


def test_steps_refine_and_can_be_closed() -> None:
    loaded = tiny("sentiment", "teacher")
    steps = attribute_steps(SentimentInput("to be closed"), loaded, [None], "occlusion")
    (first,) = next(steps)
    assert not first.ledger.converged
    steps.close()
    *_, (last,) = attribute_steps(SentimentInput("to be closed"), loaded, [None], "occlusion")
    assert last.ledger.converged
    assert last.ledger.steps == 3


def test_a_repeated_question_is_answered_from_memory() -> None:
    loaded = tiny("sentiment", "student")
    first = attribute(SentimentInput("again and again"), loaded, method="occlusion")
    assert attribute(SentimentInput("again and again"), loaded, method="occlusion") is first


def test_the_same_seed_gives_the_same_sample() -> None:
    loaded = tiny("sentiment", "student")
    one, again, other = (
        attribute(SentimentInput("a b c d e f g h i"), loaded, None, "shapley", "pad", seed)
        for seed in (1, 1, 2)
    )
    assert one.scores == again.scores
    assert one.scores != other.scores


@pytest.mark.parametrize(
    ("head", "target", "sentence"),
    [
        ("sentiment", SentimentTarget("happy"), "negative or positive"),
        ("sentiment", SentimentTarget("positive", "positive"), "other label"),
        ("fill_mask", FillMaskTarget("paris", "distilbert"), "same number of word pieces"),
        ("fill_mask", FillMaskTarget("paris", "Paris"), "other than"),
        ("ner", NerTarget(0, 3, "DOG"), "no kind of entity"),
        ("ner", NerTarget(400, 403, "PER"), "no word between"),
        ("multiple_choice", MultipleChoiceTarget(7), "one of 1 to 3"),
        ("multiple_choice", MultipleChoiceTarget(0, 0), "other choices"),
        ("question_answering", QuestionAnsweringTarget("middle"), "start, the end or the span"),
        ("question_answering", QuestionAnsweringTarget("span", 900, 910), "answer must lie"),
        ("sentiment", NerTarget(0, 3), "SentimentTarget"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(head: str, target: Target, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        attribute(PLAIN[head], tiny(head, "teacher"), target)


@pytest.mark.parametrize(("method", "baseline"), [("magic", "mask"), ("shapley", "noise")])
def test_unknown_methods_and_baselines_are_named(method: str, baseline: str) -> None:
    with pytest.raises(InputError, match="choose"):
        attribute(PLAIN["sentiment"], tiny("sentiment", "teacher"), None, method, baseline)


def test_scores_are_raw_logits_not_shares() -> None:
    """Twice the classifier, twice the scores."""
    loaded = tiny("sentiment", "teacher")
    one = attribute(PLAIN["sentiment"], loaded, SentimentTarget("positive"), "gradient_x_input")
    doubled = twice(loaded)
    two = attribute(PLAIN["sentiment"], doubled, SentimentTarget("positive"), "gradient_x_input")
    assert two.scores == pytest.approx([2 * score for score in one.scores], rel=1e-4)


def twice(loaded: Loaded) -> Loaded:
    own = copy.deepcopy(loaded.model)
    with torch.no_grad():
        own.classifier.weight.mul_(2)
        own.classifier.bias.mul_(2)
    return replace(loaded, model=own)


def test_a_tag_is_of_a_whole_word_though_a_part_of_it_is_named() -> None:
    loaded = load("ner", "student")
    text = NerInput("Zoë flew with Lufthansa.")
    part, whole = (attribute(text, loaded, NerTarget(n, 23, "ORG")) for n in (18, 14))
    assert (part.target.start, part.target.end) == (14, 23)
    assert part.scores == whole.scores


@pytest.mark.parametrize("method", METHODS)
def test_a_gap_alone_has_nothing_to_attribute_to(method: str) -> None:
    found = attribute(FillMaskInput("[MASK]"), load("fill_mask", "student"), None, method)
    assert all(score == 0 for score in found.scores)


def test_answers_are_forgotten_with_their_model() -> None:
    loaded = fresh_classifier(tiny("sentiment", "teacher"), seed=4321)
    attribute(SentimentInput("A fine film."), loaded, method="gradient_x_input")
    model = weakref.ref(loaded.model)
    assert loaded.model in engine._results
    del loaded
    gc.collect()
    assert model() is None
