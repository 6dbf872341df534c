"""What if a word changes? The answer after an edit, and the smallest edit that flips it.

Edits are made to the ids that the model reads. A flip is sufficient, not necessary: there may be
others of the same size.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, zip_longest
from math import comb
from statistics import fmean

from explain.attribution.edits import edited, remap_edit, request_again
from explain.attribution.engine import request_steps
from explain.attribution.function import FORWARD_BUDGET
from explain.attribution.heads import attribution_head
from explain.attribution.heads.fill_mask import FillMaskTarget
from explain.attribution.records import Attribution, Edit, Word, words_of
from explain.attribution.request import AttributionRequest, with_all_choices
from explain.attribution.results import Answer, Attempt, EditEffect, Flip
from explain.heads import registry, steps
from explain.heads.fill_mask import MASK, fill
from explain.models import Loaded
from explain.records import InputError

MOST_WORDS = 64  # tried alone; of a longer text, those with the largest scores
WIDTH = {2: 12, 3: 8}  # words among which every pair, every three are tried
MOST_CHANGES = 8  # words of the largest change tried
PROPOSALS = 6  # of each model
FLIP_ACTIONS = ("mask", "delete")

Words = tuple[Word, ...]


def answers(
    requests: Sequence[AttributionRequest], loaded: Loaded, original: Hashable = None
) -> list[tuple[Hashable, Answer]]:
    """Key and answer of every request, in shared batches.

    `original` is the key of the answer before any edit; without it, each answer is its own.
    """
    rows = [row for request in requests for row in request.piece_rows.rows]
    forward = registry.module("explain.heads", loaded.head).forward
    logits, _ = steps.run(loaded, rows, forward)
    decode, results, first = attribution_head(loaded.head).answer, [], 0
    for request in requests:
        last = first + len(request.piece_rows.rows)
        key, text, probability, kept = decode(logits[first:last], request, loaded, original)
        results.append((key, Answer(text, probability, kept)))
        first = last
    return results


def change(attribution: Attribution, loaded: Loaded, edits: Sequence[Edit]) -> EditEffect:
    """The last step of `change_steps`."""
    *_, effect = change_steps(attribution, loaded, edits)
    return effect


def change_steps(
    attribution: Attribution, loaded: Loaded, edits: Sequence[Edit]
) -> Iterator[EditEffect]:
    """Answer and attribution before and after; the same target, method and baseline.

    Each step refines the attribution. Close it to cancel.
    """
    request = request_again(attribution, loaded)
    edited_request = edited(request, edits, loaded)
    whole = with_all_choices(request, loaded)
    ((original, before),) = answers([whole], loaded)
    edited_whole = edited(whole, [remap_edit(edit, request, whole) for edit in edits], loaded)
    ((key, after),) = answers([edited_whole], loaded, original)
    for (edited_attribution,) in request_steps(
        edited_request, loaded, attribution.method, attribution.baseline, attribution.seed
    ):
        yield EditEffect(before, after, key != original, edited_attribution)


def smallest_flip(
    attribution: Attribution, loaded: Loaded, actions: Sequence[str] = FLIP_ACTIONS
) -> Flip:
    """The last step of `flip_steps`."""
    *_, flip = flip_steps(attribution, loaded, actions)
    return flip


def flip_steps(
    attribution: Attribution, loaded: Loaded, actions: Sequence[str] = FLIP_ACTIONS
) -> Iterator[Flip]:
    """Mask, or delete, as few words as possible until the answer changes. Close it to cancel.

    Every single word is tried, then every pair and every three of the most effective, then one
    word more at a time. Words that are explained (an entity, an answer) are not changed; those of
    every choice are.
    """
    if not set(actions) <= set(FLIP_ACTIONS):
        raise InputError("Words can be masked or deleted to find what changes the answer.")
    began = time.perf_counter()
    whole = with_all_choices(request_again(attribution, loaded), loaded)
    ((original, before),) = answers([whole], loaded)
    words = _changeable(attribution, whole)
    order, best, tried = sorted(words, key=lambda word: -abs(word.score))[:MOST_WORDS], _NONE, 0
    attempts: tuple[Attempt, ...] = ()
    actions, most = tuple(actions), max(1, len(actions) * _most_groups(len(order)))

    def flip(changed: Words = _NONE, action: str = "mask", after: Answer = before) -> Flip:
        seconds = time.perf_counter() - began
        return Flip(changed, action, before, after, actions, attempts, tried, most, seconds)

    for size in range(1, MOST_CHANGES + 1):
        groups = _groups(order, best, size)
        changes = _changes(groups, actions, whole)
        results: list[tuple[Hashable, Answer]] = []
        for chunk in _chunks(changes, whole):
            yield flip()
            requests = [_changed(whole, *change, loaded) for change in chunk]
            results += answers(requests, loaded, original)
            tried += len(chunk)
        if not results:
            break
        attempts = (*attempts, Attempt(size, len(groups), len(groups) == comb(len(words), size)))
        ranked = sorted(range(len(results)), key=lambda i: results[i][1].original)
        if flipped := [i for i in ranked if results[i][0] != original]:
            yield flip(*changes[flipped[0]], results[flipped[0]][1])
            return
        best, _ = changes[ranked[0]]
        if size == 1:
            order = list(dict.fromkeys(word for i in ranked for word in changes[i][0]))
    yield flip()


_NONE: Words = ()


def _groups(order: Sequence[Word], best: Words, size: int) -> list[Words]:
    """The groups of words of one size that are tried; `order` has the most effective first."""
    if size == 1:
        return [(word,) for word in order]
    if size in WIDTH:
        return list(combinations(order[: WIDTH[size]], size))
    return [(*best, word) for word in order[: WIDTH[2]] if best and word not in best]


def _most_groups(words: int) -> int:
    """How many groups are tried, of all sizes, if the answer stays."""
    widths = {size: min(words, WIDTH.get(size, WIDTH[2])) for size in range(2, MOST_CHANGES + 1)}
    groups = {
        size: comb(width, size) if size in WIDTH else max(0, width - size + 1)
        for size, width in widths.items()
    }
    return words + sum(groups.values())


def _changes(
    groups: Sequence[Words], actions: Sequence[str], request: AttributionRequest
) -> list[tuple[Words, str]]:
    """Every group of words, changed in every way that is possible."""
    return [
        (group, action)
        for action in actions
        for group in groups
        if action == "mask" or _may_go(group, request)
    ]


def _may_go(words: Words, request: AttributionRequest) -> bool:
    """Whether words may be deleted: nothing that is explained, and not the whole of a part."""
    pieces, layout = request.piece_rows.pieces, request.piece_rows.layout
    deleted = {index for word in words for index in word.pieces}
    explained = {layout[term.row][term.position] for term in request.terms[0]}
    left = {piece.part for index, piece in enumerate(pieces) if index not in deleted}
    return not deleted & explained and left == {piece.part for piece in pieces}


def _changeable(attribution: Attribution, whole: AttributionRequest) -> list[Word]:
    """The words that may be changed; those of choices that were not explained score the mean."""
    scores = {(word.part, word.start, word.end): word.score for word in attribution.words}
    mean = fmean(map(abs, scores.values())) if scores else 0.0
    pieces = whole.piece_rows.pieces
    return [
        replace(word, score=scores.get((word.part, word.start, word.end), mean))
        for word in words_of(pieces, (0.0,) * len(pieces), attribution.input)
        if not attribution.target.covers(word)
    ]


def _changed(
    request: AttributionRequest, words: Words, action: str, loaded: Loaded
) -> AttributionRequest:
    return edited(request, [Edit(word.pieces, action) for word in words], loaded)


def _chunks(
    changes: Sequence[tuple[Words, str]], request: AttributionRequest
) -> Iterator[Sequence[tuple[Words, str]]]:
    """The changes, as many at a time as are read in one batch."""
    size = max(1, FORWARD_BUDGET // sum(map(len, request.piece_rows.layout)))
    for start in range(0, len(changes), size):
        yield changes[start : start + size]


def edits_of(
    pair: Sequence[Attribution], number: int, action: str, replacement: str = ""
) -> tuple[Edit, ...]:
    """One edit of the same word for each model; `number` counts the words of the first one."""
    word = _word(pair[0], number)
    place = word.part, word.start, word.end
    edits = []
    for attribution in pair:
        pieces = [w.pieces for w in attribution.words if (w.part, w.start, w.end) == place]
        if not pieces:
            raise InputError(
                f"The {attribution.role} does not read “{word.text}”: choose another word."
            )
        edits.append(Edit(pieces[0], action, replacement.strip()))
    return tuple(edits)


def proposals(attribution: Attribution, number: int, loaded: Sequence[Loaded]) -> tuple[str, ...]:
    """What fill-mask models propose in the place of a word, the best of each in turn.

    They read only the part of the input in which the word stands; a [MASK] that is to be filled
    there is replaced by the word that is explained.
    """
    word = _word(attribution, number)
    text = attribution.input.text_of(word.part)
    target = attribution.target
    filling = (target.word or "") if isinstance(target, FillMaskTarget) else "it"
    before, after = (
        MASK.sub(lambda _: filling, side) for side in (text[: word.start], text[word.end :])
    )
    columns = [fill(f"{before}[MASK]{after}", model, PROPOSALS).candidates for model in loaded]
    proposed = dict.fromkeys(
        candidate.word
        for row in zip_longest(*columns)
        for candidate in row
        if candidate and candidate.whole_word
    )
    return tuple(proposal for proposal in proposed if proposal != word.text.lower())


def _word(attribution: Attribution, number: int) -> Word:
    if not 0 <= number < len(attribution.words):
        raise InputError("Choose a word of the text to change.")
    return attribution.words[number]
