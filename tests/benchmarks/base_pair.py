"""How long does the base pair take? Ten full-size checkpoints with random weights, in a Hub cache.

The weights are those of the initialisation: times and memory are real, the answers are not. Goals
on two cores: an answer of one model within 0.25 s at 28 word pieces, an explanation's first picture
within 1 s, at most 5 GB, and no model read twice while a visitor walks through the tabs.

    python tests/benchmarks/base_pair.py
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import measure
import torch
from huggingface_hub import constants

from explain.attribution import SentimentInput, attribute
from explain.attribution.engine import pair_steps
from explain.attribution.inputs import fixed_targets
from explain.environment import memory
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import FAMILY, HEADS, PAIRS, ROLES, Loaded, load, loading
from explain.models.architectures import config_class, model_class
from tests.hub_cache import NER_LABELS, files_of, publish

TEXT = "the film was a good film and the capital of france is paris, who was it of the film. is"
SIZE = 30_522  # word pieces of the vocabulary
LABELS = {"ner": NER_LABELS, "sentiment": ("negative", "positive")}
ANSWER: dict[str, Callable[[Loaded], object]] = {
    "fill_mask": lambda loaded: fill_mask.fill(f"{TEXT} [MASK].", loaded),
    "sentiment": lambda loaded: sentiment.classify(TEXT, loaded),
    "ner": lambda loaded: ner.tag(TEXT, loaded),
    "multiple_choice": lambda loaded: multiple_choice.choose(TEXT, ["a film", "paris"], loaded),
    "question_answering": lambda loaded: question_answering.answer("who was it", TEXT, loaded),
}
TEXTS = itertools.count()  # a text of its own for each explanation: results are remembered
GOALS = {"answer": 0.25, "why": 1.0, "gigabytes": 5.0}


def publish_all(cache: Path) -> None:
    """Ten repositories of full size in the cache, as the table of checkpoints names them."""
    for role in ROLES:
        for head in HEADS:
            torch.manual_seed(0)
            names = LABELS.get(head)
            labels = {"id2label": dict(enumerate(names))} if names else {}
            model = model_class(FAMILY[role], head)(config_class(FAMILY[role])(**labels)).eval()
            files = files_of(model)
            pieces = json.loads(files["tokenizer.json"])
            known = pieces["model"]["vocab"]
            known |= {f"zz{number}": number for number in range(len(known), SIZE)}
            files["tokenizer.json"] = json.dumps(pieces).encode()
            publish(cache, PAIRS["base"][role][head].source, files)


def walk() -> int:
    """Open every tab twice with both models; how many models were read in the second walk."""
    models = [load(head, role, "base").model for head in HEADS for role in ROLES]
    again = [load(head, role, "base").model for head in HEADS for role in ROLES]
    return sum(one is not other for one, other in zip(models, again, strict=True))


def main() -> None:
    """Publish the checkpoints in a folder that is removed at the end, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="base-pair-") as cache:
        constants.HF_HUB_CACHE, constants.HF_HUB_OFFLINE = cache, True
        publish_all(Path(cache))
        measured(options.repeats)


def measured(repeats: int) -> None:
    """Load, answer, explain; print a table and one JSON object."""
    began = time.perf_counter()
    read_again = walk()
    seconds_to_load = time.perf_counter() - began
    runners = {
        f"{head}, {role}": (lambda head=head, role=role: ANSWER[head](load(head, role, "base")))
        for head in HEADS
        for role in ROLES
    }
    for role in ROLES:
        runners[f"why, {role}"] = lambda role=role: explain(role)
    runners["first picture of Why?"] = first_picture
    times = measure.laps(runners, repeats, warm_up=1)
    figures = {name: measure.spread([ms / 1e3 for ms in laps]) for name, laps in times.items()}
    gigabytes = memory() / 1e9
    measure.table(
        ("what", "median", "middle half"),
        [
            (name, f"{one['median']:.2f} s", f"{one['p25']:.2f} to {one['p75']:.2f} s")
            for name, one in figures.items()
        ],
    )
    measure.report(
        "base_pair", seconds=figures, gigabytes=gigabytes, read_again=read_again,
        models_kept=len([key for key in loading._cache if key[2] == "base"]),
        seconds_to_load=seconds_to_load, goals=GOALS,
    )  # fmt: skip


def explain(role: str) -> object:
    """A whole attribution by integrated gradients, computed and not remembered."""
    text = f"{TEXT} {next(TEXTS)}"
    return attribute(SentimentInput(text), load("sentiment", role, "base"))


def first_picture() -> object:
    """The first step of an explanation of both models, as the page draws it."""
    asked = SentimentInput(f"{TEXT} {next(TEXTS)}")
    loaded = [load("sentiment", role, "base") for role in ROLES]
    targets = fixed_targets(asked, loaded, "positive").targets
    with closing(pair_steps(asked, loaded, targets)) as steps:
        return next(steps)


if __name__ == "__main__":
    main()
