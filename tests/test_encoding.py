"""Text to rows and batches: exact offsets, the right segments, nothing shared between threads."""

from __future__ import annotations

import itertools
import random
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from explain import encoding
from explain.encoding import Row
from explain.heads import steps
from explain.records import InputError
from tests.tiny import tiny

TEXTS = (
    "Hello, my dog is cute",
    "Jim Henson met Jim Henson, and Jim met Henson.",
    "Zürich, São Paulo and Curaçao",  # accents in one character
    unicodedata.normalize("NFD", "Zürich, São Paulo and Curaçao"),  # and in two
    "Dr. O'Brien's so-called “friend” said: \"don't!\"",
    "tabs\tand\r\nlines\n\n of Windows\r\n",
    "👩‍👩‍👧 loves 🎈🎈 and 🇨🇿 in Prague 🎈",
    "שלום from Jerusalem, مرحبا from Cairo",
    "zero\u200bwidth\u00adsoft\ufeff and \x00control\x07 marks \u202eright to left\u202c",
    "日本 in Japan, ﬁne ligatures, İstanbul, straße",
    "<script>alert('x')</script> & <b>bold</b>",
)
ARTICLE = [101, 7592, 1010, 2026, 3899, 2003, 10140, 102]


def plain(text: str) -> str:
    """What the uncased tokenizer makes of one piece: small letters without accents or controls."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in letters if unicodedata.category(c) not in ("Mn", "Cc", "Cf"))


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_the_articles_sentence_has_the_articles_ids(role: str) -> None:
    loaded = tiny("sentiment", role)
    ids = encoding.pieces(loaded, "Hello, my dog is cute").ids
    assert list(encoding.row(loaded, ids).ids) == ARTICLE
    assert loaded.tokenizer("Hello, my dog is cute")["input_ids"] == ARTICLE


@pytest.mark.parametrize("text", TEXTS)
def test_every_piece_slices_the_text_as_typed(text: str) -> None:
    found = encoding.pieces(tiny("ner", "teacher"), text)
    end = 0
    for token, (start, stop) in zip(found.tokens, found.offsets, strict=True):
        assert end <= start < stop <= len(text)
        end = stop
        assert token == "[UNK]" or plain(text[start:stop]) == token.removeprefix("##")


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_rows_are_those_of_the_models_own_tokenizer(role: str) -> None:
    loaded = tiny("multiple_choice", role)
    first, second = "Who was Jim Henson?", "Jim Henson was a nice puppet"
    parts = [encoding.pieces(loaded, text).ids for text in (first, second)]
    batch = encoding.tensors(loaded, [encoding.row(loaded, *parts)])
    wanted = loaded.tokenizer(first, second, return_tensors="pt")
    assert batch.keys() == wanted.keys()
    assert all(batch[name].tolist() == wanted[name].tolist() for name in wanted)


def test_bert_gets_segments_and_distilbert_never_does() -> None:
    rows = [Row((101, 7, 102, 8, 9, 102), 3), Row((101, 7, 102), 3)]
    teacher = encoding.tensors(tiny("sentiment", "teacher"), rows)
    student = encoding.tensors(tiny("sentiment", "student"), rows)
    assert teacher["token_type_ids"].tolist() == [[0, 0, 0, 1, 1, 1], [0] * 6]
    assert "token_type_ids" not in student
    for batch in (teacher, student):
        assert batch["input_ids"].tolist() == [[101, 7, 102, 8, 9, 102], [101, 7, 102, 0, 0, 0]]
        assert batch["attention_mask"].tolist() == [[1] * 6, [1, 1, 1, 0, 0, 0]]


def test_every_row_is_in_one_batch_and_no_batch_is_over_the_budget() -> None:
    draw = random.Random(0)
    for _ in range(20):
        lengths = [draw.randint(1, 9_000) for _ in range(draw.randint(1, 60))]
        groups = list(steps.batches(lengths))
        assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
        for group in groups:
            padded = len(group) * max(lengths[index] for index in group)
            assert len(group) == 1 or padded <= steps.PADDED_BUDGET


def computed(groups: Iterable[Sequence[int]], lengths: Sequence[int]) -> int:
    """Word pieces that batches compute, with what each costs besides."""
    return sum(
        steps.PASS_COST + len(group) * max(lengths[index] for index in group) for group in groups
    )


def test_no_other_cut_of_the_rows_into_batches_computes_less() -> None:
    draw = random.Random(1)
    for _ in range(30):
        lengths = [draw.randint(3, 400) for _ in range(draw.randint(1, 9))]
        order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
        least = min(
            computed(cut, lengths)
            for places in range(len(lengths))
            for ends in itertools.combinations(range(1, len(lengths)), places)
            for cut in [[order[a:b] for a, b in itertools.pairwise((0, *ends, len(lengths)))]]
            if all(
                len(group) == 1 or len(group) * lengths[group[0]] <= steps.PADDED_BUDGET
                for group in cut
            )
        )
        assert computed(steps.batches(lengths), lengths) == least


@pytest.mark.parametrize("typed", ["[SEP]", "[CLS]", "[PAD]", "[MASK]", "[UNK]"])
def test_a_special_token_that_is_typed_is_text(typed: str) -> None:
    loaded = tiny("sentiment", "teacher")
    found = encoding.pieces(loaded, f"good {typed} film")
    assert not set(found.ids) & set(loaded.tokenizer.all_special_ids)
    assert found.tokens[:2] == ["good", "["]


def test_padding_set_by_another_caller_changes_no_later_text() -> None:
    loaded = tiny("ner", "teacher")
    before = encoding.pieces(loaded, "Jim Henson was a nice puppet").ids
    loaded.tokenizer(["a", "b c d e"], padding="max_length", truncation=True, max_length=4)
    assert encoding.pieces(loaded, "Jim Henson was a nice puppet").ids == before


def test_threads_that_pad_and_threads_that_do_not_get_along() -> None:
    loaded = tiny("ner", "student")
    texts = [" ".join(TEXTS[: n + 1]) for n in range(len(TEXTS))]
    wanted = [encoding.pieces(loaded, text).ids for text in texts]
    padding = threading.Lock()  # among themselves, those who pad have to take turns

    def encode(number: int) -> list[list[int]]:
        if number % 2:
            setting = {"padding": True, "truncation": True, "max_length": 3 + number}
            with padding:
                loaded.tokenizer(["a", "b c d"], **setting)
        return [encoding.pieces(loaded, text).ids for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert all(found == wanted for found in pool.map(encode, range(24)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is empty: type or paste some English."),
        (" \n\t ", "The text is empty: type or paste some English."),
        (None, "The text must be text, not NoneType."),
        (b"bytes", "The text must be text, not bytes."),
        ("x" * 100_000, "The text has 100,000 characters: shorten it to 50,000 or fewer."),
        ("a\ud83d", "The text holds half of a character pair: delete it and paste again."),
    ],
)
def test_what_no_model_can_read_is_refused_in_one_sentence(text: object, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        encoding.require_text(text)
    assert str(refused.value) == sentence


def test_a_text_is_given_back_as_typed() -> None:
    assert [encoding.require_text(text) for text in TEXTS] == list(TEXTS)


def test_a_text_of_signs_alone_may_not_have_more_pieces_than_a_model_gets_through() -> None:
    with pytest.raises(InputError, match=r"The text has 40,000 word pieces: shorten it to 20,000"):
        encoding.pieces(tiny("ner", "teacher"), "!?" * 20_000)


def test_marks_without_a_piece_are_not_a_text() -> None:
    with pytest.raises(InputError, match=r"^The word has nothing a model can read"):
        encoding.pieces(tiny("ner", "teacher"), "\u200b\x00\u202e", "word")


@pytest.mark.parametrize("number", [0, 6, -1, True, 2.0, "3", None])
def test_a_count_is_a_whole_number_in_its_range(number: object) -> None:
    assert encoding.require_count(5, 5, "answers") == 5
    with pytest.raises(InputError, match=r"^Ask for 1 to 5 answers, not "):
        encoding.require_count(number, 5, "answers")


def test_log_probabilities_of_a_few_logits_are_those_of_the_tensor() -> None:
    for scores in ([0.3], [2.0, -1.0], [1000.0, 998.0, -1e9], [-1e4] * 8):
        wanted = torch.tensor(scores, dtype=torch.float64).log_softmax(-1).tolist()
        assert encoding.log_softmax(scores) == pytest.approx(wanted)
