"""Handlers below an explanation: tests, methods, attention, changes of a word, files to save.

Each takes a `PairAttribution` and answers for its first target; `select_target` puts another first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos.common import visitor_errors
from demos.why.running import Remaining, Steps, require_index, select_target
from explain.attribution.agreement import agreement, method_agreement
from explain.attribution.attention import CAVEAT, attention
from explain.attribution.counterfactuals import change_steps, edits_of, flip_steps, proposals
from explain.attribution.edits import ACTIONS
from explain.attribution.engine import attribute_steps, require
from explain.attribution.export import pair_to_plain
from explain.attribution.faithfulness import faithfulness_steps
from explain.attribution.heads import attribution_head
from explain.attribution.methods import METHODS
from explain.attribution.records import Attribution
from explain.attribution.results import (
    EditEffect,
    Faithfulness,
    Flip,
    MethodAgreement,
    PairAttribution,
)
from explain.encoding import optional_text
from explain.figures import attribution as figures
from explain.models import ROLES, Loaded, fresh_classifier, load
from explain.records import MODEL_NAMES, InputError
from explain.render import attribution as drawing
from explain.render import follow_ups as follow_up_drawing

ASSETS = Path(__file__).resolve().parents[2] / "assets"
STYLE_SHEETS = ("style.css", "style-why.css", "standalone-why.css")


class Areas(NamedTuple):
    """Everything that a follow-up can show."""

    proof: Any
    methods: Any
    attention: Any
    changed: Any
    teacher_curve: Any
    student_curve: Any
    teacher_attention: Any
    student_attention: Any


def with_models(attributions: PairAttribution) -> tuple[tuple[Attribution, Loaded], ...]:
    """The attributions of the first target, each with the model that it is of."""
    pairs = []
    for attribution in (attributions.teacher[0], attributions.student[0]):
        loaded = load(attribution.head, attribution.role, attribution.pair)
        trained = loaded.name == attribution.model
        pairs.append((attribution, loaded if trained else fresh_classifier(loaded)))
    return tuple(pairs)


def check_faithfulness(attributions: PairAttribution) -> Steps:
    """Both models' deletion tests, one after the other: text and a plot of each."""
    results: list[Faithfulness] = []
    remaining = Remaining()
    for number, (attribution, loaded) in enumerate(with_models(attributions)):
        steps = faithfulness_steps(attribution, loaded)
        name = MODEL_NAMES[attribution.role]
        while True:
            try:
                share = next(steps)
                left = remaining.after((number + share) / len(ROLES))
                status = f"Testing the scores of {name}: {100 * share:.0f} % done{left}."
            except StopIteration as end:
                results.append(end.value)
                break
            yield status, *_proof(results)
    yield "", *_proof(results)


def _proof(results: Sequence[Faithfulness]) -> tuple[Any, ...]:
    curves: list[Any] = [
        gr.update(value=figures.deletion(result, role), visible=True)
        for role, result in zip(ROLES, results, strict=False)
    ]
    text = follow_up_drawing.faithfulness(results) if results else ""
    return text, *curves, *[gr.skip()] * (len(ROLES) - len(results))


def compare_methods(attributions: PairAttribution) -> Steps:
    """Every method on the same target of each model, those for short text where it is short."""
    results: list[MethodAgreement] = []
    offered = {key: method for key, method in METHODS.items() if method.offered}
    remaining = Remaining()
    for attribution, loaded in with_models(attributions):
        by_method: list[Attribution] = []
        for number, (key, method) in enumerate(offered.items(), len(offered) * len(results)):
            left = remaining.after(number / (len(ROLES) * len(offered)))
            given = attribution.input, loaded, [attribution.target], key, attribution.baseline
            shown = [*results, method_agreement(by_method)] if by_method else results
            drawn = follow_up_drawing.methods(shown)
            latest: list[Attribution] = []
            try:
                for latest[:] in attribute_steps(*given):
                    yield f"{MODEL_NAMES[attribution.role]}: {method.name} …{left}", drawn
                by_method += latest
            except InputError:
                if method.most_pieces is None:
                    raise
        results.append(method_agreement(by_method))
    yield "", follow_up_drawing.methods(results)


def show_attention(attributions: PairAttribution) -> Steps:
    """Attention of both models: text, and a picture of each."""
    results = [attention(attribution, loaded) for attribution, loaded in with_models(attributions)]
    highest = max(weight for result in results for layer in result.layers for weight in layer)
    plots = [
        gr.update(value=figures.attention(result, role, highest), visible=True)
        for role, result in zip(ROLES, results, strict=True)
    ]
    yield "", follow_up_drawing.attention(results, CAVEAT), *plots


def change_word(
    attributions: PairAttribution, number: object, action: str, replacement: str | None
) -> Steps:
    """Both answers and both attributions with one word changed."""
    require(action, ACTIONS, "change")
    pairs = with_models(attributions)
    before = [attribution for attribution, _ in pairs]
    chosen = require_index(number, len(before[0].words), "Choose a word of the text to change.")
    written = optional_text(replacement, "new word") or ""
    edits = edits_of(before, chosen, action, written)
    word = before[0].words[chosen].text
    sentence = {
        "delete": f"“{word}” is deleted.",
        "mask": f"“{word}” is masked.",
        "replace": f"“{word}” becomes “{written.strip()}”.",
    }[action]
    changes: list[EditEffect] = []
    remaining = Remaining()
    for (attribution, loaded), edit in zip(pairs, edits, strict=True):
        for effect in change_steps(attribution, loaded, [edit]):
            after = [each.attribution for each in (*changes, effect)]
            same = agreement(*after) if len(after) == len(pairs) else None
            done, expected = effect.attribution.ledger.steps, attribution.ledger.steps
            left = remaining.after((len(changes) + min(1, done / expected)) / len(pairs))
            status = f"{MODEL_NAMES[attribution.role]}: {done:,} steps{left}."
            yield status, follow_up_drawing.changes([*changes, effect], same, sentence)
        changes.append(effect)


def flip_answer(attributions: PairAttribution) -> Steps:
    """The smallest change that flips each model's answer."""
    flips: list[Flip] = []
    remaining = Remaining()
    for attribution, loaded in with_models(attributions):
        for flip in flip_steps(attribution, loaded):
            left = remaining.after((len(flips) + flip.tried / flip.most) / len(ROLES), "at most")
            status = f"{MODEL_NAMES[attribution.role]}: {flip.tried:,} changes tried{left}."
            yield status, follow_up_drawing.flips([*flips, flip], done=False)
        flips.append(flip)
    yield "", follow_up_drawing.flips(flips)


def propose_words(
    attributions: PairAttribution | None, about: object, number: object, action: str
) -> Any:
    """Words that fill-mask proposes in the place of a word that is to be replaced."""
    if attributions is None or number is None or action != "replace":
        return gr.update(visible=action == "replace")
    words: tuple[str, ...] = ()
    with suppress(InputError):  # the visitor may still write a word
        attribution = select_target(attributions, about).teacher[0]
        chosen = require_index(number, len(attribution.words), "Choose a word of the text.")
        fillers = [load("fill_mask", role, attribution.pair) for role in ROLES]
        words = proposals(attribution, chosen, fillers)
    return gr.update(choices=list(words), value=words[0] if words else None, visible=True)


@visitor_errors
def pick_word(attributions: PairAttribution | None, event: gr.EventData) -> tuple[Any, ...]:
    """Word and open drawer, after a word of the text was pressed; its target is the one shown."""
    given = event._data if isinstance(event._data, Mapping) else {}
    chosen = select_target(attributions, given.get("question"))
    words = chosen.teacher[0].words
    number = require_index(given.get("word"), len(words), "Choose a word of the text.")
    return word_menu(attributions, given.get("question"), number), gr.update(open=True)


def word_menu(attributions: PairAttribution | None, about: object, chosen: int = 0) -> Any:
    """The words of one target, to choose from."""
    words = [] if attributions is None else select_target(attributions, about).teacher[0].words
    choices = [(f"{n}. {word.text}", n - 1) for n, word in enumerate(words, start=1)]
    return gr.update(choices=choices, value=chosen if choices else None)


def reset_follow_ups(attributions: PairAttribution | None) -> tuple[Any, ...]:
    """After a new explanation: targets and words to choose from, and nothing below."""
    titles = []
    for attribution in attributions.teacher if attributions else ():
        head = attribution_head(attribution.head)
        described = attribution.input, attribution.target
        titles.append(head.title(*described) if head.title else head.names(*described)[0])
    about = gr.update(
        choices=[(f"{n}. {title}", n - 1) for n, title in enumerate(titles, start=1)],
        value=0 if titles else None,
        visible=len(titles) > 1,
    )
    return about, word_menu(attributions, 0), *clear_areas()


def clear_areas() -> Areas:
    """Nothing below an explanation: what was there belongs to another target."""
    hidden = (gr.update(value=None, visible=False) for _ in range(4))  # Gradio empties each one
    return Areas("", "", "", "", *hidden)


@visitor_errors
def change_target(attributions: PairAttribution | None, about: object) -> tuple[Any, ...]:
    """After another target was chosen: its text, its words, and nothing below."""
    select_target(attributions, about)
    assert attributions is not None
    number = require_index(about or 0, len(attributions.teacher), "Choose one of the answers.")
    shown = drawing.result(attributions, number)
    return shown, word_menu(attributions, number), *clear_areas()


@visitor_errors
def saved(kind: str, attributions: PairAttribution | None) -> dict[str, str]:
    """A file for the browser to save: name, type and text."""
    select_target(attributions, 0)
    assert attributions is not None
    first, second = attributions.teacher[0], attributions.student[0]
    name = f"why-{first.head.replace('_', '-')}"
    if kind == "json":
        plain = {"pair": first.pair, "head": first.head, **pair_to_plain(attributions)}
        text = json.dumps(plain, indent=1)
        return {"name": f"{name}.json", "type": "application/json", "text": text}
    css = "\n".join((ASSETS / sheet).read_text(encoding="utf-8") for sheet in STYLE_SHEETS)
    about = [
        ("models", f"{first.model}, {second.model} (pair {first.pair})"),
        ("head", first.head),
        ("seed", str(first.seed)),
        ("versions", ", ".join(f"{package} {number}" for package, number in first.versions)),
    ]
    title = "Why? The words each model relies on"
    text = follow_up_drawing.page(drawing.result(attributions, alone=True), title, about, css)
    return {"name": f"{name}.html", "type": "text/html", "text": text}
