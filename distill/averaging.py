"""The mean of a model's weights before and after further training.

What a long training on text gains and what it costs the labelled tasks lie along one line in the
space of weights: between both ends most of the gain is kept and nearly nothing is lost. Wortsman et
al. (2022), "Robust fine-tuning of zero-shot models", arXiv 2109.01903.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from distill.recipe import RECIPE, read_recipe
from explain.models import multitask, stored
from explain.models.tokenizer import read_tokenizer
from explain.records import InputError


def average(trained: Path, before: Path, share: float, folder: Path) -> None:
    """Write the model `share` x trained + (1 - share) x before to `folder`, with its recipe.

    Both are folders of stored models of one shape, the second one an earlier state of the first.
    """
    if not 0 < share < 1:
        raise InputError(f"--share is between 0 and 1, not {share:g}.")
    after, models = stored.read(trained), stored.read(before)
    own, earlier = multitask.named_tensors(after), multitask.named_tensors(models)
    if {n: t.shape for n, t in own.items()} != {n: t.shape for n, t in earlier.items()}:
        raise InputError(f"{trained} and {before} are models of different shapes.")
    mean = {n: (share * own[n] + (1 - share) * earlier[n]).detach().clone() for n in own}
    multitask.load_tensors(after, mean)
    family = next(iter(after.values())).config.model_type
    stored.save(after, read_tokenizer(stored.vocabulary(trained), family), folder)
    recipe = averaged(read_recipe(trained), read_recipe(before), share)
    (folder / RECIPE).write_text(json.dumps(recipe, indent=1) + "\n", encoding="utf-8")


def averaged(trained: dict[str, Any], before: dict[str, Any], share: float) -> dict[str, Any]:
    """The recipe of the mean: that of the trained model, and what it was averaged with."""
    trainings = len(trained.get("before", [])) - len(before.get("before", []))
    if trainings < 1:
        raise InputError("The second model is not an earlier state of the first.")
    return trained | {"averaged": {"share": share, "trainings": trainings}}
