"""Names in a text: how it is cut into words, how tags become names, where each one stands."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from explain.heads.ner import merge, tag, tag_words, windows_of, words_of
from explain.models import ROLES, Loaded, load
from explain.records import Entity, InputError, NerResult, TaggedWord
from tests.test_encoding import TEXTS
from tests.tiny import relabelled, tiny

NAMES = "Jim Henson was born in Greenville 🎈 and Jim Henson moved to London."


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in words_of(text)]


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jim Henson, Jr., was here.", "Jim|Henson|,|Jr.|,|was|here|."),
        ("The U.S. and the U.S.A beat the U.K.", "The|U.S.|and|the|U.S.A|beat|the|U.K."),
        ("J. R. R. Tolkien met J.K. Rowling", "J.|R.|R.|Tolkien|met|J.K.|Rowling"),
        ("Dr. Who, Ph.D., of St. Louis", "Dr.|Who|,|Ph.D.|,|of|St.|Louis"),
        ("Apple Inc. sued Samsung Co. Ltd.", "Apple|Inc.|sued|Samsung|Co.|Ltd."),
        ("On Dec. 24 I met Jan. Malcolm X.", "On|Dec.|24|I|met|Jan|.|Malcolm|X|."),
        ("Mr.Smith left. He did", "Mr.|Smith|left|.|He|did"),
        ("Henson's O'Brien's Lee’s James'", "Henson|'s|O'Brien|'s|Lee|’s|James|'"),
        ("I'm sure they've said we'll go", "I|'m|sure|they|'ve|said|we|'ll|go"),
        ("don't isn’t o'clock d'Artagnan", "don't|isn’t|o'clock|d'Artagnan"),
        ("'tis 'Paris' \"Rome\" “Oslo”", "'|tis|'|Paris|'|\"|Rome|\"|“|Oslo|”"),
        ("Saint-Denis, Jean-Luc, Kim Jong-un", "Saint-Denis|,|Jean-Luc|,|Kim|Jong-un"),
        ("New York-based, Paris-born", "New|York|-based|,|Paris|-born"),
        ("Paris–Nice, and — so -- on", "Paris|–|Nice|,|and|—|so|--|on"),
        ("AT&T, R&B and Q&A", "AT&T|,|R&B|and|Q&A"),
        ("@jim_henson saw #MuppetShow2", "@|jim_henson|saw|#MuppetShow2"),
        ("at 3.14, 40,000 or 9/11 by 5:40", "at|3.14|,|40,000|or|9/11|by|5:40"),
        ("$5m, £2.50, 15%, €3", "$|5m|,|£|2.50|,|15|%|,|€|3"),
        ("either/or, AC/DC, km/h", "either|/|or|,|AC|/|DC|,|km|/|h"),
        ("See https://a.org/b?c=1, www.x.com.", "See|https://a.org/b?c=1|,|www.x.com|."),
        ("mail jim.h@muppets.co.uk, ok", "mail|jim.h@muppets.co.uk|,|ok"),
        ("booking.com or Node.js in Rome.Then", "booking.com|or|Node.js|in|Rome|.|Then"),
        ("Wait... what?! No!!! (yes)", "Wait|...|what|?|!|No|!!!|(|yes|)"),
        ("snake_case and ___ here", "snake_case|and|___|here"),
        ("a\tb\r\nc\u00a0d", "a|b|c|d"),
        ("Jose\u0301 Garci\u0301a", "Jose\u0301|Garci\u0301a"),
        ("Mup\u00adpet Mu\u200bseum", "Mup\u00adpet|Mu\u200bseum"),
        ("🎈🎈 and 👩‍👧", "🎈🎈|and|👩|\u200d|👧"),
        ("שלום לעולם مرحبا", "שלום|לעולם|مرحبا"),
        ("<script>alert(1)</script>", "<|script|>|alert|(|1|)|<|/|script|>"),
    ],
)
def test_a_text_is_cut_into_words_as_labelled_data_is(text: str, words: str) -> None:
    assert cut(text) == words.split("|")


@pytest.mark.parametrize("text", [*TEXTS, "".join(map(chr, range(1, 0x3000)))])
def test_words_are_in_order_and_leave_out_white_space_alone(text: str) -> None:
    spans = words_of(text)
    assert all(before <= start < end for (_, before), (start, end) in pairwise([(0, 0), *spans]))
    kept = set().union(*(range(start, end) for start, end in spans))
    assert all(text[i].isspace() for i in range(len(text)) if i not in kept)


@pytest.mark.parametrize(
    "unit",
    ["a.", "a'", "x", "@", "1,2", "X1.", "A-", "www.", "a@", "a-based", "#", "'s", "https://"],
)
def test_cutting_takes_no_longer_a_piece_in_the_longest_text(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    began = time.process_time()
    assert words_of(text)[-1][1] == len(text)
    assert time.process_time() - began < 2.0


# Tags to names


def word(text: str, start: int, tag: str, probability: float = 0.5) -> TaggedWord:
    return TaggedWord(text, start, start + len(text), tag, probability, ())


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ("O O O O", []),
        ("B-PER I-PER O B-PER", [("PER", 0, 1), ("PER", 3, 3)]),
        ("B-PER B-PER I-PER I-PER", [("PER", 0, 0), ("PER", 1, 3)]),
        ("I-LOC I-LOC O O", [("LOC", 0, 1)]),  # I- without B- starts one
        ("B-LOC I-ORG I-ORG O", [("LOC", 0, 0), ("ORG", 1, 2)]),  # another kind starts another
        ("B-PER O I-PER O", [("PER", 0, 0), ("PER", 2, 2)]),  # O closes
        ("O O O B-MISC", [("MISC", 3, 3)]),
        ("I-PER B-PER I-PER I-LOC", [("PER", 0, 0), ("PER", 1, 2), ("LOC", 3, 3)]),
    ],
)
def test_bio_tags_become_names(tags: str, names: list[tuple[str, int, int]]) -> None:
    text = "Kim Kim Lee Kim"
    words = [word(*pair) for pair in zip(text.split(), (0, 4, 8, 12), tags.split(), strict=True)]
    found = merge(text, words)
    assert [(one.kind, one.first_word, one.last_word) for one in found] == names
    for one in found:
        assert text[one.start : one.end] == one.text
        assert (one.start, one.end) == (words[one.first_word].start, words[one.last_word].end)
        assert one.probability == pytest.approx(0.5 ** (one.last_word - one.first_word + 1))


def naive(tags: list[str]) -> list[tuple[str, int, int]]:
    """Names by the definition: a name starts where no name of its kind goes on."""
    names = []
    for first, name in enumerate(tags):
        goes_on = name[:1] == "I" and first > 0 and tags[first - 1][2:] == name[2:]
        if name == "O" or goes_on:
            continue
        last = first
        while last + 1 < len(tags) and tags[last + 1] == f"I-{name[2:]}":
            last += 1
        names.append((name[2:], first, last))
    return names


def test_bio_tags_become_names_as_by_the_definition() -> None:
    draw = random.Random(0)
    labels = tiny("ner", "teacher").labels
    for _ in range(300):
        tags = draw.choices(labels, k=draw.randint(1, 12))
        words = [word("x", 2 * i, name) for i, name in enumerate(tags)]
        found = merge("x " * len(tags), words)
        assert [(one.kind, one.first_word, one.last_word) for one in found] == naive(tags)


def test_an_invisible_mark_does_not_part_a_name() -> None:
    loaded = load("ner", "teacher")
    for mark in ("\u200b", "\u200e", "\ufeff"):
        text = f"{mark} Jim {mark}Henson was born in {mark} Paris."
        found = tag(text, loaded)
        consistent(found)
        plain = tag("Jim Henson was born in Paris.", loaded)
        names = [(one.kind, one.text.replace(mark, "").split()) for one in found.entities]
        assert names == [(one.kind, one.text.split()) for one in plain.entities]
        assert [one.text for one in found.entities][-1] == "Paris"


# The whole


def consistent(found: NerResult) -> None:
    """Every word and every name slices the text; names are what their words' tags say."""
    for one in (*found.words, *found.entities):
        assert found.text[one.start : one.end] == one.text
        assert 0.0 <= one.probability <= 1.0
    assert found.entities == merge(found.text, found.words)
    assert [(one.kind, one.first_word, one.last_word) for one in found.entities] == naive(
        [one.tag for one in found.words]
    )
    inside = "O"
    for one in found.words:
        scores = torch.tensor(one.logits).softmax(0)
        assert float(scores.sum()) == pytest.approx(1.0, abs=1e-5)
        chosen = float(scores[found.labels.index(one.tag)])
        assert one.probability == pytest.approx(chosen, abs=1e-5)
        assert not one.tag.startswith("I-") or inside[1:] == one.tag[1:]  # goes on with its own
        inside = one.tag


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("text", [*TEXTS, NAMES])
def test_words_and_names_stand_where_they_stand_in_the_text_as_typed(role: str, text: str) -> None:
    found = tag(text, tiny("ner", role))
    consistent(found)
    assert [(one.start, one.end) for one in found.words] == list(words_of(text))
    assert found.loss is None


@pytest.mark.parametrize("role", ROLES)
def test_the_first_piece_of_a_word_carries_its_tag_and_the_loss_is_the_models_own(
    role: str,
) -> None:
    loaded = tiny("ner", role)
    words = cut("Greenville's flabbergasted O'Brien met Jim Henson.")
    tags = ["B-LOC", "O", "O", "B-PER", "O", "B-PER", "I-PER", "O"]
    batch = loaded.tokenizer(words, is_split_into_words=True, return_tensors="pt")
    owners = batch.word_ids()
    first = [owners.index(number) for number in range(len(words))]
    labels = torch.full((1, len(owners)), -100)
    labels[0, first] = torch.tensor([loaded.labels.index(name) for name in tags])
    with torch.inference_mode():
        output = loaded.model(**batch, labels=labels)
    found = tag("Greenville's flabbergasted O'Brien met Jim Henson.", loaded, tags)
    for one, logits in zip(found.words, output.logits[0, first].tolist(), strict=True):
        assert one.logits == pytest.approx(logits, abs=1e-4)
    assert found.loss == pytest.approx(float(output.loss), abs=1e-4)
    assert found.timing.pieces == len(owners)


@pytest.mark.parametrize("role", ROLES)
def test_tags_of_a_checkpoint_in_another_order_are_read_by_its_own_labels(role: str) -> None:
    loaded = tiny("ner", role)
    other = relabelled(loaded, loaded.labels[3:] + loaded.labels[:3])
    for one, two in zip(tag(NAMES, loaded).words, tag(NAMES, other).words, strict=True):
        assert one.logits == two.logits
    consistent(tag(NAMES, other))


def test_text_that_comes_as_words_is_tagged_word_for_word() -> None:
    loaded = tiny("ner", "teacher")
    words = ["Jim", "Henson", "'s", "Mup\u00adpets", "in", "#1-2", "U.S.", "\u200b", "Jim"]
    (found,) = tag_words([words], loaded)
    assert [one.text for one in found.words] == words
    assert found.text == " ".join(words)
    consistent(found)
    assert (found.words[7].tag, found.words[7].probability) == ("O", pytest.approx(1.0))
    spaced = ["Jim", "Henson", "moved", "to", "London"]
    assert tag_words([spaced], loaded)[0].words == tag(" ".join(spaced), loaded).words


@pytest.mark.parametrize("role", ROLES)
def test_a_list_gives_what_its_texts_give_one_by_one(role: str) -> None:
    loaded = tiny("ner", role, window=32)
    texts = ["London.", NAMES, "Jim Henson and Kermit " * 30, "It is."]
    tags = [["B-LOC", "O"], None, None, ["O", "O", "O"]]
    together = tag(texts, loaded, tags)
    for both, text, given in zip(together, texts, tags, strict=True):
        alone = tag(text, loaded, given)
        assert (both.text, both.windows) == (alone.text, alone.windows)
        assert [one.tag for one in both.words] == [one.tag for one in alone.words]
        for one, other in zip(both.words, alone.words, strict=True):
            assert one.logits == pytest.approx(other.logits, abs=1e-4)
        assert both.loss == pytest.approx(alone.loss, abs=1e-4)
        assert both.timing.pieces == alone.timing.pieces
    assert tag([], loaded) == ()


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        (["O"], "Give one tag per word: the text has 2 words, found 1 tags."),
        (["O", "B-PLACE"], "'B-PLACE' is no tag; use O, B-PER, I-PER, "),
        (["O", None], "'None' is no tag; use O, B-PER, I-PER, "),
    ],
)
def test_tags_that_do_not_fit_are_refused(tags: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        tag("Hello London", tiny("ner", "teacher"), tags)
    assert str(refused.value).startswith(sentence)


# Windows


def test_windows_cover_every_piece_and_overlap_by_half() -> None:
    for count in range(1, 120):
        for size in range(2, 40):
            windows = windows_of(count, size)
            assert windows[0][0] == 0
            assert windows[-1][1] == count
            assert all(end - start == min(size, count) for start, end in windows)
            for (start, end), (after, _) in pairwise(windows):
                assert start < after <= end - size // 2, (count, size)


def window_logits(loaded: Loaded, text: str) -> list[list[float]]:
    """Each word's logits by brute force: every window read, the widest margin taken."""
    words = cut(text)
    owners: list[int] = []
    ids: list[int] = []
    for number, one in enumerate(words):
        own = loaded.tokenizer(one, add_special_tokens=False)["input_ids"]
        ids += own
        owners += [number] * len(own)
    found: dict[int, tuple[int, list[float]]] = {}
    for start, end in windows_of(len(ids), loaded.window - 2):
        row = torch.tensor([[101, *ids[start:end], 102]])
        with torch.inference_mode():
            logits = loaded.model(row).logits[0, 1:-1].tolist()
        for place in range(start, end):
            if place and owners[place] == owners[place - 1]:
                continue
            left = len(ids) if start == 0 else place - start
            right = len(ids) if end == len(ids) else end - 1 - place
            margin = min(left, right)
            if margin > found.get(owners[place], (-1, []))[0]:
                found[owners[place]] = margin, logits[place - start]
    return [found[number][1] for number in range(len(words))]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("length", [10, 29, 30, 31, 45, 100, 333])
def test_a_word_of_a_long_text_is_read_where_it_has_the_most_surroundings(
    role: str, length: int
) -> None:
    loaded = tiny("ner", role, window=32)
    draw = random.Random(length)
    vocabulary = ["Jim", "Henson", "flabbergasted", "in", "London", "O'Brien's", "3.14", "🎈"]
    text = " ".join(draw.choices(vocabulary, k=length))
    found = tag(text, loaded)
    wanted = window_logits(loaded, text)
    for one, logits in zip(found.words, wanted, strict=True):
        assert one.logits == pytest.approx(logits, abs=1e-3)
    consistent(found)


def test_names_in_every_window_of_a_long_text_are_kept_with_their_offsets() -> None:
    loaded = tiny("ner", "student", window=24)
    sentence = "Jim Henson moved to London. "
    found = tag(sentence * 40, loaded)
    assert found.windows > 10
    assert [one.start for one in found.words if one.text == "Henson"] == [
        4 + len(sentence) * n for n in range(40)
    ]
    consistent(found)


def test_an_entity_is_a_record_of_plain_values() -> None:
    one = Entity("Jim", "PER", 0, 3, 0.9, 0, 0)
    assert replace(one, kind="LOC").kind == "LOC"
    with pytest.raises(AttributeError):
        one.kind = "LOC"  # type: ignore[misc]
