"""Handlers of what is asked after Why?: tests, methods, attention, changes, files to save.

Each takes a `PairAttribution` and answers for its first target; `select_target` puts another first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from explain.attribution import METHODS, Attribution, attribute
from explain.attribution.agreement import agreement, method_agreement
from explain.attribution.attention import CAVEAT, attention
from explain.attribution.counterfactuals import change, edits_of, proposals, smallest_flip
from explain.attribution.export import pair_to_plain
from explain.attribution.faithfulness import faithfulness
from explain.attribution.results import Faithfulness, MethodAgreement, PairAttribution
from explain.figures import attribution as figures
from explain.models import ROLES, Loaded, fresh_classifier, load
from explain.records import InputError
from explain.render import attribution as drawing
from explain.render import follow_ups as more

ASSETS = Path(__file__).resolve().parents[2] / "assets"


def select_target(both: PairAttribution, number: int | None) -> PairAttribution:
    """One of the questions, alone."""
    one = slice(number or 0, (number or 0) + 1)
    return replace(
        both, teacher=both.teacher[one], student=both.student[one], agreement=both.agreement[one]
    )


def pair_of(both: PairAttribution) -> tuple[tuple[Attribution, Loaded], ...]:
    """The first question's attributions, with the models that they are of."""
    found = []
    for one in (both.teacher[0], both.student[0]):
        loaded = load(one.head, one.role, one.pair)
        found.append((one, loaded if loaded.name == one.model else fresh_classifier(loaded)))
    return tuple(found)


def check(both: PairAttribution) -> Iterator[tuple[Any, ...]]:
    """PairAttribution models' deletion tests, one after the other: text and plot."""
    found: list[Faithfulness] = []
    for one, loaded in pair_of(both):
        found.append(faithfulness(one, loaded))
        yield more.faithfulness(found), gr.update(value=figures.deletion(found), visible=True)


def compare_methods(both: PairAttribution) -> Iterator[tuple[Any, ...]]:
    """Every method on the same question of each model; Shapley values where the text is short."""
    found: list[MethodAgreement] = []
    for one, loaded in pair_of(both):
        asked = []
        for key, method in METHODS.items():
            try:
                asked.append(attribute(one.input, loaded, one.target, key, one.baseline))
            except InputError:
                if method.most_pieces is None:
                    raise
            yield (more.methods([*found, method_agreement(asked)]),)
        found.append(method_agreement(asked))


def look(both: PairAttribution) -> Iterator[tuple[Any, ...]]:
    """Attention of both models: text, and a picture of each."""
    found = [attention(one.input, loaded, one.target) for one, loaded in pair_of(both)]
    plots = [
        gr.update(value=figures.attention(one, role), visible=True)
        for role, one in zip(ROLES, found, strict=True)
    ]
    yield more.attention(found, CAVEAT), *plots


def propose(
    both: PairAttribution | None, about: int | None, number: int | None, action: str
) -> Any:
    """What fill-mask would write in the place of a word, when it is to be replaced."""
    if both is None or number is None or action != "replace":
        return gr.update(visible=action == "replace")
    one = select_target(both, about).teacher[0]
    try:
        words = proposals(one, number, [load("fill_mask", role, one.pair) for role in ROLES])
    except InputError:  # the visitor may still write a word
        words = ()
    return gr.update(choices=list(words), value=words[0] if words else None, visible=True)


def pick_word(both: PairAttribution, event: gr.EventData) -> tuple[Any, ...]:
    """A word of a grid was pressed: choose it there, and show what can be done with it."""
    about = int(event.question)
    return about, words_of(both, about, int(event.word)), gr.update(open=True)


def words_of(both: PairAttribution | None, about: int | None, chosen: int = 0) -> Any:
    """The words of one question, to choose from."""
    words = [] if both is None else select_target(both, about).teacher[0].words
    choices = [(f"{n}. {word.text}", n - 1) for n, word in enumerate(words, start=1)]
    return gr.update(choices=choices, value=chosen if choices else None)


def change_word(
    both: PairAttribution, number: int | None, action: str, word: str | None
) -> Iterator[tuple[Any, ...]]:
    """PairAttribution answers and both attributions with one word changed."""
    pair = pair_of(both)
    before = [one for one, _ in pair]
    edits = edits_of(before, -1 if number is None else number, action, word or "")
    text = before[0].words[number or 0].text
    what = {
        "delete": f"“{text}” is deleted.",
        "mask": f"“{text}” is masked.",
        "replace": f"“{text}” becomes “{(word or '').strip()}”.",
    }[action]
    found = []
    for (one, loaded), edit in zip(pair, edits, strict=True):
        found.append(change(one, loaded, [edit]))
        after = [each.attribution for each in found]
        same = agreement(*after) if len(after) == len(pair) else None
        yield (more.changes(found, same, what),)


def flip_answer(both: PairAttribution) -> Iterator[tuple[Any, ...]]:
    """The smallest change that turns each model's answer."""
    found = []
    for one, loaded in pair_of(both):
        found.append(smallest_flip(one, loaded))
        yield (more.flips(found),)


def saved(kind: str, both: PairAttribution) -> dict[str, str]:
    """A file for the browser to save: name, type and text."""
    one = both.teacher[0]
    name = f"why-{one.head.replace('_', '-')}"
    if kind == "json":
        text = json.dumps({"pair": one.pair, "head": one.head, **pair_to_plain(both)}, indent=1)
        return {"name": f"{name}.json", "type": "application/json", "text": text}
    sheets = ("style.css", "style-why.css", "standalone-why.css")
    css = "\n".join((ASSETS / sheet).read_text(encoding="utf-8") for sheet in sheets)
    versions = ", ".join(f"{package} {number}" for package, number in one.versions)
    about = [
        ("models", f"{one.model}, {both.student[0].model} (pair {one.pair})"),
        ("head", one.head),
        ("seed", str(one.seed)),
        ("versions", versions),
    ]
    text = more.page(drawing.result(both), "Why? The words each model relies on", about, css)
    return {"name": f"{name}.html", "type": "text/html", "text": text}


def reset_follow_ups(both: PairAttribution | None) -> tuple[Any, ...]:
    """After a new explanation: its questions and words to choose from, and nothing below."""
    named = [] if both is None else [one.description for one in both.teacher]
    about = gr.update(
        choices=[(f"{n}. {name}", n - 1) for n, name in enumerate(named, start=1)],
        value=0 if named else None,
        visible=len(named) > 1,
    )
    return about, words_of(both, 0), *clear_results()


def clear_results() -> tuple[Any, ...]:
    """What stood below is about another question: gone."""
    hidden = gr.update(value=None, visible=False)
    return "", "", "", "", hidden, hidden, hidden


def change_target(both: PairAttribution | None, about: int | None) -> tuple[Any, ...]:
    """Another question was chosen: its words, and nothing below."""
    return words_of(both, about), *clear_results()
