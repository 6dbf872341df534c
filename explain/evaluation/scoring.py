"""Is the answer right? Items of each head through one model, held against their labels.

Items go through the very functions that a visitor's text goes through (`explain.heads`), as one
list: sorted by length there, padded to the longest of a batch.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from explain import encoding
from explain.evaluation.items import Item, LabelledRow, ScoredAnswer, prompt
from explain.evaluation.metrics import answer_f1, entities, exact_match, normalise
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import Loaded
from explain.records import InputError

TOP = 5
NO_NAMES = "no names"
_WORD = re.compile(r"(?<!\w)[A-Za-z]{2,}(?!\w)")  # "th" of "20th" is no word
Names = set[tuple[str, int, int]]  # kind, first word, last word


def judge(items: Sequence[Item], loaded: Loaded) -> tuple[ScoredAnswer, ...]:
    """One judgement an item, in their order; an item that cannot be read is named by its row."""
    try:
        return tuple(_JUDGE[loaded.head]([item.row for item in items], loaded))
    except InputError:
        for item in items:
            try:
                _JUDGE[loaded.head]([item.row], loaded)
            except InputError as error:
                raise InputError(f"Row {item.number}: {error}") from error
        raise


def prepared(item: Item, loaded: Loaded) -> Item:
    """The item as it is asked: of a text without [MASK], one word is masked.

    The draw depends on the text alone; only words that are one piece of the vocabulary are drawn.
    """
    if loaded.head != "fill_mask" or "answer" in item.row:
        return item
    text = item.row["text"]
    found = [match for match in _WORD.finditer(text) if _is_one_piece(match[0], loaded)]
    if not found:
        raise InputError(f"Row {item.number}: the text has no common word that could be masked.")
    word = random.Random(text).choice(found)
    masked = f"{text[: word.start()]}[MASK]{text[word.end() :]}"
    return replace(item, row={**item.row, "text": masked, "answer": word[0]})


def asked(head: str, row: LabelledRow) -> str:
    """The item in words."""
    if head == "ner":
        return " ".join(row["tokens"])
    if head == "multiple_choice":
        choices = " ".join(f"({i}) {choice}" for i, choice in enumerate(row["choices"], start=1))
        return f"{prompt(row)} {choices}"
    if head == "question_answering":
        return f"{row['question']} {row['context']}"
    return str(row["text"])


def wanted(head: str, row: LabelledRow) -> str:
    """The right answer in words."""
    if head == "sentiment":
        return sentiment.LABELS[row["label"]]
    if head == "ner":
        return _named(row["tokens"], entities(row["tags"]))
    if head == "multiple_choice":
        return _choice(row, row["label"])
    if head == "question_answering":
        return " / ".join(dict.fromkeys(row["answers"]["text"]))
    return str(row["answer"])


def agree(head: str, first: ScoredAnswer, second: ScoredAnswer) -> bool:
    """Whether two models give the same answer; of spans, articles and punctuation apart."""
    if head == "question_answering":
        return normalise(first.answer) == normalise(second.answer)
    return first.answer == second.answer


def _sentiment(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    names = [sentiment.LABELS[row["label"]] for row in rows]
    results = sentiment.classify([row["text"] for row in rows], loaded, names)
    judged = []
    for result, name in zip(results, names, strict=True):
        right, loss = result.label == name, result.loss
        assert loss is not None
        sure = max(result.probabilities)
        outcomes, tally = ((name, result.label),), (1, right, loss)
        judged.append(ScoredAnswer(result.label, right, sure, loss, tally, outcomes, result.unread))
    return judged


def _ner(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    tags = [row["tags"] for row in rows]
    results = ner.tag_words([row["tokens"] for row in rows], loaded, tags)
    judged = []
    for result, row in zip(results, rows, strict=True):
        assert result.loss is not None
        predicted, named = entities([word.tag for word in result.words]), entities(row["tags"])
        count = len(row["tags"])
        tally = len(predicted & named), len(predicted), len(named), count, result.loss * count
        answer, right = _named(row["tokens"], predicted), predicted == named
        outcomes = tuple(_outcomes(predicted, named))
        judged.append(ScoredAnswer(answer, right, None, result.loss, tally, outcomes))
    return judged


def _multiple_choice(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    labels = [row["label"] for row in rows]
    choices = [row["choices"] for row in rows]
    results = multiple_choice.choose([prompt(row) for row in rows], choices, loaded, labels)
    judged = []
    for result, row in zip(results, rows, strict=True):
        label, best, loss = row["label"], result.best, result.loss
        assert loss is not None
        tally = 1, best == label, 1 / len(result.choices), loss
        outcomes = ((f"choice {label + 1}", f"choice {best + 1}"),)
        sure = result.probabilities[best]
        judged.append(ScoredAnswer(_choice(row, best), best == label, sure, loss, tally, outcomes))
    return judged


def _question_answering(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    questions, contexts = [row["question"] for row in rows], [row["context"] for row in rows]
    judged = []
    for result, row in zip(
        question_answering.answer(questions, contexts, loaded, top=1), rows, strict=True
    ):
        best, right = result.spans[0], row["answers"]["text"]
        exact, f1 = exact_match(best.text, right), answer_f1(best.text, right)
        met = "exactly" if exact else "in part" if f1 else "not at all"
        outcomes, tally = (("answers met", met),), (1, exact, f1)
        judged.append(ScoredAnswer(best.text, exact == 1, best.probability, None, tally, outcomes))
    return judged


def _fill_mask(rows: list[LabelledRow], loaded: Loaded) -> list[ScoredAnswer]:
    texts, answers = [row["text"] for row in rows], [row["answer"] for row in rows]
    judged = []
    for result in fill_mask.fill(texts, loaded, top=1, answer=answers):
        best, answer = result.candidates[0], result.answer
        assert answer is not None
        rank = answer.rank or loaded.model.config.vocab_size  # several pieces are never proposed
        names = ("first", "2nd to 5th", "6th to 100th", "later")
        column = names[(rank > 1) + (rank > TOP) + (rank > 100)]
        tally, outcomes = (1, rank == 1, rank <= TOP, answer.loss), (("rank of the word", column),)
        sure = best.probability
        judged.append(
            ScoredAnswer(best.word, rank == 1, sure, answer.loss, tally, outcomes, result.unread)
        )
    return judged


_JUDGE: dict[str, Callable[[list[LabelledRow], Loaded], list[ScoredAnswer]]] = {
    "fill_mask": _fill_mask,
    "sentiment": _sentiment,
    "ner": _ner,
    "multiple_choice": _multiple_choice,
    "question_answering": _question_answering,
}


def _is_one_piece(word: str, loaded: Loaded) -> bool:
    ids = encoding.splitter(loaded).encode(word, add_special_tokens=False).ids
    return len(ids) == 1 and ids[0] != loaded.tokenizer.unk_token_id


def _choice(row: LabelledRow, index: int) -> str:
    return f"({index + 1}) {row['choices'][index]}"


def _named(tokens: Sequence[str], names: Names) -> str:
    """Names in reading order, each after its kind."""
    said = [
        f"{kind} {' '.join(tokens[first : last + 1])}"
        for kind, first, last in sorted(names, key=lambda name: name[1])
    ]
    return "; ".join(said) or NO_NAMES


def _outcomes(predicted: Names, named: Names) -> list[tuple[str, str]]:
    """What became of every name, and which were made up: (kind, outcome)."""
    found = []
    for kind, first, last in named:
        if (kind, first, last) in predicted:
            outcome = "found"
        elif any((first, last) == other[1:] for other in predicted):
            outcome = "other kind"
        elif any(first <= other[2] and other[1] <= last for other in predicted):
            outcome = "cut otherwise"
        else:
            outcome = "missed"
        found.append((kind, outcome))
    for kind, first, last in predicted:
        if not any(first <= other[2] and other[1] <= last for other in named):
            found.append((kind, "made up"))
    return found
