"""Which kind of word was masked: a function word, one the text shows elsewhere, or a new one?

A function word can often be told from grammar, and a content word that stands elsewhere in the text
can be copied. Only content words that stand nowhere else show what a model knows. Only whole words
of one word piece are classified; parts of longer words and punctuation are not. Names are told by
their capital letter, so the first word of a sentence never counts as one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Encoding

FUNCTION, ELSEWHERE = "function_words", "content_words_elsewhere"
NAMES, NUMBERS, OTHERS = (
    "content_words_new_names", "content_words_new_numbers", "content_words_new_others",
)  # fmt: skip
NEW = "content_words_new"
KINDS = {  # kind as reported: the kinds of single words it counts
    FUNCTION: (FUNCTION,),
    ELSEWHERE: (ELSEWHERE,),
    NEW: (NAMES, NUMBERS, OTHERS),
    NAMES: (NAMES,),
    NUMBERS: (NUMBERS,),
    OTHERS: (OTHERS,),
}
_FUNCTION = """
    a an the this that these those some any no every each either neither both all another such
    i me my mine myself you your yours yourself he him his himself she her hers herself it its
    itself we us our ours ourselves they them their theirs themselves one who whom whose which what
    whatever whoever someone somebody something anyone anybody anything everyone everybody
    everything nobody nothing none there here
    be am is are was were been being have has had having do does did done doing
    can could may might must shall should will would ought
    about above across after against along among around as at before behind below beneath beside
    besides between beyond by despite down during except for from in inside into like near of off
    on onto out outside over past per since through throughout to toward towards under until up
    upon via with within without
    and but or nor so yet if because although though while whereas unless whether than when
    whenever where wherever why how then thus however therefore
    not also too very just only even still again already ever never more most less least much many
    few several own same other others rather quite almost
    s t d m ll re ve don didn doesn isn wasn aren weren hasn haven hadn won wouldn couldn shouldn
"""
_NUMBERS = """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    thousand million billion first second third fourth fifth sixth seventh eighth ninth tenth
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())
"""Closed classes of English, and the pieces into which contractions are cut."""
NUMBER_WORDS = frozenset(_NUMBERS.split())
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]|\n)[\"'“”‘’()\[\]\s]*$")
Span = tuple[int, int]  # characters, end exclusive


def whole_words(encoding: Encoding) -> dict[int, tuple[str, Span]]:
    """(word as in the vocabulary, characters) of each word of one piece, by the piece's index."""
    owners = encoding.word_ids
    pieces = Counter(owners)
    return {
        index: (token, span)
        for index, (token, span) in enumerate(zip(encoding.tokens, encoding.offsets, strict=True))
        if pieces[owners[index]] == 1 and any(map(str.isalnum, token)) and token != "[UNK]"
    }


def visible_words(
    words: Mapping[int, tuple[str, Span]], masked: set[int], length: int
) -> frozenset[str]:
    """The words that are left to be read among the first `length` pieces."""
    return frozenset(
        word for index, (word, _) in words.items() if index < length and index not in masked
    )


def kind_of(word: tuple[str, Span], text: str, visible: frozenset[str]) -> str:
    """One of the kinds of a single word."""
    token, (start, _) = word
    if token in FUNCTION_WORDS:
        return FUNCTION
    if token in visible:
        return ELSEWHERE
    if any(map(str.isdigit, token)) or token in NUMBER_WORDS:
        return NUMBERS
    is_name = text[start].isupper() and not _SENTENCE_START.search(text[:start])
    return NAMES if is_name else OTHERS
