"""Whatever is typed, every head gives a right answer or one clear sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pytest

from explain.heads.fill_mask import fill
from explain.heads.multiple_choice import choose
from explain.heads.ner import tag
from explain.heads.question_answering import answer, find_span
from explain.heads.sentiment import classify
from explain.models import HEADS, ROLES, Loaded
from explain.records import InputError
from tests.bad_inputs import BAD_INPUTS, BadInput, named
from tests.tiny import tiny

GOOD = "Jim Henson was born in Greenville."
ASK: dict[str, Callable[[Any, Loaded], Any]] = {  # one text in each place where one is typed
    "fill_mask": lambda text, loaded: fill(masked(text), loaded),
    "sentiment": lambda text, loaded: classify(text, loaded),
    "ner": lambda text, loaded: tag(text, loaded),
    "multiple_choice": lambda text, loaded: choose(text, ["Yes.", "No."], loaded),
    "question_answering": lambda text, loaded: answer("Who?", text, loaded),
}
OTHER: dict[str, Callable[[Any, Loaded], Any]] = {
    "the word": lambda text, loaded: fill("A [MASK].", loaded, answer=text),
    "a choice": lambda text, loaded: choose(GOOD, ["Yes.", text], loaded),
    "the question": lambda text, loaded: answer(text, GOOD, loaded),
}
HEAD_OF = {"the word": "fill_mask", "a choice": "multiple_choice"}
READABLE = {
    "script": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "right to left": "ولد جيم هنسون في غرينفيل, ג'ים הנסון נולד בגרינוויל",
    "right to left marks": "\u202eJim Henson\u202c was \u200fborn\u200e",
    "60 emoji": "🎈" * 30 + " 👩‍👩‍👧" * 30,
    "control characters": "Jim\x00 \x07Henson\x1b[31m was\x7f born\u0085 here\ufffd",
    "special pieces": "[CLS] Jim [SEP] Henson [PAD] [UNK] ##born",
    "one letter": "a",
    "one mark": "!",
    "a long word": "x" * 5_000,
    "accents without letters": "\u0301\u0301 Jim",
    "private and unassigned": "\ue000 \U000e0041 \U0010fffe Jim",
    "Chinese": "吉姆亨森出生在格林维尔",
    "markup": "{{7*7}} ${7*7} %s %(x)s {0} \\n \\u0041 '; DROP TABLE x; --",
    "separators": "Jim\u2028Henson\u2029was\x0b\x0cborn",
    "numbers": "1e309 -0 NaN Infinity 0x41",
}
REFUSED = {
    "empty": "",
    "blank": " \t\r\n\u00a0\u2003 ",
    "100,000 characters": "word " * 20_000,
    "lone surrogate": "Jim \ud83d Henson",
    "nothing": None,
    "a number": 7,
    "bytes": b"Jim Henson",
    "a table": {"text": GOOD},
}
SHORT_OF_WORDS = {"\x00\x01\x02", "\u200b\u200d\ufeff", "\u202e\u202c", "\ue000"}


def masked(text: Any) -> Any:
    """The text with a mask after it, if it is one."""
    return f"{text} [MASK]" if isinstance(text, str) and text.strip() else text


def clear(sentence: str) -> None:
    """One sentence or two, short, on one line, that can be shown and sent."""
    assert sentence[0].isupper() or sentence[0] in "'\""
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) <= 200
    sentence.encode()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", READABLE)
def test_odd_text_is_answered_and_can_be_sent_as_json(head: str, role: str, name: str) -> None:
    text, loaded = READABLE[name], tiny(head, role)
    ids = loaded.tokenizer(text, add_special_tokens=False)["input_ids"]
    if set(ids) == {loaded.tokenizer.unk_token_id}:
        with pytest.raises(InputError, match="none of its signs is in the vocabulary"):
            ASK[head](text, loaded)
        return
    found = ASK[head](text, loaded)
    sent = json.dumps(asdict(found), allow_nan=False)
    given = {"multiple_choice": "prompt", "question_answering": "context"}.get(head, "text")
    assert json.loads(sent)[given] == (masked(text) if head == "fill_mask" else text)
    places = {"ner": "words", "question_answering": "spans"}
    for one in getattr(found, places[head]) if head in places else ():
        assert text[one.start : one.end] == one.text


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", REFUSED)
def test_what_no_model_can_read_gets_one_clear_sentence(head: str, name: str) -> None:
    with pytest.raises(InputError) as refused:
        ASK[head](REFUSED[name], tiny(head, "student"))
    clear(str(refused.value))


@pytest.mark.parametrize("head", [head for head in HEADS if head != "fill_mask"])
@pytest.mark.parametrize("text", sorted(SHORT_OF_WORDS))
def test_characters_that_no_piece_stands_for_get_one_clear_sentence(head: str, text: str) -> None:
    with pytest.raises(InputError, match=r"has nothing a model can read: type some English words"):
        ASK[head](text, tiny(head, "teacher"))


@pytest.mark.parametrize("place", OTHER)
@pytest.mark.parametrize("name", [*READABLE, *REFUSED])
def test_every_other_box_gives_an_answer_or_one_clear_sentence(place: str, name: str) -> None:
    head = HEAD_OF.get(place, "question_answering")
    text = (READABLE | REFUSED)[name]
    try:
        found = OTHER[place](text, tiny(head, "teacher", window=128))
    except InputError as refused:
        clear(str(refused))
    else:
        blank = place == "the word" and (text is None or not str(text).strip())
        assert name in READABLE or blank
        json.dumps(asdict(found), allow_nan=False)


@pytest.mark.parametrize("head", HEADS)
def test_one_bad_text_in_a_list_is_refused_as_it_would_be_alone(head: str) -> None:
    loaded = tiny(head, "teacher")
    lists: dict[str, Callable[[], Any]] = {
        "fill_mask": lambda: fill(["A [MASK].", "none"], loaded),
        "sentiment": lambda: classify([GOOD, ""], loaded),
        "ner": lambda: tag([GOOD, ""], loaded),
        "multiple_choice": lambda: choose([GOOD, GOOD], [["a", "b"], ["a"]], loaded),
        "question_answering": lambda: answer(["Who?", ""], [GOOD, GOOD], loaded),
    }
    with pytest.raises(InputError) as refused:
        lists[head]()
    clear(str(refused.value))


CALL: dict[str, Callable[[dict[str, Any], Loaded], Any]] = {  # the fields of a tab
    "fill_mask": lambda at, loaded: fill(at["text"], loaded, answer=at["answer"] or None),
    "sentiment": lambda at, loaded: classify(at["text"], loaded, at["label"] or None),
    "ner": lambda at, loaded: tag(at["text"], loaded),
    "multiple_choice": lambda at, loaded: choose(
        at["prompt"], at["choices"], loaded, at["right"] - 1
    ),
    "question_answering": lambda at, loaded: answer(
        at["question"], at["context"], loaded, 3,
        find_span(at["context"], at["answer"]) if at["answer"] else None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=named)
def test_a_head_refuses_bad_input_in_one_clear_sentence(bad: BadInput) -> None:
    with pytest.raises(InputError) as refused:
        CALL[bad.head](bad.fields, tiny(bad.head, "student"))
    assert bad.sentence in str(refused.value)
    clear(str(refused.value))


def test_threads_that_ask_at_once_get_the_answers_that_each_would_get_alone() -> None:
    texts = [READABLE[name] for name in ("script", "right to left", "special pieces", "one mark")]
    jobs = [(head, role, text) for head in HEADS for role in ROLES for text in texts]

    def ask(job: tuple[str, str, str]) -> Any:
        head, role, text = job
        found = asdict(ASK[head](text, tiny(head, role)))
        return json.dumps(found | {"timing": None})

    alone = [ask(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, jobs)) == alone
