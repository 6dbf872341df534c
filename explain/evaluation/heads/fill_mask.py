"""Fill-mask: a text with one [MASK] and its word, or a paragraph to be masked at random.

Rows with an answer are scored by the fill-mask head as a visitor's text is. Paragraphs without one
get a single word masked on the page (`prepared`). The command line masks 15 % of their word pieces
at once instead, and classifies each masked word (`explain.evaluation.masked_words`).
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from explain import encoding
from explain.attribution import FillMaskInput
from explain.evaluation import probes
from explain.evaluation.heads import EvaluationHead, HubSet
from explain.evaluation.items import Item, LabelledRow, ScoredAnswer
from explain.evaluation.masked_words import KINDS, kind_of, visible_words, whole_words
from explain.evaluation.metrics import Metric, rate
from explain.evaluation.schemas import is_text
from explain.heads import steps
from explain.heads.fill_mask import MASK, encode, fill, forward
from explain.models import Loaded
from explain.records import InputError

TOP = 5
RANKS = ("first", "2nd to 5th", "6th to 100th", "later")
LONGEST_PARAGRAPH = 128  # word pieces with special tokens; the rest is not read
MASKED_SHARE = 0.15
SHORTEST_PARAGRAPH = 200  # characters; shorter lines of WikiText are headings
_WORD = re.compile(r"(?<!\w)[A-Za-z]{2,}(?!\w)")  # "th" of "20th" is no word


def fault(row: LabelledRow) -> str | None:
    """What is wrong with a row; None if nothing is."""
    if not is_text(row["text"]):
        return "'text' must be text that is not empty"
    return None if is_text(row.get("answer", "word")) else "'answer' must be one word"


def visitor_fault(row: LabelledRow) -> str | None:
    """A text with an answer needs one [MASK], and the other way round."""
    masks = len(MASK.findall(row["text"]))
    if several := _several_words(row):
        return several
    if "answer" in row and masks != 1:
        return f"'text' must hold exactly one [MASK]; found {masks}"
    return "'answer' is missing" if masks and "answer" not in row else None


def _several_words(row: LabelledRow) -> str | None:
    """One mask is one word."""
    words = len(row.get("answer", "").split())
    return f"'answer' has {words} words, and [MASK] stands for one" if words > 1 else None


def from_hub(row: dict[str, Any]) -> LabelledRow:
    """A paragraph of WikiText or Wikipedia; a heading becomes empty text."""
    text = row["text"].strip()
    return {"text": text if len(text) >= SHORTEST_PARAGRAPH else ""}


def prepared(item: Item, loaded: Loaded) -> Item:
    """The item; if its text has no [MASK], with one word masked.

    The draw depends on the text alone; only words that are one piece of the vocabulary are drawn.
    """
    if "answer" in item.row:
        return item
    text = item.row["text"]
    words = [match for match in _WORD.finditer(text) if _is_one_piece(match[0], loaded)]
    if not words:
        raise InputError(f"{item.place}: the text has no common word that could be masked.")
    word = random.Random(text).choice(words)
    masked = f"{text[: word.start()]}[MASK]{text[word.end() :]}"
    return replace(item, row={**item.row, "text": masked, "answer": word[0]})


def _is_one_piece(word: str, loaded: Loaded) -> bool:
    ids = encoding.splitter(loaded).encode(word, add_special_tokens=False).ids
    return len(ids) == 1 and ids[0] != loaded.tokenizer.unk_token_id


def score(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    """Tally: masks, right first, right among five, loss."""
    answered = [row for row in rows if "answer" in row]
    plain = [row["text"] for row in rows if "answer" not in row]
    answers = iter(_score_answers(answered, loaded) if answered else ())
    paragraphs = iter(score_paragraphs(plain, loaded) if plain else ())
    return [next(answers if "answer" in row else paragraphs) for row in rows]


def encoded(row: LabelledRow, loaded: Loaded) -> object:
    """The text with its mask and its word; of a paragraph, its pieces."""
    if "answer" not in row:
        return encoding.require_part(loaded, row["text"])
    if several := _several_words(row):
        raise InputError(f"{several}.")
    return encode(row["text"], loaded, row["answer"])


def rank_column(rank: int) -> str:
    """The column of a rank (from 1) in the confusion table."""
    return RANKS[(rank > 1) + (rank > TOP) + (rank > 100)]


def _score_answers(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    texts, words = [row["text"] for row in rows], [row["answer"] for row in rows]
    answers = []
    for result in fill(texts, loaded, top=1, answer=words):
        best, word = result.candidates[0], result.answer
        assert word is not None
        rank = word.rank or loaded.model.config.vocab_size  # several pieces are never proposed
        answers.append(
            ScoredAnswer(
                answer=best.word,
                right=rank == 1,
                probability=best.probability,
                loss=word.loss,
                tally=(1, rank == 1, rank <= TOP, word.loss),
                cells=(("rank of the word", rank_column(rank)),),
                unread=result.unread,
            )
        )
    return answers


def score_paragraphs(texts: Sequence[str], loaded: Loaded) -> list[ScoredAnswer]:
    """One answer per paragraph, whose tally counts its masked pieces, and a cell per whole word."""
    paragraphs = [masked_paragraph(text, loaded) for text in texts]
    rows = [
        replace(encoding.row(loaded, ids), masks=tuple(place + 1 for place in pieces))
        for ids, pieces in paragraphs
    ]
    targets = {
        row: torch.tensor([*pieces.values()])
        for row, (_, pieces) in zip(rows, paragraphs, strict=True)
    }

    def ranked(
        loaded: Loaded, inputs: encoding.Inputs, rows: Sequence[encoding.Row]
    ) -> list[torch.Tensor]:
        """(masks, 2) per row: rank from 1, and loss."""
        logits = forward(loaded, inputs, rows)
        return [_ranked(scores, targets[row]) for row, scores in zip(rows, logits, strict=True)]

    ranks, _ = steps.run(loaded, rows, ranked)
    return [
        _paragraph_answer(text, ids, pieces, table.tolist(), loaded)
        for text, (ids, pieces), table in zip(texts, paragraphs, ranks, strict=True)
    ]


def _ranked(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    right = logits.gather(1, targets[:, None])
    loss = logits.logsumexp(-1) - right[:, 0]
    return torch.stack([1 + (logits > right).sum(-1), loss], 1)


def _paragraph_answer(
    text: str, ids: list[int], pieces: dict[int, int], ranks: list[list[float]], loaded: Loaded
) -> ScoredAnswer:
    words = whole_words(encoding.pieces(loaded, text))
    visible = visible_words(words, set(pieces), len(ids))
    cells = tuple(
        (kind_of(words[place], text, visible), rank_column(int(rank)))
        for place, (rank, _) in zip(pieces, ranks, strict=True)
        if place in words
    )
    first = sum(rank == 1 for rank, _ in ranks)
    among = sum(rank <= TOP for rank, _ in ranks)
    loss = sum(loss for _, loss in ranks)
    return ScoredAnswer(
        answer="",
        right=first == len(ranks),
        probability=None,
        loss=loss / len(ranks),
        tally=(len(ranks), first, among, loss),
        cells=cells,
    )


def masked_paragraph(text: str, loaded: Loaded) -> tuple[list[int], dict[int, int]]:
    """The first pieces of a text, 15 % of them masked, and the masked pieces by position.

    What is masked depends on the text alone, so every model of one vocabulary sees the same.
    """
    encoding.require_text(text)
    ids = list(encoding.pieces(loaded, text).ids[: LONGEST_PARAGRAPH - 2])
    count = max(1, round(MASKED_SHARE * len(ids)))
    chosen = sorted(random.Random(text).sample(range(len(ids)), count))
    pieces = {position: ids[position] for position in chosen}
    for position in chosen:
        ids[position] = loaded.tokenizer.mask_token_id
    return ids, pieces


def by_kind(answers: Mapping[str, Sequence[ScoredAnswer]]) -> dict[str, Any]:
    """Top-1 and top-5 accuracy on the masked whole words of paragraphs by kind, for each role."""
    counts = {
        role: Counter(cell for answer in scored for cell in answer.cells)
        for role, scored in answers.items()
    }
    report: dict[str, Any] = {}
    for name, kinds in KINDS.items():
        ranks = {
            role: [sum(cells[kind, column] for kind in kinds) for column in RANKS]
            for role, cells in counts.items()
        }
        n = sum(next(iter(ranks.values())))
        report[name] = {"n": n} | {
            role: {"top1": rate(first, n), "top5": rate(first + second, n)}
            for role, (first, second, *_) in ranks.items()
        }
    return {"kinds": report} if any(kind["n"] for kind in report.values()) else {}


HEAD = EvaluationHead(
    unit="masked word pieces; 15 % of a paragraph's pieces are masked at once",
    official=HubSet("WikiText-2", "Salesforce/wikitext", "wikitext-2-raw-v1"),
    columns=("masks", "top1", "top5", "loss"),
    metrics=(
        Metric("top5", {"top5": 1}, {"masks": 1}, proportion=True),
        Metric("top1", {"top1": 1}, {"masks": 1}, proportion=True),
        Metric("loss", {"loss": 1}, {"masks": 1}, gain=False, unit="nats"),
    ),
    fault=fault,
    visitor_fault=visitor_fault,
    from_hub=from_hub,
    text=lambda row: str(row["text"]),
    expected=lambda row: str(row["answer"]),
    prepared=prepared,
    score=score,
    encoded=encoded,
    explained=lambda row: (FillMaskInput(row["text"]), None),
    outcomes=RANKS,
    counted=("masks", "masks"),
    details=by_kind,
    probes=lambda models: {"probes": probes.report(models)},
)
