"""How long one answer takes: each head against the bare model and against transformers.

Pocket pair, batch 1, float32. `bare` is the forward pass on tensors made beforehand, ending where
the wrapper's ends: for fill-mask at the scores of the masked position. `pipeline` is
`transformers.pipeline` around the same loaded model; there is none for questions and choices.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import measure
import torch
from transformers import AutoTokenizer, logging, pipeline

from explain import encoding
from explain.heads import fill_mask, multiple_choice, ner, question_answering, sentiment
from explain.models import ASSETS, HEADS, ROLES, Loaded, load
from explain.models.layers import trunk, vocabulary_logits

GOAL = 1.10  # wrapper over bare forward pass
TASKS = {
    "fill_mask": ("fill-mask", {"top_k": 5}),
    "sentiment": ("text-classification", {"top_k": None}),
    "ner": ("token-classification", {"aggregation_strategy": "first"}),
}
SENTENCE = "Marie Curie was born in Warsaw and moved to Paris to study physics."
PARAGRAPH = (
    "The harbour of Hamburg lies on the river Elbe, some hundred kilometres from the North Sea. "
    "Ships from Rotterdam, Singapore and New York unload there every day, and thousands of "
    "people work in its warehouses. In the nineteenth century the city built the Speicherstadt, a "
    "quarter of red brick on oak piles, where coffee, tea and spices were stored free of duty. "
)
CHOICES = ("She packed her bags.", "She boiled the piano.", "She forgot the moon.", "She slept.")
INPUTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "fill_mask": {
        "sentence": (f"{SENTENCE} Her work made her [MASK].",),
        "paragraph": (f"{PARAGRAPH}Today the city is [MASK].",),
    },
    "sentiment": {"sentence": (SENTENCE,), "paragraph": (PARAGRAPH,)},
    "ner": {"sentence": (SENTENCE,), "paragraph": (PARAGRAPH,)},
    "multiple_choice": {"sentence": (SENTENCE, CHOICES), "paragraph": (PARAGRAPH, CHOICES)},
    "question_answering": {
        "sentence": ("Where was Marie Curie born?", SENTENCE),
        "paragraph": ("What was stored in the Speicherstadt?", PARAGRAPH),
    },
}
VERBS: dict[str, Callable[..., Any]] = {
    "fill_mask": fill_mask.fill,
    "sentiment": sentiment.classify,
    "ner": ner.tag,
    "multiple_choice": multiple_choice.choose,
    "question_answering": question_answering.answer,
}


def main() -> None:
    """Measure every head of both models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=60, help="laps of each (60)")
    options = parser.parse_args()
    logging.set_verbosity_error()
    results = [
        measured(head, role, size, options.repeats)
        for head in HEADS
        for role in ROLES
        for size in INPUTS[head]
    ]
    titles = ("head", "model", "input", "pieces", "wrapper ms", "bare ms", "pipeline ms")
    measure.table(
        (*titles, "wrapper / bare", "wrapper / pipeline"), [line(result) for result in results]
    )
    worst = max(result["wrapper_to_bare"]["median"] for result in results)
    print(f"\nworst wrapper / bare: {worst:.3f}; goal {GOAL:.2f}")
    measure.report(
        "heads", pair="pocket", batch=1, precision="float32", threads=torch.get_num_threads(),
        attention="sdpa", repeats=options.repeats, unit="ms", results=results,
        goal={"wrapper_to_bare": GOAL, "worst": worst, "met": worst <= GOAL},
    )  # fmt: skip


def measured(head: str, role: str, size: str, repeats: int) -> dict[str, Any]:
    """Laps of one head of one model on one input."""
    loaded, inputs = load(head, role), INPUTS[head][size]
    verb = VERBS[head]
    runners = {"wrapper": lambda: verb(*inputs, loaded), "bare": bare(loaded, inputs)}
    if head in TASKS:
        runners["pipeline"] = piped(loaded, inputs[0])
    times = measure.laps(runners, repeats)
    compared = {
        f"wrapper_to_{name}": measure.ratio(times["wrapper"], times[name])
        for name in runners
        if name != "wrapper"
    }
    return {
        "head": head, "model": loaded.name, "role": role, "input": size,
        "pieces": verb(*inputs, loaded).timing.pieces,
        **{name: measure.spread(values) for name, values in times.items()}, **compared,
    }  # fmt: skip


def bare(loaded: Loaded, inputs: tuple[Any, ...]) -> Callable[[], object]:
    """The forward pass alone, on the tensors that the wrapper makes of `inputs`."""
    with patch.object(encoding, "tensors", wraps=encoding.tensors) as made:
        VERBS[loaded.head](*inputs, loaded)
    assert made.call_count == 1
    tensors = encoding.tensors(*made.call_args.args)
    model = loaded.model
    if loaded.head == "multiple_choice":
        tensors = {name: tensor[None] for name, tensor in tensors.items()}
    mask = tensors["input_ids"] == loaded.tokenizer.mask_token_id

    def forward() -> object:
        with torch.inference_mode():
            if loaded.head == "fill_mask":
                return vocabulary_logits(model, trunk(model)(**tensors).last_hidden_state[mask])
            return model(**tensors)

    return forward


def piped(loaded: Loaded, text: str) -> Callable[[], object]:
    """The pipeline of transformers around the same model, with a tokenizer as it comes."""
    task, settings = TASKS[loaded.head]
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / loaded.name, local_files_only=True)
    pipe = pipeline(task, model=loaded.model, tokenizer=tokenizer, device="cpu", **settings)
    return lambda: pipe(text)


def line(result: dict[str, Any]) -> list[str]:
    """One row of the table."""
    cells = [result[key] for key in ("head", "role", "input")] + [str(result["pieces"])]
    for name in ("wrapper", "bare", "pipeline"):
        figures = result.get(name)
        shown = figures and "{median:.2f} ({p25:.2f} to {p75:.2f})".format(**figures)
        cells.append(shown or "none")
    for name in ("wrapper_to_bare", "wrapper_to_pipeline"):
        figures = result.get(name)
        shown = figures and "{median:.3f} ({low:.3f} to {high:.3f})".format(**figures)
        cells.append(shown or "none")
    return cells


if __name__ == "__main__":
    main()
