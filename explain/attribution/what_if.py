"""The same change of one word for both models, and words that fill-mask would put in its place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from explain.attribution.records import Attribution, Edit, FillMaskTarget, Word, part_text
from explain.heads.fill_mask import MASK, fill
from explain.models import Loaded
from explain.records import InputError

PROPOSALS = 6  # of each model


def edits_of(
    pair: Sequence[Attribution], number: int, action: str, word: str = ""
) -> tuple[Edit, ...]:
    """One edit of the same word for each model; `number` counts the words of the first one."""
    wanted = _word(pair[0], number)
    place = wanted.part, wanted.start, wanted.end
    edits = []
    for one in pair:
        own = [w.pieces for w in one.words if (w.part, w.start, w.end) == place]
        if not own:
            raise InputError(f"The {one.role} does not read “{wanted.text}”: choose another word.")
        edits.append(Edit(own[0], action, word.strip()))
    return tuple(edits)


def proposals(attribution: Attribution, number: int, loaded: Sequence[Loaded]) -> tuple[str, ...]:
    """What fill-mask models would write in the place of a word, the best of each in turn.

    The part of the input in which the word stands is all they read; a [MASK] that is to be filled
    there holds the word that is asked about.
    """
    word = _word(attribution, number)
    text = part_text(attribution.input, word.part)
    target = attribution.target
    filled = (target.word or "") if isinstance(target, FillMaskTarget) else "it"
    before, after = (
        MASK.sub(lambda _: filled, part) for part in (text[: word.start], text[word.end :])
    )
    found = [fill(f"{before}[MASK]{after}", one, PROPOSALS).candidates for one in loaded]
    words = [one.word for pair in zip_longest(*found) for one in pair if one and one.whole_word]
    return tuple(dict.fromkeys(one for one in words if one != word.text.lower()))


def _word(attribution: Attribution, number: int) -> Word:
    if not 0 <= number < len(attribution.words):
        raise InputError("Choose a word of the text to change.")
    return attribution.words[number]
