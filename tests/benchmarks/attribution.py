"""Our attributions against transformers-interpret 0.10: time, and the error on each one's own path.

The same checkpoint, the same 40 texts (8 to 120 word pieces), the same process, in turn. Ours
refines to a relative delta of 1 %, from its [PAD] baseline, as the peer's is; the peer runs at its
own settings (50 steps; one run a token for names). Neither is believed about its delta: both are
recomputed (ours from ids, the peer's as `peers.interpret` says). `over loop` is our time over that
of a bare torch loop that makes the same passes.

The defaults are meant for about ten minutes of two quiet cores, nearly all of them the peer's: each
text is run once (`--repeats` runs it more often), and the peer's steps for our tolerance are
searched on every eighth text (`--equal`). A sentence of n pieces costs the peer n runs of 50 passes
for its names, so those are measured on a few texts of up to 40 pieces (`--names 40 --longest 120`
measures all, for hours); their equal delta is the peer without the words it calls O, which is not
its default.

    pip install --no-deps transformers-interpret==0.10.0
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from itertools import count
from typing import Any

import measure
import torch
from peers.interpret import Interpret

from explain import encoding
from explain.attribution import (
    Attribution,
    NerInput,
    NerTarget,
    QuestionAnsweringInput,
    QuestionAnsweringTarget,
    SentimentInput,
    attribute,
    attribute_all,
)
from explain.attribution.function import Function
from explain.attribution.methods.integrated_gradients import NODES
from explain.attribution.records import HeadInput
from explain.attribution.request import requests_of
from explain.heads.ner import tag
from explain.models import ROLES, Loaded, load

HEADS = ("sentiment", "question_answering", "ner")
GOALS = {"sentiment": 2.0, "question_answering": 2.0, "ner": 10.0}  # times faster
SMALLER = 5.0  # times smaller delta, sentiment and questions
OVERHEAD = 1.3  # ours over a bare loop of the same passes
LONGEST, SHORTEST = 120, 8  # word pieces
STEPS = (10, 20, 30, 50, 80, 120)  # tried for the peer to reach our delta
TOLERANCE = 0.01
_seeds = count(1)  # a new seed is a new question: nothing is answered from memory


def main() -> None:
    """Measure every head and model; print a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=40)
    parser.add_argument("--names", type=int, default=4, help="texts for ner")
    parser.add_argument("--longest", type=int, default=40, help="word pieces of a text for ner")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--equal", type=int, default=5, help="texts, for the time at equal delta")
    parser.add_argument("--heads", nargs="+", default=HEADS, choices=HEADS)
    parser.add_argument("--roles", nargs="+", default=ROLES, choices=ROLES)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    found = {
        f"{head} {role}": compare(load(head, role), arguments)
        for head in arguments.heads
        for role in arguments.roles
    }
    titles = ("head and model", "ours ms", "peer ms", "faster", "equal delta*", "delta", "peer's",
              "times smaller", "over loop")  # fmt: skip
    measure.table(titles, [(name, *_row(figures)) for name, figures in found.items()])
    print("* for names: against the peer without the words it calls O")
    measure.report("attribution", texts=arguments.texts, repeats=arguments.repeats, results=found)


def _row(figures: dict[str, Any]) -> list[str]:
    ours, peer = figures["ours"], figures["peer"]
    shown = [f"{ours['ms']['median']:.0f}", f"{peer['ms']['median']:.0f}"]
    shown += [f"{figures['faster']['median']:.1f}", f"{figures['faster_at_equal_delta']:.1f}"]
    shown += [f"{100 * side['delta']['median']:.2f} %" for side in (ours, peer)]
    return [*shown, f"{figures['delta_smaller']:.1f}", f"{figures['over_loop']['median']:.2f}"]


def compare(loaded: Loaded, arguments: argparse.Namespace) -> dict[str, Any]:
    """Both on every text of one head, in turn; the search for equal delta on some, all lengths."""
    names = loaded.head == "ner"
    texts = arguments.names if names else arguments.texts
    every = inputs(loaded, texts, arguments.longest if names else LONGEST)
    peer, laps = Interpret(loaded), []
    for number, head_input in enumerate(every):
        lap, found = race(head_input, loaded, peer, arguments.repeats, number)
        lap["our_delta"] = max((our_delta(one, loaded) for one in found), default=0.0)
        lap["peer_delta"] = peer.delta()
        lap["loop"] = bare_loop(found, loaded)
        if names:
            lap["equal"] = _timed(lambda one=head_input: peer.run(one, ignored_labels=["O"]))
        elif number % max(1, texts // max(1, arguments.equal)) == 0:
            lap["equal"] = peer.time_at(head_input, TOLERANCE, STEPS)
        else:
            lap["equal"] = float("nan")
        laps.append(lap)
    return summary(loaded.head, laps)


def race(
    head_input: HeadInput, loaded: Loaded, peer: Interpret, repeats: int, number: int
) -> tuple[dict[str, float], tuple[Attribution, ...]]:
    """Milliseconds of both on one text, and what ours found; who goes first changes by text."""
    found: list[tuple[Attribution, ...]] = []
    runners = {
        "ours": lambda: found.append(ours(head_input, loaded)),
        "peer": lambda: peer.run(head_input),
    }
    order = list(runners)[:: -1 if number % 2 else 1]
    if number == 0:
        ours(head_input, loaded)  # a warm-up for what both share
    times = measure.laps({name: runners[name] for name in order}, repeats, warm_up=0)
    return {name: statistics.median(took) for name, took in times.items()}, found[-1]


def summary(head: str, laps: list[dict[str, float]]) -> dict[str, Any]:
    """Medians and spreads over the texts."""
    column = {name: [lap[name] for lap in laps] for name in laps[0]}
    loops = [(a, b) for a, b in zip(column["ours"], column["loop"], strict=True) if b == b]
    our_delta, peer_delta = (statistics.median(column[n]) for n in ("our_delta", "peer_delta"))
    faster = measure.ratio(column["peer"], column["ours"])
    over_loop = measure.ratio([a for a, _ in loops], [b for _, b in loops])
    smaller = peer_delta / max(our_delta, 1e-9)
    met = {"faster": faster["median"] >= GOALS[head], "over_loop": over_loop["median"] <= OVERHEAD}
    if head != "ner":
        met["delta_smaller"] = smaller >= SMALLER
    return {
        "ours": {
            "ms": measure.spread(column["ours"]),
            "delta": measure.spread(column["our_delta"]),
        },
        "peer": {
            "ms": measure.spread(column["peer"]),
            "delta": measure.spread(column["peer_delta"]),
        },
        "faster": faster,
        "faster_at_equal_delta": statistics.median(
            a / b for a, b in zip(column["equal"], column["ours"], strict=True) if a == a
        ),
        "delta_smaller": smaller,
        "over_loop": over_loop,
        "converged": sum(delta <= 1.05 * TOLERANCE for delta in column["our_delta"]),
        "met": met,
    }


def ours(head_input: HeadInput, loaded: Loaded) -> tuple[Attribution, ...]:
    """What the peer explains, by us: a label, start and end of an answer, every entity."""
    seed = next(_seeds)
    if isinstance(head_input, NerInput):
        entities = tag(head_input.text, loaded).entities
        names = [NerTarget(entity.start, entity.end, entity.kind) for entity in entities]
        return attribute_all(head_input, loaded, names, baseline="pad", seed=seed)
    if isinstance(head_input, QuestionAnsweringInput):
        parts = [QuestionAnsweringTarget(part) for part in ("start", "end")]
        return attribute_all(head_input, loaded, parts, baseline="pad", seed=seed)
    return (attribute(head_input, loaded, baseline="pad", seed=seed),)


def our_delta(found: Attribution, loaded: Loaded) -> float:
    """Relative delta with F of text and baseline from the plain model on ids."""
    pad = loaded.tokenizer.pad_token_id
    values = []
    for replaced in (False, True):
        ids = [pad if replaced and not p.is_special else p.id for p in found.pieces]
        first = next(i for i, piece in enumerate(found.pieces) if i and piece.is_special) + 1
        inputs = encoding.tensors(loaded, [encoding.Row(tuple(ids), first)])
        with torch.no_grad():
            output = loaded.model(**inputs)
        values.append(sum(term.weight * _logit(output, term) for term in found.terms))
    difference = values[0] - values[1]
    return abs(sum(found.scores) - difference) / max(abs(difference), 1e-2)


def _logit(output: Any, term: Any) -> float:
    if hasattr(output, "start_logits"):
        return float((output.start_logits, output.end_logits)[term.output][0, term.position])
    logits = output.logits[0]
    return float(logits[term.position, term.output] if logits.dim() == 2 else logits[term.output])


def bare_loop(found: tuple[Attribution, ...], loaded: Loaded) -> float:
    """Milliseconds of the same passes on the same rows and nothing else; NaN without any."""
    if not found:
        return float("nan")
    targets = [one.target for one in found]
    (question, *others) = requests_of(found[0].input, loaded, targets)
    if others:
        return float("nan")
    function = Function(loaded, question.piece_rows, question.terms, "pad")
    ledger, width = found[0].ledger, len(found)
    nodes = ledger.backward_passes // width
    points = function.input.expand(NODES, *function.input.shape).clone()

    def run() -> None:
        for _ in range(nodes // NODES):
            batch = points.clone().requires_grad_()
            sums = function(batch).sum(0)
            for number in range(width):
                torch.autograd.grad(sums[number], batch, retain_graph=number < width - 1)
        with torch.no_grad():
            for start in range(nodes, ledger.forward_passes, NODES):
                function(points[: min(NODES, ledger.forward_passes - start)])

    return _timed(run)


def _timed(run: Any) -> float:
    began = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - began)


def inputs(loaded: Loaded, count_: int, longest: int = LONGEST) -> list[HeadInput]:
    """Texts of our evaluation sets, joined until they are as long as wanted."""
    wanted = [SHORTEST + (longest - SHORTEST) * i // max(1, count_ - 1) for i in range(count_)]
    path = measure.ROOT / "assets" / "evaluation" / f"{loaded.head}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found: list[HeadInput] = []
    for number, length in enumerate(wanted):
        start = number * 7 % len(rows)
        turned = rows[start:] + rows[:start]
        if loaded.head == "question_answering":
            found.append(_nearest(loaded, rows, length))
        else:
            parts = [row.get("text") or " ".join(row["tokens"]) for row in turned]
            kind = NerInput if loaded.head == "ner" else SentimentInput
            found.append(kind(_joined(loaded, parts, length)))
    return found


def _joined(loaded: Loaded, parts: list[str], length: int) -> str:
    """Sentences, the last one cut, of about `length` pieces with the special ones."""
    text = " ".join(parts[:20])
    pieces = encoding.pieces(loaded, text)
    return text[: pieces.offsets[min(length - 3, len(pieces.offsets) - 1)][1]]


def _nearest(loaded: Loaded, rows: list[dict[str, Any]], length: int) -> QuestionAnsweringInput:
    """The question whose row is nearest to a length, its context cut after the answer."""

    def read(row: dict[str, Any]) -> QuestionAnsweringInput:
        answer = row["answers"]["answer_start"][0] + len(row["answers"]["text"][0])
        room = max(1, length - len(encoding.pieces(loaded, row["question"]).ids) - 3)
        offsets = encoding.pieces(loaded, row["context"]).offsets
        end = max(answer, offsets[min(room, len(offsets)) - 1][1])
        return QuestionAnsweringInput(row["question"], row["context"][:end])

    def gap(one: QuestionAnsweringInput) -> int:
        parts = (one.question, one.context)
        return abs(length - 3 - sum(len(encoding.pieces(loaded, part).ids) for part in parts))

    return min(map(read, rows), key=gap)


if __name__ == "__main__":
    main()
