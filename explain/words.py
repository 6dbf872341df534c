"""Where the words of a text stand, and which of them their tags make a name.

Cut as in the labelled sets the models learned from (Penn Treebank's rules, and those of its
Twitter kin): U.S., Mr., #tag, 3.14, AT&T, don't and Saint-Denis are words, O'Brien's is two, and
a run of one mark is one. Not a tokenizer: a word has one or several word pieces, or none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_INNER = "\u00ad\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u200b-\u200d\u2060\ufeff"
"""Inside a word, though no letters: combining accents and vowel signs, soft hyphens, joiners."""
_RUN = rf"[^\W_][\w{_INNER}]*"
_TITLES = (
    "Adm|Bros|Brig|Capt|Cmdr|Co|Col|Corp|Cpl|Dr|Drs|Esq|Fr|Ft|Gen|Gov|Hon|Inc|Jr|Lt|Ltd|"
    "Maj|Messrs|Mlle|Mme|Mr|Mrs|Ms|Mt|No|Prof|Pvt|Rep|Rev|Sen|Sgt|Sr|St|Ste|Supt|vs"
)
_MONTHS = "Jan|Feb|Aug|Sept|Oct|Nov|Dec"
WORD = re.compile(
    rf"""
      (?:https?://|www\.)\S*[\w/]                    # addresses of pages
    | [\w.+-]{{1,64}}@[\w-]+(?:\.[\w-]+)+            # and of people
    | \#\w+                                          # #tag; of @handle the @ is a mark
    | Ph\.D\. | (?:[^\W\d_]\.){{2,}}(?:[^\W\d_]\b)?  # U.S., U.S.A
    | (?:{_TITLES})\. | (?:{_MONTHS})\.(?=\s*\d)    # Mr., Dec. 24
    | [A-Z]\.(?!\s*$)                               # J., but not the last word
    | {_RUN}(?:(?:[-\u2010\u2011'’&]|(?<=\d)[.,:/](?=\d)|\.(?=[a-z])){_RUN})*
    | (?P<mark>[^\w\s])(?P=mark)*                    # ..., --, !!
    | _+
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?<=.)['’](?:s|m|re|ve|ll|d)$", re.IGNORECASE)
_ENDING = re.compile(
    r"(?<=.)-(?:based|born|led|held|owned|backed|run|wide|style|like|era|speaking)$"
)


def find(text: str, wanted: str, start: int = 0) -> tuple[int, int] | None:
    """Where some words first stand from `start` on, characters; None if nowhere.

    Spacing is set aside; as whole words if they stand so, at need in another case, else inside one.
    """
    if not wanted.split():
        return None
    inside = r"\s+".join(map(re.escape, wanted.split()))
    whole = rf"(?<![\w-]){inside}(?![\w-])"
    for pattern in (whole, inside):
        for flags in (0, re.IGNORECASE):
            if found := re.compile(pattern, flags).search(text, start):
                return found.span()
    return None


def words_of(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of every word, in characters.

    "Henson's" is two words, Henson and 's; "York-based" too, so that New York can be told from it.
    """
    spans = []
    for match in WORD.finditer(text):
        (start, end), word = match.span(), match.group()
        if last := _CLITIC.search(word) or _ENDING.search(word):
            spans.append((start, start + last.start()))
            start += last.start()
        spans.append((start, end))
    return tuple(spans)


EntitySpan = tuple[str, int, int]  # type, first word, last word (inclusive)


def entity_spans(tags: Sequence[str]) -> tuple[EntitySpan, ...]:
    """The entities of BIO tags in order, as seqeval reads them.

    B- starts an entity; I- goes on with one of its own type, or else starts one.
    """
    spans: list[EntitySpan] = []
    kind, first = "", 0
    for number, tag in enumerate([*tags, "O"]):
        prefix, _, tagged = tag.partition("-")
        if kind and (prefix != "I" or tagged != kind):
            spans.append((kind, first, number - 1))
            kind = ""
        if prefix != "O" and not kind:
            kind, first = tagged, number
    return tuple(spans)
