"""What if a word changes? The answer after an edit, and the smallest edit that flips it.

Edits are made to the ids that the model reads. A flip is sufficient, not necessary: there may be
others of the same size.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, zip_longest
from math import comb

from explain.attribution.answers import answers, remap_edit, with_all_choices
from explain.attribution.edits import edited, request_again
from explain.attribution.engine import request_steps
from explain.attribution.records import (
    Attribution,
    Edit,
    FillMaskTarget,
    MultipleChoiceInput,
    NerTarget,
    QuestionAnsweringTarget,
    Target,
    Word,
    part_text,
)
from explain.attribution.request import AttributionRequest
from explain.attribution.results import Change, Flip
from explain.heads.fill_mask import MASK, fill
from explain.models import Loaded
from explain.records import InputError

MOST_WORDS = 64  # tried alone; of a longer text, those with the largest scores
WIDTH = {2: 12, 3: 8}  # words among which every pair, every three are tried
MOST_CHANGES = 8  # words of the largest change tried
PROPOSALS = 6  # of each model


def change(attribution: Attribution, loaded: Loaded, edits: Sequence[Edit]) -> Change:
    """Answer and attribution before and after; the same target, method and baseline."""
    request = request_again(attribution, loaded)
    now = edited(request, edits, loaded)
    whole = with_all_choices(request, loaded)
    ((original, before),) = answers([whole], loaded)
    after_whole = edited(whole, [remap_edit(edit, request, whole) for edit in edits], loaded)
    ((key, after),) = answers([after_whole], loaded, original)
    *_, (again,) = request_steps(
        now, loaded, attribution.method, attribution.baseline, attribution.seed
    )
    return Change(before, after, key != original, again)


def smallest_flip(attribution: Attribution, loaded: Loaded, action: str = "mask") -> Flip:
    """Mask (or delete) as few words as possible until the answer is another.

    Every single word is tried, then every pair and every three of the most effective, then one
    word more at a time. Words that are asked about (an entity, an answer) are left alone.
    """
    if action not in ("mask", "delete"):
        raise InputError("Words can be masked or deleted to find what turns the answer.")
    began = time.perf_counter()
    request = request_again(attribution, loaded)
    whole = with_all_choices(request, loaded)
    ((original, before),) = answers([whole], loaded)
    words, total = _candidates(attribution)

    def tried(one: Sequence[Word]) -> AttributionRequest:
        edits = [Edit(word.pieces, action) for word in one]
        return edited(whole, [remap_edit(edit, request, whole) for edit in edits], loaded)

    thorough = not isinstance(attribution.input, MultipleChoiceInput)  # other choices' words stay
    order, best, count = words, _NOTHING, 0
    for size in range(1, MOST_CHANGES + 1):
        sets = [one for one in _sets(order, best, size) if _leaves(one, action, attribution)]
        if not sets:
            break
        found = answers([tried(one) for one in sets], loaded, original)
        count += len(found)
        lowest = sorted(range(len(found)), key=lambda i: found[i][1].original)
        for i in lowest:
            if found[i][0] != original:
                return Flip(sets[i], action, before, found[i][1], thorough, count, _since(began))
        thorough = thorough and len(sets) == comb(total, size)
        best = sets[lowest[0]]
        order = [words[i] for i in lowest] if size == 1 else order
    return Flip((), action, before, before, False, count, _since(began))


_NOTHING: tuple[Word, ...] = ()


def _sets(order: Sequence[Word], best: tuple[Word, ...], size: int) -> list[tuple[Word, ...]]:
    """The sets of words of one size that are tried; `order` has the most effective first."""
    if size == 1:
        return [(word,) for word in order]
    if size in WIDTH:
        return list(combinations(order[: WIDTH[size]], size))
    return [(*best, word) for word in order[: WIDTH[2]] if best and word not in best]


def _leaves(one: Sequence[Word], action: str, attribution: Attribution) -> bool:
    """Whether every part keeps at least one word."""
    gone = Counter(word.part for word in one)
    there = Counter(word.part for word in attribution.words)
    return action == "mask" or all(gone[part] < there[part] for part in gone)


def _candidates(attribution: Attribution) -> tuple[list[Word], int]:
    """The words to change, largest scores first, and how many might be changed."""
    target = attribution.target
    words = [word for word in attribution.words if not _is_asked(word, target)]
    largest = sorted(words, key=lambda word: -abs(word.score))[:MOST_WORDS]
    return largest, len(words)


def _is_asked(word: Word, target: Target) -> bool:
    if isinstance(target, NerTarget) or (
        isinstance(target, QuestionAnsweringTarget) and word.part == "context"
    ):
        assert target.start is not None and target.end is not None
        return word.start < target.end and word.end > target.start
    return False


def _since(began: float) -> float:
    return time.perf_counter() - began


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
