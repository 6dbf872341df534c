"""Where the words of a text stand, and which of them their tags make a name.

Cut as in the labelled sets the models learned from (Penn Treebank's rules, and those of its
Twitter kin): U.S., Mr., #tag, 3.14, AT&T, don't and Saint-Denis are words, O'Brien's is two, and
a run of one mark is one. Not a tokenizer: a word has one or several word pieces, or none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_MARKS = "".join(
    sign for sign in map(chr, range(0x300, 0xFFFF)) if unicodedata.category(sign)[0] == "M"
)
"""Combining accents, vowel signs and variation selectors: drawn on the sign before them."""
_JOINERS = "\u200d" + "".join(map(chr, range(0x1F3FB, 0x1F400)))  # and skin tones
_INNER = f"\u00ad\u200b-\u200d\u2060\ufeff{_MARKS}"
"""Inside a word, though no letters: marks, soft hyphens, joiners."""
_GRAPHEME_REST = re.compile(rf"(?:\u200d[^\s]|[{_MARKS}{_JOINERS}])+")
_GRAPHEME = re.compile(rf"[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.[{_MARKS}]*", re.DOTALL)
_DOMAIN = (
    "com|org|net|edu|gov|mil|io|ai|app|dev|info|biz|tv|uk|de|fr|eu|ca|au|jp|cn|ru|nl|ch|es|pl|"
    "js|py|txt|pdf|exe|html?|php|jpe?g|png|gif|mp3|mp4|csv|json|docx?|xlsx?|zip"
)
"""What makes a full stop inside a run part of a name (amazon.com, node.js); no word of English."""
_DOTTED = rf"\.(?=(?:[\w-]{{1,40}}\.){{0,3}}(?:{_DOMAIN})(?![\w]))"
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
    | {_RUN}(?:(?:[-\u2010\u2011'’&]|(?<=\d)[.,:/](?=\d)|{_DOTTED}){_RUN})*
    | (?P<mark>[^\w\s])(?P=mark)*                    # ..., --, !!
    | _+
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?<=.)['’](?:s|m|re|ve|ll|d)$", re.IGNORECASE)
_ENDING = re.compile(
    r"(?<=.)-(?:based|born|led|held|owned|backed|run|wide|style|like|era|speaking)$"
)


def find(text: str, wanted: str, start: int = 0, whole: bool = False) -> tuple[int, int] | None:
    """Where some words first stand from `start` on, characters; None if nowhere.

    Spacing is set aside, and whether an accent is a sign of its own; as whole words if they stand
    so, at need in another case, else (unless `whole`) inside one.
    """
    if not wanted.split():
        return None
    places = None
    if not text.isascii():
        text, places = _composed(text)
        wanted, _ = _composed(wanted)
        start = sum(place < start for place in places)
    span = _find(text, wanted, start, whole)
    return span if span is None or places is None else (places[span[0]], places[span[1]])


def _find(text: str, wanted: str, start: int, whole: bool) -> tuple[int, int] | None:
    words = wanted.split()
    inside = r"\s+".join(map(re.escape, words)) + f"(?![{_MARKS}])"
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    part_of_compound = f"{before}{inside}{after}"
    for pattern in (rf"(?<![\w-]){inside}(?![\w-])", part_of_compound if whole else inside):
        for flags in (0, re.IGNORECASE):
            if found := re.compile(pattern, flags).search(text, start):
                return found.span()
    return None


def _composed(text: str) -> tuple[str, list[int]]:
    """The text in Unicode's composed form, and where each of its signs, and its end, stood."""
    parts: list[str] = []
    places: list[int] = []
    for grapheme in _GRAPHEME.finditer(text):
        part = unicodedata.normalize("NFC", grapheme.group())
        parts.append(part)
        places.append(grapheme.start())
        places += range(grapheme.end() - len(part) + 1, grapheme.end())
    return "".join(parts), [*places, len(text)]


_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ufaff"
)
_LETTER = rf"[^\W{_UNSPACED}\U00020000-\U0003ffff]"
_UNBROKEN = re.compile(rf"{_LETTER}(?:{_LETTER}|[{_INNER}]|(?<=\d)[.,:](?=\d))*")


def unbroken(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of every run of letters and figures that no answer may cut: 1,234,567 is one.

    Hyphens and apostrophes do break a run; scripts without blanks between words have none.
    """
    return tuple(match.span() for match in _UNBROKEN.finditer(text))


def grapheme_end(text: str, end: int) -> int:
    """The end of a stretch, moved behind the marks that belong to its last sign."""
    rest = _GRAPHEME_REST.match(text, end) if 0 < end < len(text) else None
    return rest.end() if rest else end


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


def bio(tags: Sequence[str]) -> tuple[str, ...]:
    """The same entities in BIO tags, whichever way they were written (IOB1 has I- at the start)."""
    plain = ["O"] * len(tags)
    for kind, first, last in entity_spans(tags):
        plain[first : last + 1] = [f"B-{kind}", *[f"I-{kind}"] * (last - first)]
    return tuple(plain)
