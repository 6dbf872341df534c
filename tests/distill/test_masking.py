"""Packed text, and the masked rows that are drawn from it."""

from itertools import pairwise

import numpy as np
import pytest

from distill import packing
from distill.masking import LONGEST_SENTENCE, MaskedText, Masking

TEXTS = [
    {"text": "Oslo is the capital of Norway. It lies on a fjord, and Oslo is old.", "doc": "Oslo"},
    {"text": "Dr. Hall of J. P. Hart lives there. He likes fish!", "doc": "Oslo"},
    {"text": "Cairo (Arabic: القاهرة) lies on the Nile. The river is long.", "doc": "Cairo"},
    *({"text": f"Ship number {n} carried grain, salt and wool over the sea.", "doc": f"ship {n}"}
      for n in range(300)),
]  # fmt: skip


@pytest.fixture(scope="module")
def packed(tokenizer, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.npz"
    count = packing.pack({"text_wikipedia": TEXTS}, tokenizer, path)
    sets = packing.read(path)
    assert count == len(sets["text_wikipedia"].pieces)
    return sets


def test_sentences_end_where_a_reader_ends_them():
    text = "Mr. Fox met J. P. Hart. They left! Why? (So it was.) 'Oh!' he said."
    assert packing.split_sentences(text) == [
        "Mr. Fox met J. P. Hart.", "They left!", "Why?", "(So it was.)", "'Oh!' he said.",
    ]  # fmt: skip
    assert packing.split_sentences("The U.S. Senate met at 5 p.m. on Monday.") == [
        "The U.S. Senate met at 5 p.m. on Monday."
    ]


def test_brackets_of_other_scripts_go_and_plain_ones_stay():
    assert (
        packing.without_debris("Cairo (Arabic: القاهرة) is old (very).") == "Cairo is old (very)."
    )


def test_packed_pieces_are_those_of_the_sentences_in_their_order(packed, tokenizer):
    text = packed["text_wikipedia"]
    sentences = [tokenizer.decode(text.pieces[a:b]) for a, b in pairwise(text.starts[:6])]
    assert sentences == [
        "oslo is the capital of norway.", "it lies on a fjord, and oslo is old.",
        "dr. hall of j. p. hart lives there.", "he likes fish!", "cairo lies on the nile.",
    ]  # fmt: skip
    assert text.leading[:6].tolist() == [2, 1, 0, 0, 2, 1]
    assert text.paragraphs[:6].tolist() == [0, 0, 1, 1, 2, 2]


def batches(packed, tokenizer, count=200, masking=None, budget=120):
    stream = MaskedText(packed, tokenizer, budget, 3, masking)
    return [batch for batch, _ in zip(stream, range(count), strict=False)]


def test_a_batch_restores_to_text_and_masks_whole_words(packed, tokenizer):
    pieces, window = set(packed["text_wikipedia"].pieces.tolist()), Masking().window
    inner = {n for word, n in tokenizer.get_vocab().items() if word.startswith("##")}
    for batch in batches(packed, tokenizer):
        ids = batch.inputs["input_ids"].clone()
        assert ids.numel() <= max(120, 8 * (window + 9)) and ids.shape[1] % 8 == 0
        masked = ids == tokenizer.mask_token_id
        assert masked.sum() == len(batch.where) == len(batch.labels)
        assert masked[batch.where[:, 0], batch.where[:, 1]].all()
        ids[batch.where[:, 0], batch.where[:, 1]] = batch.labels
        for row, hidden in zip(ids.tolist(), masked.tolist(), strict=True):
            length = row.index(tokenizer.sep_token_id)
            assert set(row[1:length]) <= pieces and length - 1 <= max(window, LONGEST_SENTENCE)
            for place in range(2, length):
                if row[place] in inner:  # a word is masked as a whole or not at all
                    assert hidden[place] == hidden[place - 1]


def test_a_salient_word_of_a_sentence_is_masked_wherever_it_occurs(packed, tokenizer):
    oslo = tokenizer.convert_tokens_to_ids("oslo")
    salient = Masking(sentences=0.0, random_windows=0.0, everywhere=1.0)
    seen = 0
    for batch in batches(packed, tokenizer, 400, salient):
        rows = batch.where[batch.labels == oslo][:, 0].tolist()
        for row in set(rows):
            seen += 1
            assert oslo not in batch.inputs["input_ids"][row].tolist()
    assert seen > 5


def test_a_sentence_shows_its_salient_words_once_and_a_window_none(packed, tokenizer):
    oslo, ship = (tokenizer.convert_tokens_to_ids(word) for word in ("oslo", "ship"))
    seen = set()
    for batch in batches(packed, tokenizer, masking=Masking(sentences=1.0)):
        for row, shown in zip(
            batch.inputs["input_ids"].tolist(), batch.shown.tolist(), strict=True
        ):
            words = [word for word in shown if word]
            assert len(set(words)) == len(words)
            assert set(words) <= set(row) - {tokenizer.mask_token_id}
            assert ship not in words  # too common here
            seen |= set(words)
    assert oslo in seen
    for batch in batches(packed, tokenizer, 50, Masking(sentences=0.0)):
        assert not batch.shown.any()


def test_a_window_has_at_most_the_pieces_that_are_asked_for(packed, tokenizer):
    for batch in batches(packed, tokenizer, 50, Masking(sentences=0.0, window=6)):
        assert batch.inputs["attention_mask"].sum(1).max() <= 6 + 2


def test_labelled_rows_are_told_as_whole_texts(tokenizer, tmp_path):
    rows = [
        {"context": "", "question": "Which statement makes sense?", "label": 1,
         "choices": ["Stones float.", "Corks float."]},
        {"context": "Stones float.", "question": "Why does this statement not make sense?",
         "label": 0, "choices": ["They sink.", "They sing."]},
        {"context": "It rained.", "question": "What happened as a result?", "label": 0,
         "choices": ["The street got wet.", "The street got dry."]},
        {"context": "The street got wet.", "question": "What was the cause of this?", "label": 1,
         "choices": ["It snowed in.", "It rained."]},
        {"context": "The dog", "question": "", "label": 0, "choices": ["barked.", "meowed."]},
    ]  # fmt: skip
    question = {"question": "Who came? ", "answers": {"text": ["Ada", "Ada L."]}}
    sets = {
        "mc_comve": packing.as_text("multiple_choice", rows),
        "qa_squad_dev": packing.as_text("question_answering", [question]),
    }
    packing.pack(sets, tokenizer, tmp_path / "text.npz")
    texts = [
        tokenizer.decode(text.pieces[a:b])
        for text in packing.read(tmp_path / "text.npz").values()
        for a, b in pairwise(text.starts)
    ]
    assert texts == [
        "corks float.", "they sink.", "it rained. the street got wet.",
        "it rained. the street got wet.", "the dog barked.", "who came? ada.",
    ]  # fmt: skip


def test_told_rows_are_drawn_as_sentences_and_never_in_windows(packed, tokenizer, tmp_path):
    row = {
        "context": "",
        "question": "Which?",
        "choices": ["Blue whales eat tiny krill."],
        "label": 0,
    }
    packing.pack(
        {"mc_comve": packing.as_text("multiple_choice", [row])}, tokenizer, tmp_path / "t.npz"
    )
    sets = packed | packing.read(tmp_path / "t.npz")
    whales = tokenizer.convert_tokens_to_ids("whales")
    for share, told in ((1.0, True), (0.0, False)):
        stream = MaskedText(sets, tokenizer, 120, 3, Masking(sentences=share))
        assert stream.as_text == ["mc_comve"]
        rows = [b.inputs["input_ids"] for b, _ in zip(stream, range(200), strict=False)]
        assert any((ids == whales).any() for ids in rows) == told


def test_rare_words_are_masked_more_often_than_common_ones(packed, tokenizer):
    labels = np.concatenate([b.labels.numpy() for b in batches(packed, tokenizer)])
    ids = packed["text_wikipedia"].pieces
    the, river = (tokenizer.convert_tokens_to_ids(word) for word in ("the", "river"))
    assert (labels == river).sum() / (ids == river).sum() > (labels == the).sum() / (
        ids == the
    ).sum()


def test_a_restored_stream_goes_on_as_if_it_had_not_stopped(packed, tokenizer):
    whole = MaskedText(packed, tokenizer, 120, 3)
    stream = iter(whole)
    for _ in range(45):  # into the second pool
        next(stream)
    other = MaskedText(packed, tokenizer, 120, 3)
    other.restore(whole.state())
    for _, batch, again in zip(range(60), stream, other, strict=False):
        assert batch.inputs["input_ids"].equal(again.inputs["input_ids"])
