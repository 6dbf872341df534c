"""The masked word: which texts have one mask, what is scored there, words of several pieces."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from explain.heads.fill_mask import fill
from explain.models import ROLES, Loaded
from explain.records import InputError
from tests.tiny import tiny

TEXT = "The capital of France is [MASK]."


def logits_at(loaded: Loaded, text: str) -> torch.Tensor:
    """The vocabulary's logits at the first mask, by the model's own tokenizer and forward pass."""
    batch = loaded.tokenizer(text, return_tensors="pt")
    position = batch["input_ids"][0].tolist().index(loaded.tokenizer.mask_token_id)
    with torch.inference_mode():
        return loaded.model(**batch).logits[0, position]


@pytest.mark.parametrize("role", ROLES)
def test_candidates_are_the_best_of_the_plain_forward_pass(role: str) -> None:
    loaded = tiny("fill_mask", role)
    logits = logits_at(loaded, TEXT)
    best = logits.topk(7)
    found = fill(TEXT, loaded, top=7).candidates
    assert [one.token_id for one in found] == best.indices.tolist()
    words = loaded.tokenizer.convert_ids_to_tokens(best.indices.tolist())
    assert [one.word for one in found] == words
    assert [one.whole_word for one in found] == [not word.startswith("##") for word in words]
    assert [one.logit for one in found] == pytest.approx(best.values.tolist(), abs=1e-4)
    wanted = logits.softmax(-1)[best.indices].tolist()
    assert [one.probability for one in found] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("role", ROLES)
def test_probabilities_of_the_vocabulary_sum_to_one(role: str) -> None:
    loaded = tiny("fill_mask", role)
    found = fill(TEXT, loaded, top=100).candidates
    logits = logits_at(loaded, TEXT)
    rest = logits.softmax(-1).sort(descending=True).values[100:].sum()
    assert sum(one.probability for one in found) + float(rest) == pytest.approx(1.0, abs=1e-4)
    assert all(one.probability >= other.probability for one, other in pairwise(found))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("written", ["<mask>", "___", "__________", "[mask]", "<MASK>"])
def test_a_mask_may_be_written_in_several_ways(role: str, written: str) -> None:
    loaded = tiny("fill_mask", role)
    other = fill(TEXT.replace("[MASK]", written), loaded)
    assert other.candidates == fill(TEXT, loaded).candidates
    assert other.text == TEXT.replace("[MASK]", written)


@pytest.mark.parametrize("text", ["Good[MASK]film", "a ___.", "[MASK]", "([MASK])", "_ [MASK] __"])
def test_a_mask_may_touch_its_neighbours_or_stand_alone(text: str) -> None:
    loaded = tiny("fill_mask", "student")
    wanted = logits_at(loaded, text.replace("___", "[MASK]")).topk(5).indices.tolist()
    assert [one.token_id for one in fill(text, loaded).candidates] == wanted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("No mask here.", "none"),
        ("Two [MASK] and [MASK].", "2"),
        ("A [MASK], a <mask>, a ____.", "3"),
        ("[MASK is cut off", "none"),
        ("short __ line", "none"),
    ],
)
def test_none_or_several_masks_are_counted_in_the_sentence(text: str, count: str) -> None:
    with pytest.raises(InputError) as refused:
        fill(text, tiny("fill_mask", "teacher"))
    assert str(refused.value) == f"Keep exactly one [MASK] in the text; found {count}."


@pytest.mark.parametrize("role", ROLES)
def test_the_loss_of_a_word_is_the_models_own_loss_for_that_label(role: str) -> None:
    loaded = tiny("fill_mask", role)
    batch = loaded.tokenizer(TEXT, return_tensors="pt")
    paris = loaded.tokenizer.convert_tokens_to_ids("paris")
    masked = batch["input_ids"] == loaded.tokenizer.mask_token_id
    with torch.inference_mode():
        wanted = float(loaded.model(**batch, labels=masked * paris - 100 * ~masked).loss)
    answer = fill(TEXT, loaded, answer=" Paris ").answer
    assert answer is not None
    assert answer.loss == pytest.approx(wanted, abs=1e-4)
    assert answer.probability == pytest.approx(math.exp(-wanted), rel=1e-3)
    assert (answer.word, answer.pieces) == ("Paris", ("paris",))


@pytest.mark.parametrize("role", ROLES)
def test_the_rank_counts_the_better_entries_of_the_vocabulary(role: str) -> None:
    loaded = tiny("fill_mask", role)
    order = logits_at(loaded, TEXT).argsort(descending=True).tolist()
    for word in ("paris", "london", "the"):
        answer = fill(TEXT, loaded, answer=word).answer
        assert answer is not None
        assert answer.rank == order.index(loaded.tokenizer.convert_tokens_to_ids(word)) + 1
    best = fill(TEXT, loaded).candidates[0]
    first = loaded.tokenizer.convert_ids_to_tokens(order)
    whole = next(word for word in first if word.isalpha())  # the best that can be typed
    again = fill(TEXT, loaded, answer=whole).answer
    assert again is not None
    assert again.rank == first.index(whole) + 1
    assert best.token_id == order[0]


@pytest.mark.parametrize("role", ROLES)
def test_a_word_of_several_pieces_is_filled_in_from_left_to_right(role: str) -> None:
    loaded = tiny("fill_mask", role)
    pieces = loaded.tokenizer.tokenize("flabbergasted")
    assert len(pieces) == 5
    loss = 0.0
    for done, piece in enumerate(pieces):
        ids = loaded.tokenizer.convert_tokens_to_ids(pieces[:done])
        batch = loaded.tokenizer("He was " + "[MASK] " * 5 + "by it.", return_tensors="pt")
        batch["input_ids"][0, 3 : 3 + done] = torch.tensor(ids, dtype=torch.long)
        with torch.inference_mode():
            logs = loaded.model(**batch).logits[0, 3 + done].log_softmax(-1)
        loss -= float(logs[loaded.tokenizer.convert_tokens_to_ids(piece)])
    answer = fill("He was [MASK] by it.", loaded, answer="flabbergasted").answer
    assert answer is not None
    assert answer.pieces == tuple(pieces)
    assert answer.loss == pytest.approx(loss, rel=1e-4)
    assert answer.probability == pytest.approx(math.exp(-loss), rel=1e-2)
    assert answer.rank is None  # a rank among single entries would compare unlike things


def test_naming_a_word_does_not_change_the_candidates() -> None:
    loaded = tiny("fill_mask", "teacher")
    plain = fill(TEXT, loaded)
    for word in ("Paris", "flabbergasted"):
        named = fill(TEXT, loaded, answer=word)
        for one, other in zip(named.candidates, plain.candidates, strict=True):
            assert one.token_id == other.token_id
            assert one.probability == pytest.approx(other.probability, abs=1e-5)


def test_naming_a_word_does_not_change_what_is_read_of_a_text_that_just_fits() -> None:
    loaded = tiny("fill_mask", "teacher")
    text = "the " * (loaded.window - 3) + "[MASK]"
    plain, named = fill(text, loaded), fill(text, loaded, answer="flabbergasted")
    assert plain.unread == named.unread == 0
    for one, other in zip(named.candidates, plain.candidates, strict=True):
        assert one.logit == pytest.approx(other.logit, abs=1e-3)
    assert named.answer is not None and len(named.answer.pieces) == 5
    assert named.timing.pieces == 6 * loaded.window == 6 * plain.timing.pieces


@pytest.mark.parametrize("blank", [None, "", "  \t"])
def test_a_blank_word_is_no_word(blank: str | None) -> None:
    assert fill(TEXT, tiny("fill_mask", "teacher"), answer=blank).answer is None


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("🎈", "'🎈' is not in the vocabulary: try another word."),
        ("\u200b", "The word has nothing a model can read: type some English words."),
        ("a b c d e f g h i", "'a b c d e f g h i' has 9 word pieces: name a word of at most 8."),
        (7, "The word must be text, not int."),
        ("\ud83d", "The word holds half of a character pair: delete it and paste again."),
    ],
)
def test_a_word_that_cannot_be_scored_is_refused(word: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        fill(TEXT, tiny("fill_mask", "teacher"), answer=word)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("role", ROLES)
def test_a_list_gives_what_its_texts_give_one_by_one(role: str) -> None:
    loaded = tiny("fill_mask", role)
    texts = [TEXT, "___", "A much longer text, with " + "very " * 30 + "[MASK] words in it."]
    answers = ["Paris", None, "flabbergasted"]
    together = fill(texts, loaded, top=4, answer=answers)
    for both, text, answer in zip(together, texts, answers, strict=True):
        alone = fill(text, loaded, top=4, answer=answer)
        assert both.text == text
        assert [one.token_id for one in both.candidates] == [c.token_id for c in alone.candidates]
        for one, other in zip(both.candidates, alone.candidates, strict=True):
            assert one.logit == pytest.approx(other.logit, abs=1e-4)
            assert one.probability == pytest.approx(other.probability, abs=1e-4)
        assert (both.answer is None) == (alone.answer is None)
        if both.answer and alone.answer:
            assert both.answer.loss == pytest.approx(alone.answer.loss, abs=1e-3)
            assert both.answer.rank == alone.answer.rank
        assert both.timing.pieces == alone.timing.pieces
    assert fill([], loaded) == ()


@pytest.mark.parametrize("before", [0, 5, 100, 300])
@pytest.mark.parametrize("after", [0, 5, 100, 300])
def test_of_a_long_text_the_pieces_nearest_to_the_mask_are_read(before: int, after: int) -> None:
    loaded = tiny("fill_mask", "student", window=42)
    text = "left " * before + "[MASK]" + " right" * after
    found = fill(text, loaded)
    assert found.unread == max(0, before + after - 39)
    near = max(39 - after, 19), max(39 - before, 20)
    read = "left " * min(before, near[0]) + "[MASK]" + " right" * min(after, near[1])
    assert found.candidates == fill(read, loaded).candidates
    assert found.timing.pieces == min(42, before + after + 3)


@pytest.mark.parametrize("top", [0, 101, -1, "5", None, 2.5])
def test_only_1_to_100_candidates_can_be_asked_for(top: object) -> None:
    with pytest.raises(InputError, match=r"^Ask for 1 to 100 candidates, not "):
        fill(TEXT, tiny("fill_mask", "teacher"), top=top)  # type: ignore[call-overload]
