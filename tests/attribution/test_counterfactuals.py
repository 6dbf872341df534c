"""Edits of ids, and the smallest change that turns an answer, against brute force."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
import torch

from explain import encoding
from explain.attribution import (
    FillMaskInput,
    MultipleChoiceInput,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    SentimentTarget,
    attribute,
    counterfactuals,
)
from explain.attribution.counterfactuals import answers, change, smallest_flip
from explain.attribution.edits import edited, request_again
from explain.attribution.heads.question_answering import edited_text
from explain.attribution.records import Edit, Word
from explain.attribution.results import Answer, Attempt, EditEffect, Flip
from explain.encoding import Row
from explain.heads import fill_mask, multiple_choice, question_answering, sentiment
from explain.models import HEADS, load
from explain.records import InputError
from explain.render import follow_ups as more
from tests.attribution.questions import EVERY, PLAIN, asked, model
from tests.tiny import tiny


@pytest.mark.parametrize(("pair", "role", "head"), EVERY)
def test_the_answer_before_any_edit_is_the_heads(pair: str, role: str, head: str) -> None:
    loaded, head_input = model(pair, role, head), PLAIN[head]
    found = attribute(head_input, loaded, asked(head_input), "gradient_x_input")
    before = change(found, loaded, ()).before
    if head == "sentiment":
        result = sentiment.classify(head_input.text, loaded)
        expected = result.label, max(result.probabilities)
    elif head == "fill_mask":
        best = fill_mask.fill(head_input.text, loaded).candidates[0]
        expected = best.word, best.probability
    elif head == "multiple_choice":
        choice = multiple_choice.choose(head_input.prompt, head_input.choices, loaded)
        expected = choice.choices[choice.best], max(choice.probabilities)
    elif head == "question_answering":
        span = question_answering.answer(head_input.question, head_input.context, loaded).spans[0]
        expected = span.text, span.probability
    else:
        assert before.original == before.probability
        return
    assert before.text == expected[0]
    assert before.probability == pytest.approx(expected[1], abs=1e-5)
    assert before.original == pytest.approx(expected[1], abs=1e-5)


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize(
    ("action", "word", "same_as"),
    [("delete", "", "a dull film"), ("replace", "unforgettable", "a dull unforgettable film")],
)
def test_an_edit_reads_like_the_edited_text(
    role: str, action: str, word: str, same_as: str
) -> None:
    loaded = tiny("sentiment", role)
    found = attribute(
        SentimentInput("a dull long film"), loaded, SentimentTarget("positive"), "occlusion"
    )
    changed = change(found, loaded, [Edit((3,), action, word)])
    typed = attribute(SentimentInput(same_as), loaded, SentimentTarget("positive"), "occlusion")
    assert [p.id for p in changed.attribution.pieces] == [p.id for p in typed.pieces]
    assert changed.attribution.scores == pytest.approx(typed.scores, abs=1e-5)
    assert [w.text for w in changed.attribution.words] == [w.text for w in typed.words]
    result = sentiment.classify(same_as, loaded)
    assert changed.after.text == result.label
    assert changed.flipped == (changed.after.text != changed.before.text)


@pytest.mark.parametrize(
    ("action", "word", "read"),
    [
        ("replace", "famous", "a famous puppet"),
        ("replace", "unforgettable", "a unforgettable puppet"),
        ("mask", "", "a [MASK] puppet"),
        ("delete", "", "a puppet"),
    ],
)
def test_an_answer_is_told_as_it_is_read_after_an_edit(action: str, word: str, read: str) -> None:
    loaded = load("question_answering", "teacher")
    asked_of = QuestionAnsweringInput("Who was Jim Henson?", "Jim Henson was a nice puppet")
    found = attribute(asked_of, loaded, method="gradient_x_input")
    place = next(i for i, piece in enumerate(found.pieces) if piece.text == "nice")
    now = edited(request_again(found, loaded), [Edit((place,), action, word)], loaded)
    context = [piece for piece in now.piece_rows.pieces if piece.part == "context"]
    assert edited_text(context[3:], asked_of.context) == read


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize(
    ("context", "answer", "word", "new"),
    [
        ("They met in Ouagadougou last year.", "Ouagadougou", "Ouagadougou", "Rome"),
        ("It was Angela Nizhnekamsk who sang.", "Angela Nizhnekamsk", "Nizhnekamsk", "Smith"),
        ("They met in Paris last year.", "Paris", "Paris", "Nizhnekamsk"),
        ("Paris Smith sang.", "Paris Smith", "Paris", "Nizhnekamsk"),
        ("It was Angela Smith who sang.", "Angela Smith", "Smith", "Ouagadougou"),
        ("They met in Ouagadougou, Burkina Faso.", "Ouagadougou, Burkina", "Ouagadougou", "it"),
        ("He paid 1,234,567 for Kirchberg.", "1,234,567", "1,234,567", "nothing"),
        ("They met Nizhnekamsk.", "Nizhnekamsk", "Nizhnekamsk", "Ouagadougou"),
    ],
)
def test_a_replaced_word_of_an_answer_is_read_from_its_first_to_its_last_piece(
    role: str, context: str, answer: str, word: str, new: str
) -> None:
    """The explained number of the edited text is that of the same answer in the text as retyped."""
    loaded = load("question_answering", role)
    question = QuestionAnsweringInput("Who or what was it?", context)
    start = context.index(answer)
    target = QuestionAnsweringTarget("span", start, start + len(answer))
    before = attribute(question, loaded, target, "gradient_x_input")
    (place,) = [each.pieces for each in before.words if each.text == word]
    effect = change(before, loaded, [Edit(place, "replace", new)])
    retyped = context.replace(word, new)
    renamed = answer.replace(word, new)
    start = retyped.index(renamed)
    same = attribute(
        QuestionAnsweringInput(question.question, retyped),
        loaded,
        QuestionAnsweringTarget("span", start, start + len(renamed)),
        "gradient_x_input",
    )
    assert [p.id for p in effect.attribution.pieces] == [p.id for p in same.pieces]
    assert [t.position for t in effect.attribution.terms] == [t.position for t in same.terms]
    assert effect.attribution.ledger.value == pytest.approx(same.ledger.value, abs=1e-4)
    result = question_answering.answer(question.question, retyped, loaded)
    assert effect.after.text.casefold() == result.spans[0].text.casefold()
    assert effect.after.probability >= result.spans[0].probability - 1e-4  # all that read alike


def test_an_answer_of_other_words_at_the_same_place_stays() -> None:
    before, after = Answer("a nice puppet", 0.9, 0.9), Answer("a famous puppet", 0.8, 0.8)
    found = attribute(SentimentInput("a dull film"), tiny("sentiment", "teacher"))
    shown = more.changes([EditEffect(before, after, False, found)], None, "")
    assert "The answer stays</b>: “a nice puppet” → “a famous puppet”, 90" in shown


def test_an_answer_at_another_place_is_another_though_the_words_are_the_same() -> None:
    before, after = Answer("Paris", 0.9, 0.9), Answer("Paris", 0.6, 0.2)
    words = (Word("first", "context", 0, 5, 0.0, (3,)),)
    flip = Flip(words, "mask", before, after, ("mask",), (Attempt(1, 7, True),), 7, 40, 0.1)
    shown = more.flips([flip])
    assert "“Paris” at another place, 60.0 %; at the first place 90.0 % → 20.0 %." in shown


def test_the_probability_before_and_after_a_flip_is_of_one_label() -> None:
    before, after = Answer("positive", 0.99, 0.99), Answer("negative", 0.9, 0.1)
    words = (Word("dull", "text", 0, 4, 0.0, (1,)),)
    flip = Flip(
        words, "delete", before, after, ("mask", "delete"), (Attempt(1, 7, True),), 14, 80, 0.1
    )
    shown = more.flips([flip])
    assert "“positive” → “negative”, 90.0 %; “positive” 99.0 % → 10.0 %." in shown
    assert "deleted" in shown and "fewer" not in shown  # than one word there are none
    assert "Tried: every word alone, masked or deleted; 14 changes" in shown
    two = replace(flip, words=words * 2, attempts=(Attempt(1, 7, True), Attempt(2, 3, False)))
    assert "(2 words; fewer do not change it)" in more.flips([two])
    rough = replace(two, attempts=(Attempt(1, 5, False), Attempt(2, 3, False)))
    assert "(2 words; fewer might change it, too)" in more.flips([rough])
    assert "5 words alone, 3 pairs" in more.flips([rough])


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize(
    ("prompt", "choices"),
    [
        ("She opened the umbrella.", ("It had begun to rain.", "The fish was asleep.")),
        ("The glass fell off the table.", ("It broke.", "It began to sing.", "It flew home.")),
        ("Tom was hungry.", ("He ate a sandwich.", "He ate a chair.")),
    ],
)
def test_a_flip_of_a_choice_may_touch_any_choice(
    role: str, prompt: str, choices: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load("multiple_choice", role)
    touched = set()

    def listed(request, edits, loaded):
        touched.update(request.piece_rows.pieces[i].part for edit in edits for i in edit.pieces)
        return edited(request, edits, loaded)

    monkeypatch.setattr(counterfactuals, "edited", listed)
    found = attribute(MultipleChoiceInput(prompt, choices), loaded, None, "gradient_x_input")
    flip = smallest_flip(found, loaded)
    assert touched == {"prompt", *(f"choice {n}" for n in range(1, len(choices) + 1))}
    assert flip.attempts[0].complete  # every word of every choice, alone


def test_a_flip_may_delete() -> None:
    """Masking the negation of this text changes nothing, deleting it does, or neither does."""
    loaded = load("sentiment", "teacher")
    texts = ("It is not good.", "Never dull.", "A film without charm.", "I did not like it at all.")
    actions = set()
    for text in texts:
        flip = smallest_flip(attribute(SentimentInput(text), loaded, None, "occlusion"), loaded)
        assert flip.actions == ("mask", "delete")
        either = [
            smallest_flip(attribute(SentimentInput(text), loaded, None, "occlusion"), loaded, [a])
            for a in flip.actions
        ]
        sizes = [len(each.words) for each in either if each.words]
        assert len(flip.words) == min(sizes, default=0)
        actions.add(flip.action)
    assert actions <= {"mask", "delete"}


def test_every_piece_of_a_character_is_edited() -> None:
    loaded = load("sentiment", "student")
    found = attribute(SentimentInput("The film 한국 is dull."), loaded, method="gradient_x_input")
    (word,) = [word for word in found.words if word.text == "한국"]
    assert len(word.pieces) > 2  # two characters
    after = change(found, loaded, [Edit(word.pieces, "delete")]).after
    result = sentiment.classify("The film is dull.", loaded)
    assert after.text == result.label
    assert after.probability == pytest.approx(max(result.probabilities), abs=1e-5)


def test_a_masked_word_is_the_mask_token_where_it_stood() -> None:
    loaded = tiny("sentiment", "teacher")
    found = attribute(SentimentInput("a dull film"), loaded, SentimentTarget("positive"))
    changed = change(found, loaded, [Edit((2,), "mask")])
    ids = [piece.id for piece in found.pieces]
    ids[2] = loaded.tokenizer.mask_token_id
    assert [piece.id for piece in changed.attribution.pieces] == ids
    with torch.no_grad():
        logits = loaded.model(**encoding.tensors(loaded, [Row(tuple(ids), len(ids))])).logits[0]
    assert changed.attribution.ledger.value == pytest.approx(float(logits[1]), abs=1e-4)
    assert changed.attribution.words[1].text == "[MASK]"


@pytest.mark.parametrize("head", HEADS)
def test_the_target_moves_along_with_what_is_deleted(head: str) -> None:
    """F after a deletion is F of the shorter text; nothing else is read than before."""
    loaded, head_input = tiny(head, "teacher"), PLAIN[head]
    found = attribute(head_input, loaded, asked(head_input), "gradient_x_input")
    places = {t.position for t in found.terms}
    free = next(
        i for i, piece in enumerate(found.pieces) if i not in places and not piece.is_special
    )
    changed = change(found, loaded, [Edit((free,), "delete")]).attribution
    for old, new in zip(found.terms, changed.terms, strict=True):
        assert new.position == old.position - (old.position > free)
        assert changed.pieces[new.position].id == found.pieces[old.position].id


@pytest.mark.parametrize("role", ["teacher", "student"])
@pytest.mark.parametrize("action", ["mask", "delete"])
def test_the_smallest_flip_is_the_smallest(role: str, action: str) -> None:
    loaded = tiny("sentiment", role)
    text = "the very old mill is quiet now"
    found = attribute(SentimentInput(text), loaded, None, "occlusion")
    flip = smallest_flip(found, loaded, [action])
    question = request_again(found, loaded)
    ((original, _),) = answers([question], loaded)
    words = [word.pieces for word in found.words]

    def flips(size: int) -> bool:
        for chosen in combinations(words, size):
            edits = [Edit(pieces, action) for pieces in chosen]
            if change(found, loaded, edits).flipped:
                return True
        return False

    if flip.words:
        assert flip.smallest
        assert flip.after.text != flip.before.text
        assert not any(flips(size) for size in range(1, len(flip.words)))
        again = change(found, loaded, [Edit(word.pieces, action) for word in flip.words])
        assert again.flipped
    else:
        assert original is not None
        assert not flips(1)


@pytest.mark.parametrize("head", HEADS)
def test_a_flip_is_looked_for_in_every_head(head: str) -> None:
    loaded, head_input = tiny(head, "student"), PLAIN[head]
    found = attribute(head_input, loaded, asked(head_input), "gradient_x_input")
    flip = smallest_flip(found, loaded)
    assert 1 <= flip.tried <= flip.most
    assert (flip.after.text != flip.before.text) == bool(flip.words)


@pytest.mark.parametrize("words", [1, 2, 5, 14])
def test_all_changes_are_tried_where_none_flips_the_answer(
    monkeypatch: pytest.MonkeyPatch, words: int
) -> None:
    loaded, head_input = tiny("sentiment", "student"), SentimentInput("so " * words)
    found = attribute(head_input, loaded, None, "gradient_x_input")
    (unchanged,) = answers([request_again(found, loaded)], loaded)
    monkeypatch.setattr(
        "explain.attribution.counterfactuals.answers",
        lambda requests, *_: [unchanged] * len(requests),
    )
    flip = smallest_flip(found, loaded, ("mask",))
    assert flip.tried == flip.most


def test_what_is_asked_about_is_left_alone() -> None:
    loaded = tiny("ner", "teacher")
    found = attribute(NerInput("Anna met Bob"), loaded, NerTarget(0, 4, "PER"), "occlusion")
    flip = smallest_flip(found, loaded)
    assert all(word.text != "Anna" for word in flip.words)
    with pytest.raises(InputError, match="part of what is explained"):
        change(found, loaded, [Edit((1,), "delete")])


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Edit((0,), "delete"), "Choose a word"),
        (Edit((99,), "mask"), "Choose a word"),
        (Edit((1,), "shout"), "delete, mask, replace"),
        (Edit((1,), "replace", " "), "new word is empty"),
    ],
)
def test_edits_that_cannot_be_made_are_said_in_words(edit: Edit, sentence: str) -> None:
    loaded = tiny("sentiment", "teacher")
    found = attribute(SentimentInput("a film"), loaded, SentimentTarget("positive"), "occlusion")
    with pytest.raises(InputError, match=sentence):
        change(found, loaded, [edit])


def test_the_mask_to_be_filled_cannot_be_edited() -> None:
    loaded = tiny("fill_mask", "teacher")
    found = attribute(FillMaskInput("a [MASK] film"), loaded, None, "occlusion")
    with pytest.raises(InputError, match="Choose a word"):
        change(found, loaded, [Edit((2,), "delete")])
