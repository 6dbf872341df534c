"""Masked text to learn words from: batches of sentences and windows drawn from packed text.

Visitors ask a masked language model for one word of one short sentence, and for a word that occurs
nowhere else in it. Windows with 15 % of random masks seldom ask for that: copying a neighbour pays
there. So about half of the masked words here are in single sentences. Salient words, rare in the
text as a whole, are masked most often, as whole words, and in most rows wherever they occur. The
other rows are masked at random, whole words again, so that function words are learnt too. A batch
also says which salient words a sentence still shows: `distill.losses.copying_loss` penalises those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from distill.batches import Batch, Pools
from distill.packing import PackedText

SENTENCE_SHARES = {  # (set, least rank of `PackedText.leading`): share of the sentences
    ("text_wikipedia", 2): 0.16, ("text_wikipedia", 1): 0.20, ("text_wikipedia", 0): 0.26,
    ("text_openstax", 0): 0.13, ("text_novels", 0): 0.08, ("text_imdb", 0): 0.05,
    ("text_factbook", 0): 0.04, ("text_wikipedia_recent", 0): 0.04, ("text_addresses", 0): 0.02,
    ("text_standardebooks", 0): 0.02,
    ("mc_comve", 0): 0.06, ("mc_ecare", 0): 0.04, ("mc_arc_easy", 0): 0.03, ("mc_codah", 0): 0.01,
    ("mc_winogrande", 0): 0.01, ("mc_copa", 0): 0.005, ("qa_squad_dev", 0): 0.01,
    ("qa_squadshifts_wiki", 0): 0.01,
}  # fmt: skip
WINDOW_SHARES = {
    "text_wikipedia": 0.74, "text_wikipedia_recent": 0.04, "text_openstax": 0.08,
    "text_novels": 0.05, "text_imdb": 0.04, "text_factbook": 0.02, "text_addresses": 0.01,
    "text_standardebooks": 0.02,
}  # fmt: skip
SHORTEST, LONGEST_SENTENCE = 5, 60  # word pieces without special tokens
POOL = 40  # batches that are drawn, sorted by length and shuffled together
SALIENT = 2.0  # words above this salience are masked wherever they stand in the row


@dataclass(frozen=True, slots=True)
class Masking:
    """How rows are drawn and masked."""

    sentences: float = 0.84  # share of the rows; the others are windows
    random_sentences: float = 0.0  # share of sentences whose words are masked at random
    random_windows: float = 0.5  # share of windows, likewise
    random_share: tuple[float, float] = (0.20, 0.20)  # of their words: in sentences, in windows
    salient_share: float = 0.22  # of the words of a row, at most
    single: float = 0.3  # share of the other sentences with exactly one masked word
    everywhere: float = 0.75  # share of the other windows in which a word is masked everywhere
    window: int = 94  # word pieces of a window, at most


@dataclass(frozen=True, slots=True)
class Example:
    """One masked row."""

    ids: NDArray[np.int64]
    places: NDArray[np.int64]  # of the masked pieces in `ids`
    labels: NDArray[np.int64]  # what stood there
    shown: NDArray[np.int64]  # salient pieces that a sentence still shows, each once


class MaskedText(Pools):
    """Endless masked batches, a deterministic function of (packed text, seed, position).

    It takes the place of a `distill.batches.Stream`.
    """

    head = "fill_mask"

    def __init__(
        self,
        sets: dict[str, PackedText],
        tokenizer: PreTrainedTokenizerBase,
        budget: int,
        seed: int,
        masking: Masking | None = None,
    ) -> None:
        """Draw from `sets`; `budget` is in padded word pieces per batch."""
        self.sets, self.budget, self.seed = sets, budget, seed
        self.masking = masking or Masking()
        self.cls, self.sep, self.mask = (
            int(getattr(tokenizer, f"{name}_token_id")) for name in ("cls", "sep", "mask")
        )
        words = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        self._inner = np.array([word.startswith("##") for word in words])
        self._spoken = np.array([word[0].isalnum() or word.startswith("##") for word in words])
        self._salience = _salience(sets, self._spoken)
        self._sentences = _sentence_numbers(sets)
        super().__init__()

    def weights(self) -> dict[str, float]:
        """Share of the windows drawn from each set."""
        return {name: share for name, share in WINDOW_SHARES.items() if name in self.sets}

    @property
    def rows(self) -> dict[str, range]:
        """Set name to the numbers of its paragraphs."""
        return {name: range(int(text.paragraphs[-1]) + 1) for name, text in self.sets.items()}

    @property
    def as_text(self) -> list[str]:
        """The labelled sets among the sentences: drawn whole, never in windows."""
        return sorted({name for name, _ in self._sentences} - WINDOW_SHARES.keys())

    def pool_at(self, number: int) -> list[Batch]:
        """All batches of one pool."""
        return [_collate(batch) for batch in self._draw(number)]

    def _draw(self, pool: int) -> list[list[Example]]:
        """Batches of similar length, in random order."""
        random = np.random.default_rng([self.seed, pool])
        examples: list[Example] = []
        room = POOL * self.budget
        while room > 0:
            is_sentence = bool(self._sentences) and random.random() < self.masking.sentences
            ids = self._sentence(random) if is_sentence else self._window(random)
            example = self._masked(ids, random, is_sentence)
            room -= len(ids) + 2
            if example is not None:
                examples.append(example)
        examples.sort(key=lambda example: len(example.ids))
        batches: list[list[Example]] = [[]]
        for example in reversed(examples):
            longest = len(batches[-1][0].ids) if batches[-1] else len(example.ids)
            if batches[-1] and (len(batches[-1]) + 1) * longest > self.budget:
                batches.append([])
            batches[-1].append(example)
        order = random.permutation(len(batches))
        return [batches[number] for number in order if batches[number]]

    def _sentence(self, random: np.random.Generator) -> NDArray[np.uint16]:
        keys = list(self._sentences)
        name, rank = keys[_choice([SENTENCE_SHARES[key] for key in keys], random)]
        text = self.sets[name]
        number = random.choice(self._sentences[name, rank])
        return text.pieces[text.starts[number] : text.starts[number + 1]]

    def _window(self, random: np.random.Generator) -> NDArray[np.uint16]:
        """Whole sentences around a random one, up to a window's pieces of its paragraph."""
        size = self.masking.window
        names = list(self.weights()) or list(self.sets)
        shares = [WINDOW_SHARES.get(name, 1.0) for name in names]
        text = self.sets[names[_choice(shares, random)]]
        starts, paragraphs = text.starts, text.paragraphs
        first = last = int(random.integers(len(paragraphs)))
        while (
            last + 1 < len(paragraphs)
            and paragraphs[last + 1] == paragraphs[first]
            and starts[last + 1] - starts[first] < size
        ):
            last += 1
        while (
            first
            and paragraphs[first - 1] == paragraphs[last]
            and starts[last + 1] - starts[first] < size // 2
        ):
            first -= 1
        return text.pieces[starts[first] : starts[last + 1]][:size]

    def _masked(
        self, ids: NDArray[np.uint16], random: np.random.Generator, is_sentence: bool
    ) -> Example | None:
        """The row with some whole words masked; None if it is too short to learn from."""
        begins = np.flatnonzero(~self._inner[ids])
        if len(ids) < SHORTEST or not len(begins):
            return None
        if begins[0]:  # a window that was cut inside a word
            begins = np.concatenate([[0], begins])
        ends = np.append(begins[1:], len(ids))
        if self._spoken[ids[begins]].sum() < 3:
            return None
        masked = self._masked_pieces(ids, begins, ends, random, is_sentence)
        places = np.flatnonzero(masked) + 1
        shown = (
            np.unique(ids[~masked & (self._salience[ids] > SALIENT)]) if is_sentence else ids[:0]
        )
        row = np.concatenate([[self.cls], ids, [self.sep]]).astype(np.int64)
        labels = row[places]
        row[places] = self.mask
        return Example(row, places, labels, shown.astype(np.int64))

    def _masked_pieces(
        self,
        ids: NDArray[np.uint16],
        begins: NDArray[np.int64],
        ends: NDArray[np.int64],
        random: np.random.Generator,
        is_sentence: bool,
    ) -> NDArray[np.bool_]:
        """Which pieces are masked; words are `ids[begins[i]:ends[i]]`."""
        masking, lengths = self.masking, ends - begins
        salience = self._salience[ids[begins]]
        at_random = random.random() < (
            masking.random_sentences if is_sentence else masking.random_windows
        )
        if at_random:
            weights = np.where(self._spoken[ids[begins]], 1.0, 0.3)
            share = masking.random_share[0 if is_sentence else 1]
            count = max(1, round(share * len(begins)))
        else:
            weights = salience * np.where(lengths > 1, 0.35, 1.0) * (lengths <= 4)
            count = 1
            if not is_sentence or random.random() >= masking.single:
                most = masking.salient_share * len(begins)
                count = max(1, round(most * (0.4 + 0.6 * random.random())))
        keys = random.exponential(size=len(weights)) / np.maximum(weights, 1e-9)
        everywhere = not at_random and (is_sentence or random.random() < masking.everywhere)
        masked = np.zeros(len(ids), dtype=bool)
        for word in np.argsort(keys)[:count]:
            pieces = ids[begins[word] : ends[word]]
            masked[begins[word] : ends[word]] = True
            if everywhere and salience[word] > SALIENT:
                for other in np.flatnonzero(ids[begins] == pieces[0]):
                    if np.array_equal(ids[begins[other] : ends[other]], pieces):
                        masked[begins[other] : ends[other]] = True
        return masked


def _salience(sets: dict[str, PackedText], spoken: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How often a word that starts with each piece is masked, in proportion: rare ones more."""
    counts = np.zeros(len(spoken))
    for text in sets.values():
        counts += np.bincount(text.pieces, minlength=len(spoken))
    frequency = np.maximum(counts / counts.sum(), 1e-7)
    salience = np.clip((1e-2 / frequency) ** 0.4, 0.25, 16.0)
    return np.where(spoken, salience, 0.1)


def _sentence_numbers(sets: dict[str, PackedText]) -> dict[tuple[str, int], NDArray[np.int64]]:
    """The sentences of suitable length for each key of `SENTENCE_SHARES`."""
    numbers = {}
    for name, rank in SENTENCE_SHARES:
        if name in sets:
            text = sets[name]
            lengths = np.diff(text.starts.astype(np.int64))
            fits = (lengths >= SHORTEST) & (lengths <= LONGEST_SENTENCE)
            if rank:
                fits &= text.leading == rank
            if fits.any():
                numbers[name, rank] = np.flatnonzero(fits)
    return numbers


def _choice(shares: list[float], random: np.random.Generator) -> int:
    weights = np.asarray(shares)
    return int(random.choice(len(weights), p=weights / weights.sum()))


def _collate(examples: list[Example]) -> Batch:
    longest = -(-max(len(example.ids) for example in examples) // 8) * 8  # few shapes: less to keep
    ids = np.zeros((len(examples), longest), dtype=np.int64)  # [PAD] is piece 0
    mask = np.zeros_like(ids)
    shown = np.zeros((len(examples), max(1, *(len(e.shown) for e in examples))), dtype=np.int64)
    for i, example in enumerate(examples):
        ids[i, : len(example.ids)], mask[i, : len(example.ids)] = example.ids, 1
        shown[i, : len(example.shown)] = example.shown
    rows = np.repeat(np.arange(len(examples)), [len(example.places) for example in examples])
    where = np.stack([rows, np.concatenate([example.places for example in examples])], 1)
    inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
    inputs["token_type_ids"] = torch.zeros_like(inputs["input_ids"])
    labels = torch.from_numpy(np.concatenate([example.labels for example in examples]))
    return Batch("fill_mask", inputs, labels, torch.from_numpy(where), torch.from_numpy(shown))
