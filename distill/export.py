"""From the working folder to `assets/models`: weights, tokenizer, recipe, scores, cards, picture.

`scores.json` holds every number of the cards, so that they can be written again without a model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from distill import bias, cards, evaluation, plot
from distill.recipe import read_recipe
from explain.models import PAIRS, ROLES, stored
from explain.records import InputError

SCORES = "scores.json"


def export(work: Path, to: Path, data: Path, limit: int | None = None) -> None:
    """Copy both models of `work` to `to`, score them on the test rows of `data`, write cards."""
    recipes = {role: read_recipe(work / role) for role in ROLES}
    folders = {role: to / model_name(role) for role in ROLES}
    for role, folder in folders.items():
        stored.copy_model(work / role, folder)
    models = {role: evaluation.stored_model(folder, role) for role, folder in folders.items()}
    report = {
        "pair": "pocket",
        "models": {role: describe(folder) for role, folder in folders.items()},
        "recipe": recipes,
        **evaluation.evaluate(models, data, limit=limit, probes=True),
        "bias": bias.probe(models),
    }
    (to / SCORES).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    write_cards(to)


def write_cards(to: Path) -> None:
    """Write the card of each model in `to`, and the picture of scores, from its `scores.json`."""
    if not (to / SCORES).is_file():
        raise InputError(f"{to} holds no {SCORES}: run `python -m distill export` first.")
    report = json.loads((to / SCORES).read_text(encoding="utf-8"))
    for role in ROLES:
        path = to / report["models"][role]["name"] / "README.md"
        path.write_text(cards.card(role, report), encoding="utf-8")
    plot.draw(report, to / plot.PLOT)


def model_name(role: str) -> str:
    """The pocket model's name, which is its folder's too."""
    return next(iter(PAIRS["pocket"][role].values())).name


def describe(folder: Path) -> dict[str, Any]:
    """Architecture and size of a stored model, read from its files."""
    config = stored.configuration(folder)
    trunk_parameters, head_parameters = stored.sizes(folder)
    return {
        "name": folder.name,
        "architecture": config["model_type"],
        "layers": config.get("n_layers") or config["num_hidden_layers"],
        "width": config.get("dim") or config["hidden_size"],
        "attention_heads": config.get("n_heads") or config["num_attention_heads"],
        "feed_forward": config.get("hidden_dim") or config["intermediate_size"],
        "positions": config["max_position_embeddings"],
        "vocabulary": config["vocab_size"],
        "parameters": trunk_parameters + head_parameters,
        "trunk_parameters": trunk_parameters,
        "bytes": sum(path.stat().st_size for path in stored.weight_files(folder)),
    }
