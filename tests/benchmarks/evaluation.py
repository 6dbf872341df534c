"""How much faster is a set evaluated in batches than item by item? The same answers, both ways.

Pocket pair, float32. `batches` is what the race does: sorted by length, padded to the longest of a
batch. `pipeline` is one call of `transformers.pipeline` an item around the same loaded model; for
questions and choices, which have no pipeline any more, it is one call of our own function an item.
`at most` is what no batches can exceed here: one by one, over the encoder's matrix products alone
(its real weights, every word piece once, no padding, no attention, nothing else).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

import measure
import torch
from torch import nn
from transformers import AutoTokenizer, logging, pipeline

from explain import encoding
from explain.evaluation import sets
from explain.evaluation.heads.ner import HEAD as NER
from explain.evaluation.items import Item
from explain.evaluation.scoring import batches, score
from explain.heads.sentiment import LABELS
from explain.heads.steps import PADDED_BUDGET
from explain.models import ASSETS, HEADS, ROLES, Loaded, load
from explain.models.layers import trunk

GOAL = 3.0  # one call an item, over batches
TASKS = {
    "fill_mask": ("fill-mask", {"top_k": 1}),
    "sentiment": ("text-classification", {}),
    "ner": ("token-classification", {"aggregation_strategy": "none", "ignore_labels": []}),
}
OneByOne = Callable[[], list[str]]


def main() -> None:
    """Measure every head of both models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="laps of each (7)")
    parser.add_argument("--items", type=int, default=0, help="of each set, at most (all)")
    parser.add_argument("--head", choices=HEADS, help="this one alone")
    options = parser.parse_args()
    logging.set_verbosity_error()
    results = [
        measured(head, role, options.items, options.repeats)
        for head in ([options.head] if options.head else HEADS)
        for role in ROLES
    ]
    titles = ("head", "model", "items", "against", "batches ms", "one by one ms", "times",
              "at most", "same")  # fmt: skip
    measure.table(titles, [line(result) for result in results])
    worst = min(result["times_as_fast"]["median"] for result in results)
    print(f"\nleast: {worst:.2f} times as fast; goal {GOAL:.1f}")
    measure.report(
        "evaluation", pair="pocket", precision="float32", threads=torch.get_num_threads(),
        repeats=options.repeats, unit="ms", results=results,
        goal={"times_as_fast": GOAL, "least": worst, "met": worst >= GOAL},
    )  # fmt: skip


def measured(head: str, role: str, most: int, repeats: int) -> dict[str, Any]:
    """Interleaved laps over one set by one model, and whether both ways answer the same."""
    loaded, items = load(head, role), sets.sample(sets.ours(head), most).items
    against = "pipeline" if head in TASKS else "own call"
    one_by_one = piped(loaded, items) if head in TASKS else called(loaded, items)
    differing = sum(a != b for a, b in zip(batched(items, loaded), one_by_one(), strict=True))
    runners = {
        "batches": lambda: batched(items, loaded),
        "one_by_one": one_by_one,
        "products": products(items, loaded),
    }
    times = measure.laps(runners, repeats, warm_up=0)  # both have just run
    return {
        "head": head, "model": loaded.name, "role": role, "items": len(items), "against": against,
        **{name: measure.spread(values) for name, values in times.items()},
        "times_as_fast": measure.ratio(times["one_by_one"], times["batches"]),
        "at_most": measure.ratio(times["one_by_one"], times["products"]),
        "differing": differing,
    }  # fmt: skip


def batched(items: Sequence[Item], loaded: Loaded) -> list[str]:
    """Every item's answer, as the race finds it."""
    found: dict[int, str] = {}
    for group in batches(items, loaded):
        judged = score([items[index] for index in group], loaded)
        found |= zip(group, (one.answer for one in judged), strict=True)
    return [found[index] for index in range(len(items))]


def products(items: Sequence[Item], loaded: Loaded) -> Callable[[], None]:
    """The products of the encoder's linear layers for every word piece of the items."""
    with patch.object(encoding, "tensors", wraps=encoding.tensors) as made:
        batched(items, loaded)
    pieces = sum(len(row.ids) for call in made.call_args_list for row in call.args[1])
    weights = [
        module.weight.t() for name, module in trunk(loaded.model).named_modules()
        if isinstance(module, nn.Linear) and "pooler" not in name
    ]  # fmt: skip
    hidden = {width: torch.randn(PADDED_BUDGET, width) for width in {w.shape[0] for w in weights}}

    def run() -> None:
        with torch.inference_mode():
            for first in range(0, pieces, PADDED_BUDGET):
                for weight in weights:
                    hidden[weight.shape[0]][: pieces - first] @ weight

    return run


def called(loaded: Loaded, items: Sequence[Item]) -> OneByOne:
    """Our own function, one call an item."""
    return lambda: [score([item], loaded)[0].answer for item in items]


def piped(loaded: Loaded, items: Sequence[Item]) -> OneByOne:
    """The pipeline of transformers, one call an item, its answers in our words."""
    task, settings = TASKS[loaded.head]
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / loaded.name, local_files_only=True)
    pipe = pipeline(task, model=loaded.model, tokenizer=tokenizer, device="cpu", **settings)
    said = {"fill_mask": said_word, "sentiment": said_label, "ner": said_names}[loaded.head]

    def run() -> list[str]:
        texts = (item.row.get("text") or " ".join(item.row["tokens"]) for item in items)
        return [said(pipe(text), item, loaded) for text, item in zip(texts, items, strict=True)]

    return run


def said_word(found: list[dict[str, Any]], item: Item, loaded: Loaded) -> str:
    """The entry of the vocabulary that comes first."""
    return str(loaded.tokenizer.convert_ids_to_tokens(found[0]["token"]))


def said_label(found: list[dict[str, Any]], item: Item, loaded: Loaded) -> str:
    """Negative or positive."""
    index = loaded.model.config.label2id[found[0]["label"]]
    return LABELS[LABELS.index(loaded.labels[index])]


def said_names(found: list[dict[str, Any]], item: Item, loaded: Loaded) -> str:
    """Names, each word tagged by its first piece."""
    ids = loaded.model.config.label2id
    tag_at = {piece["start"]: loaded.labels[ids[piece["entity"]]] for piece in found}
    starts, end = [], 0
    for word in item.row["tokens"]:
        starts.append(end)
        end += len(word) + 1
    return NER.expected({"tokens": item.row["tokens"], "tags": [tag_at[at] for at in starts]})


def line(result: dict[str, Any]) -> list[str]:
    """One row of the table."""
    times = ["{median:.0f} ({p25:.0f} to {p75:.0f})".format(**result[name])
             for name in ("batches", "one_by_one")]  # fmt: skip
    ratio = "{median:.2f} ({low:.2f} to {high:.2f})".format(**result["times_as_fast"])
    most = "{median:.2f}".format(**result["at_most"])
    same = "all" if not result["differing"] else f"all but {result['differing']}"
    return [
        result["head"], result["role"], str(result["items"]), result["against"], *times, ratio,
        most, same,
    ]  # fmt: skip


if __name__ == "__main__":
    main()
